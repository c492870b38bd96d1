import { type Bundle, bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, VerificationError, Verifier } from '@sigstore/verify';
import { AppstoreError } from '../../../domain/errors.ts';
import {
  payloadType,
  readStatement,
  type SignedIndex,
  type SignedSubject,
} from '../../../domain/index-statement.ts';
import { readBundle } from '../../../domain/sigstore-bundle.ts';

/**
 * Checks a keyless signature, offline: the certificate leads to the root of trust, it was valid when the signature was made, which logs or
 * timestamps witness that the root names, and what is signed is what they saw. Who made it is told, and judged by whoever asks.
 *
 * @param root Sigstore's root of trust as JSON
 * @returns why it does not count, where it does not
 * @throws AppstoreError USAGE for a root that is none
 */
export function verifyKeyless(text: string, root: string, subject: SignedSubject): SignedIndex | string {
  const signed = readBundle(text);
  if (typeof signed === 'string') return signed;
  if (signed.payloadType !== payloadType) return 'it signs something else than a statement';
  const verifier = verifierOf(root);
  const by = signerOf(text, verifier);
  if (typeof by === 'string') return by;
  const statement = readStatement(Buffer.from(signed.payload).toString('utf8'), subject);
  return typeof statement === 'string' ? statement : { ...statement, ...by };
}

function verifierOf(text: string): Verifier {
  const root = readRoot(text);
  // What the root names has to be there: a log that is left out of a bundle is no way around it.
  return new Verifier(toTrustMaterial(root), {
    ctlogThreshold: root.ctlogs.length > 0 ? 1 : 0,
    tlogThreshold: root.tlogs.length > 0 ? 1 : 0,
    timestampThreshold: 1,
  });
}

/** Throws USAGE for what is no root of trust, or witnesses nothing. */
export function readRoot(text: string): TrustedRoot {
  const root = parseRoot(text);
  const { certificateAuthorities, tlogs, timestampAuthorities } = root;
  if (certificateAuthorities.length === 0) throw noRoot('it names no authority for certificates');
  if (tlogs.length + timestampAuthorities.length === 0)
    throw noRoot(
      'it names neither a log nor a timestamp authority: nothing could tell when a signature was made',
    );
  return root;
}

function parseRoot(text: string): TrustedRoot {
  try {
    const root = TrustedRoot.fromJSON(JSON.parse(text));
    toTrustMaterial(root);
    return root;
  } catch (error) {
    throw noRoot(error instanceof Error ? error.message : String(error));
  }
}

function noRoot(why: string): AppstoreError {
  return new AppstoreError('USAGE', `this is no root of trust of Sigstore that can be used: ${why}`, {
    hint: 'Name a `trusted_root.json`, as `cosign trusted-root create` writes it.',
  });
}

function signerOf(text: string, verifier: Verifier): { signer: string; issuer: string } | string {
  try {
    const bundle: Bundle = bundleFromJSON(JSON.parse(text));
    const { identity } = verifier.verify(toSignedEntity(bundle));
    const [signer, issuer] = [identity?.subjectAlternativeName, identity?.extensions?.issuer];
    if (signer === undefined || issuer === undefined) return 'its certificate names nobody';
    return { signer, issuer };
  } catch (error) {
    return reasonOf(error);
  }
}

const reasons: Readonly<Record<string, string>> = {
  CERTIFICATE_ERROR: 'its certificate does not count',
  TIMESTAMP_ERROR: 'nothing that counts witnesses when it was made',
  TLOG_ERROR: 'it is in no log that the root of trust names',
  TLOG_MISSING_INCLUSION_ERROR: 'it is not shown to be in the log',
  TLOG_INCLUSION_PROOF_ERROR: 'it is not shown to be in the log',
  TLOG_INCLUSION_PROMISE_ERROR: 'it is not shown to be in the log',
  TLOG_BODY_ERROR: 'the log has another signature than it',
  SIGNATURE_ERROR: 'it was not made with the key of its certificate',
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it is damaged';
  if (!(error instanceof VerificationError)) return `it is damaged (${error.message})`;
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${reasons[error.code] ?? 'it does not hold'} (${error.message}${cause})`;
}
