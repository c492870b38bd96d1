import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { AppstoreError } from '../../domain/errors.ts';
import type { Random } from '../../services/ports.ts';

/** Seals what a browser keeps for us, so that it can neither be read nor changed there. */
export interface Sealer {
  /** @param purpose What it is for: what was sealed for one thing is nothing for another */
  seal(purpose: string, data: unknown): string;
  /** Undefined where it was not sealed by one of the keys for this purpose. */
  open(purpose: string, sealed: string): unknown;
}

/** Fewest characters of a key: 32 random bytes in base64 have 44. */
const shortestKey = 32;
/** Bytes of a nonce and of a tag of AES-GCM (NIST SP 800-38D). */
const nonceLength = 12;
const tagLength = 16;
/** Characters that tell which key was used. */
const nameLength = 8;

interface Key {
  readonly name: string;
  readonly secret: Buffer;
}

/**
 * AES-256-GCM, each key derived from a text that only the operator knows. The first key seals and all of them open: a new one is put in
 * front, and the old one goes when the longest session is over.
 * @param texts What the key files hold
 * @throws AppstoreError USAGE where there is no key, or one is too short to be one
 */
export function createSealer(texts: readonly string[], random: Random): Sealer {
  const keys = texts.map((text) => deriveKey(text.trim()));
  const [first] = keys;
  if (first === undefined)
    throw new AppstoreError('USAGE', 'sessions need a key', {
      hint: 'Make one with `openssl rand -base64 32`, and name its file: `--session-key-file FILE`.',
    });
  return {
    seal(purpose, data) {
      const nonce = random.bytes(nonceLength);
      const cipher = createCipheriv('aes-256-gcm', first.secret, nonce);
      cipher.setAAD(Buffer.from(purpose));
      const body = Buffer.concat([cipher.update(JSON.stringify(data), 'utf8'), cipher.final()]);
      return `${first.name}${Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')}`;
    },
    open(purpose, sealed) {
      const key = keys.find(({ name }) => sealed.startsWith(name));
      return key === undefined ? undefined : openWith(key, purpose, sealed.slice(nameLength));
    },
  };
}

function deriveKey(text: string): Key {
  if (text.length < shortestKey)
    throw new AppstoreError(
      'USAGE',
      `a session key has ${text.length} characters: too few to be random enough`,
      {
        hint: 'Make one with `openssl rand -base64 32`.',
      },
    );
  const derived = (use: string, length: number) =>
    Buffer.from(hkdfSync('sha256', text, '', `appstore session ${use}`, length));
  const name = createHash('sha256').update(derived('name', 32)).digest('base64url').slice(0, nameLength);
  return { name, secret: derived('key', 32) };
}

function openWith({ secret }: Key, purpose: string, text: string): unknown {
  const sealed = Buffer.from(text, 'base64url');
  if (sealed.length <= nonceLength + tagLength) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', secret, sealed.subarray(0, nonceLength), {
    authTagLength: tagLength,
  });
  decipher.setAAD(Buffer.from(purpose));
  decipher.setAuthTag(sealed.subarray(-tagLength));
  try {
    const body = decipher.update(sealed.subarray(nonceLength, -tagLength));
    return JSON.parse(Buffer.concat([body, decipher.final()]).toString('utf8'));
  } catch {
    // Whoever changed it learns nothing but that it does not count.
    return undefined;
  }
}
