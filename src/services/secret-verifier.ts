import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import type { SealedSecret } from '../domain/plan-file.ts';

/** N=2^15, r=8, p=1: 32 MiB and some 100 ms a guess (OWASP password storage). */
const scrypt = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const;

/** What a secret is recognised by, without telling it. */
export function verifierOf(secret: string): Required<Pick<SealedSecret, 'salt' | 'verifier'>> {
  const salt = randomBytes(16);
  return { salt: salt.toString('base64'), verifier: derive(secret, salt).toString('base64') };
}

/** True where this is the secret that the verifier was made of. */
export function isSecret(secret: string, { salt = '', verifier = '' }: SealedSecret): boolean {
  const wanted = Buffer.from(verifier, 'base64');
  const found = derive(secret, Buffer.from(salt, 'base64'));
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}

function derive(secret: string, salt: Buffer): Buffer {
  return scryptSync(secret, salt, 32, scrypt);
}
