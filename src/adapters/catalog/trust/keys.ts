import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { AppstoreError } from '../../../domain/errors.ts';

/**
 * A private key that signs: Ed25519, or ECDSA on P-256, which cosign and cloud key services make.
 *
 * @throws AppstoreError USAGE
 */
export function signingKey(pem: string): KeyObject {
  return readKey(pem, 'private', createPrivateKey);
}

/**
 * A public key that signatures are checked with.
 *
 * @throws AppstoreError USAGE where it is none, also where it is the private one, which belongs to whoever signs alone
 */
export function verifyingKey(pem: string): KeyObject {
  if (pem.includes('PRIVATE KEY'))
    throw new AppstoreError('USAGE', 'this is a private key, and the public one is asked for', {
      hint: 'Name the file that ends with `.pub`, and keep the private one to yourself.',
    });
  return readKey(pem, 'public', createPublicKey);
}

/** `sha256:<hex>` of the public key in DER form: how people compare keys. */
export function keyId(key: KeyObject): string {
  return `sha256:${fingerprint(key).toString('hex')}`;
}

/** The same as the hint of a Sigstore bundle. */
export function keyHint(key: KeyObject): string {
  return fingerprint(key).toString('base64');
}

/** The hash that a key signs with; none of its own for Ed25519. */
export function hashOf(key: KeyObject): 'sha256' | null {
  return key.asymmetricKeyType === 'ec' ? 'sha256' : null;
}

function fingerprint(key: KeyObject): Buffer {
  const der = publicPart(key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest();
}

function publicPart(key: KeyObject): KeyObject {
  return key.type === 'public' ? key : createPublicKey(key);
}

function readKey(pem: string, what: 'private' | 'public', read: (pem: string) => KeyObject): KeyObject {
  const key = tryRead(pem, read);
  if (key === undefined)
    throw new AppstoreError('USAGE', `this is no ${what} key in PEM form, or one with a passphrase`, {
      hint: 'Make a pair with `appstore approve --new-key FILE`. Keys with a passphrase are not read.',
    });
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ed25519' || (type === 'ec' && details?.namedCurve === 'prime256v1')) return key;
  throw new AppstoreError('USAGE', `a key of the type ${type ?? 'unknown'} is not used for signatures here`, {
    hint: 'It has to be Ed25519, or ECDSA on P-256. `appstore approve --new-key FILE` makes one.',
  });
}

function tryRead(pem: string, read: (pem: string) => KeyObject): KeyObject | undefined {
  try {
    return read(pem);
  } catch {
    return undefined;
  }
}
