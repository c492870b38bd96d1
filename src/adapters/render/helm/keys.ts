import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * A new private key in PEM, of the forms that Sprig gives out: PKCS #1 for RSA; for DSA OpenSSL's own, which the engine makes of
 * PKCS #8.
 */
export async function makeKey(wanted: { readonly kind: string; readonly bits: number }): Promise<string> {
  const { kind, bits } = wanted;
  // Here, not above: node:crypto takes 8 ms to load, and most charts make no keys.
  const generate = promisify(generateKeyPair);
  if (kind === 'dsa') {
    const { privateKey } = await generate('dsa', {
      modulusLength: bits,
      divisorLength: 256,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    return privateKey;
  }
  const { privateKey } = await generate('rsa', {
    modulusLength: bits,
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return privateKey;
}
