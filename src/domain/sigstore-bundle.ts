import { isObject } from './json.ts';

/** A signature over a text with its type (DSSE), as a Sigstore bundle carries it. */
export interface SignedPayload {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** Bytes that a bundle may have: ours have about 1,200, keyless ones with their certificate and log entries below 20,000. */
export const longestBundle = 64 * 1024;

/** Bundles that a signature file may have, one a line, while a signer is changed. */
const mostBundles = 8;

/** Bytes that a signature file may have. */
export const longestSignature = mostBundles * longestBundle;

/**
 * The bundles of a signature file: one as a whole, or one a line where several sign the same.
 *
 * @returns why it holds none, where it holds none
 */
export function splitBundles(text: string): readonly string[] | string {
  if (text.length > longestSignature) return `it is larger than ${longestSignature} bytes`;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  // A bundle that other tools wrote may be spread over many lines.
  if (!lines.every((line) => line.startsWith('{') && line.trimEnd().endsWith('}'))) return [text];
  if (lines.length > mostBundles) return `it has more than ${mostBundles} signatures`;
  return lines.length === 0 ? [text] : lines;
}

const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/**
 * A bundle of a signature by a key (sigstore/protobuf-specs, `Bundle` v0.3), so that other tools read it.
 *
 * @param hint of the public key: base64 of the sha256 of its DER form, as cosign writes it
 */
export function writeBundle({ payloadType, payload, signature }: SignedPayload, hint: string): string {
  return `${JSON.stringify({
    mediaType,
    verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
    dsseEnvelope: {
      payload: base64(payload),
      payloadType,
      signatures: [{ sig: base64(signature), keyid: '' }],
    },
  })}\n`;
}

/**
 * Reads the envelope of a bundle. What a bundle says of its key is a hint and not read: which key counts is known beforehand.
 *
 * @returns why it is none, where it is none
 */
export function readBundle(text: string): SignedPayload | string {
  if (text.length > longestBundle) return `it is larger than ${longestBundle} bytes`;
  const bundle = parse(text);
  if (bundle === undefined) return 'it is not JSON';
  if (!isObject(bundle) || !isBundleType(bundle.mediaType)) return 'it is no Sigstore bundle';
  const envelope = bundle.dsseEnvelope;
  if (!isObject(envelope)) return 'it has no DSSE envelope';
  const { payload, payloadType, signatures } = envelope;
  if (typeof payloadType !== 'string') return 'its envelope says no type';
  const [first, ...more] = Array.isArray(signatures) ? signatures : [];
  // The bundle format allows one signature exactly.
  if (!isObject(first) || more.length > 0) return 'its envelope does not have one signature';
  const [content, signature] = [bytes(payload), bytes(first.sig)];
  if (content === undefined || signature === undefined) return 'its envelope is not base64';
  return { payloadType, payload: content, signature };
}

/** True for a bundle with a certificate (a keyless signature), whether or not it is good for anything. */
export function hasCertificate(text: string): boolean {
  const bundle = text.length > longestBundle ? undefined : parse(text);
  const material = isObject(bundle) ? bundle.verificationMaterial : undefined;
  return isObject(material) && (isObject(material.certificate) || isObject(material.x509CertificateChain));
}

/** What is signed: the type goes in with the text, so that a signature over one kind of text is none over another (DSSE v1). */
export function preAuthEncoding({
  payloadType,
  payload,
}: Pick<SignedPayload, 'payloadType' | 'payload'>): Uint8Array {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

/** All of 0.3 have the same envelope. */
function isBundleType(value: unknown): boolean {
  return value === mediaType || value === 'application/vnd.dev.sigstore.bundle+json;version=0.3';
}

function bytes(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'string' || value === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return undefined;
  return Buffer.from(value, 'base64');
}

function base64(content: Uint8Array): string {
  return Buffer.from(content).toString('base64');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
