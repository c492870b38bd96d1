import { type KeyObject, verify } from 'node:crypto';
import {
  type IndexStatement,
  payloadType,
  readStatement,
  type SignedSubject,
} from '../../../domain/index-statement.ts';
import { preAuthEncoding, readBundle, type SignedPayload } from '../../../domain/sigstore-bundle.ts';
import { hashOf } from './keys.ts';

/**
 * What a signer says of an index. Nothing of it is read before its signature is known to be that of the key.
 *
 * @returns why it does not count, where it does not
 */
export function verifyBundle(text: string, key: KeyObject, subject?: SignedSubject): IndexStatement | string {
  const signed = readBundle(text);
  if (typeof signed === 'string') return signed;
  if (signed.payloadType !== payloadType) return 'it signs something else than a statement';
  if (!isSignedBy(signed, key)) return 'it was not made with the key that the catalog is pinned to';
  return readStatement(Buffer.from(signed.payload).toString('utf8'), subject);
}

function isSignedBy(signed: SignedPayload, key: KeyObject): boolean {
  try {
    return verify(hashOf(key), preAuthEncoding(signed), key, signed.signature);
  } catch {
    return false;
  }
}
