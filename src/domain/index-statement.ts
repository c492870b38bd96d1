import { indexFileName } from './catalog-index.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

/** What a signer says of the index of a catalog. */
export interface IndexStatement {
  /** The catalog's own name, which whoever added it may call otherwise: another catalog's index by the same signer is not this one. */
  readonly catalog: string;
  /** Goes up with every signature and never back, so that an index of yesterday cannot stand in for that of today. */
  readonly version: number;
  /** RFC 3339, UTC. */
  readonly issued: string;
  /** RFC 3339, UTC. From then on nobody can tell that there is no newer one. */
  readonly expires: string;
  /** `sha256:<hex>` of the bytes of the index. */
  readonly digest: string;
}

/** Who signed. */
export interface SignerName {
  /** `sha256:<hex>` of the signer's public key; of a short-lived certificate whom it is for: an e-mail address or a URL. */
  readonly signer: string;
  /** Of a certificate: URL of the provider that knows the signer. */
  readonly issuer?: string;
}

/** A signer in words. */
export function signerText({ signer, issuer }: SignerName): string {
  return issuer === undefined ? signer : `${signer} (${issuer})`;
}

/** An index and who signed it. */
export interface SignedIndex extends IndexStatement, SignerName {}

/** A signed index that was found to be good. */
export interface VerifiedIndex extends SignedIndex {
  /** RFC 3339, UTC: when this machine checked the signature. */
  readonly verifiedAt: string;
}

/** What a signature is over, as in-toto names it. */
const statementType = 'https://in-toto.io/Statement/v1';
export const payloadType = 'application/vnd.in-toto+json';
const predicateType = 'https://appstore.dev/catalog-index/v1';

/** What is signed: the index of a site, or the artifact that holds that of a registry. A signature over one is none over the other. */
export type SignedSubject = typeof indexFileName | 'appstore-index';

/** The signature beside the index of a site. */
export const signatureFileName = `${indexFileName}.sigstore.json`;

/** True for a name that a catalog can be signed as. */
export function isSignedName(name: string): boolean {
  return /^[a-z0-9](?:[a-z0-9._/-]{0,198}[a-z0-9])?$/.test(name);
}

/** The statement as the text that is signed (in-toto Statement v1). */
export function writeStatement(
  { digest, ...predicate }: IndexStatement,
  subject: SignedSubject = indexFileName,
): string {
  return JSON.stringify({
    _type: statementType,
    subject: [{ name: subject, digest: { sha256: digest.replace(/^sha256:/, '') } }],
    predicateType,
    predicate,
  });
}

/**
 * Reads a statement whose signature was checked before.
 *
 * @returns why it is none, where it is none
 */
export function readStatement(text: string, subject: SignedSubject = indexFileName): IndexStatement | string {
  const read = parse(text);
  if (!isObject(read) || read._type !== statementType) return 'it is no in-toto statement';
  if (read.predicateType !== predicateType) return 'it is a statement on something else than an index';
  const [digest, predicate] = [digestOf(read.subject, subject), read.predicate];
  if (digest === undefined) return 'it names no index by its sha256';
  if (!isObject(predicate)) return 'it says nothing of the index';
  const { catalog, version, issued, expires } = predicate;
  if (typeof catalog !== 'string' || !isSignedName(catalog)) return 'it names no catalog';
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1)
    return 'its version is no number';
  if (!isTime(issued) || !isTime(expires)) return 'it says no time';
  return { catalog, version, issued, expires, digest };
}

function digestOf(value: Json | undefined, subject: SignedSubject): string | undefined {
  if (!Array.isArray(value) || value.length !== 1) return undefined;
  const [one] = value as readonly Json[];
  if (!isObject(one) || one.name !== subject || !isObject(one.digest)) return undefined;
  const { sha256 } = one.digest;
  return typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) ? `sha256:${sha256}` : undefined;
}

function isTime(value: Json | undefined): value is string {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}

const day = 24 * 3_600_000;

/** True in the last quarter of the time that a signature counts, and in its last week at most: the next one should be there by now. */
export function endsSoon(
  { issued, expires }: Pick<IndexStatement, 'issued' | 'expires'>,
  now: Date,
): boolean {
  const [from, until] = [Date.parse(issued), Date.parse(expires)];
  return until - now.getTime() <= Math.min(7 * day, (until - from) / 4);
}

/** True where the statement speaks for the present. */
export function isCurrent({ expires }: Pick<IndexStatement, 'expires'>, now: Date): boolean {
  return now.getTime() < Date.parse(expires);
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
