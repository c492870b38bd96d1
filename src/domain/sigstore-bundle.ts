import { isObject } from './json.ts';

/** A signature over a text with its type (DSSE), as a Sigstore bundle carries it. */
export interface SignedPayload {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** Bytes that a bundle may have: ours have about 1,200, keyless ones with their certificate and log entries below 20,000. */
export const longestBundle = 64 * 1024;

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
