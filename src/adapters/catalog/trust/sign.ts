import { type KeyObject, sign } from 'node:crypto';
import {
  type IndexStatement,
  payloadType,
  type SignedSubject,
  writeStatement,
} from '../../../domain/index-statement.ts';
import { preAuthEncoding, writeBundle } from '../../../domain/sigstore-bundle.ts';
import { hashOf, keyHint } from './keys.ts';

/** Signs what is said of an index; the text of a Sigstore bundle, in one line. */
export function signStatement(statement: IndexStatement, key: KeyObject, subject?: SignedSubject): string {
  const payload = Buffer.from(writeStatement(statement, subject), 'utf8');
  const signature = sign(hashOf(key), preAuthEncoding({ payloadType, payload }), key);
  return writeBundle({ payloadType, payload, signature }, keyHint(key));
}
