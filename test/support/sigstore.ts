import { createHash, generateKeyPairSync } from 'node:crypto';
import {
  fulcioHandler,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  initializeTSA,
  rekorHandler,
  tsaHandler,
} from '@sigstore/mock';
import { HashAlgorithm, PublicKeyDetails, TrustedRoot } from '@sigstore/protobuf-specs';
import { vi } from 'vitest';
import type { KeylessRequest } from '../../src/services/catalog-maker.ts';
import { webServer } from './web-server.ts';

/** Whoever signs in tests. */
export const ann = { identity: 'https://ci.example/acme/apps@main', issuer: 'https://accounts.example' };
export const bob = { identity: 'https://ci.example/bob/apps@main', issuer: 'https://accounts.example' };

/** A token as providers of identities make it; nobody checks its signature here. */
export function identityToken({ identity, issuer } = ann): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: identity, iss: issuer, aud: 'sigstore' })}.c2lnbmF0dXJl`;
}

export interface FakeSigstoreOptions {
  /** When certificates are issued; now if not given. They live for ten minutes. */
  readonly issued?: Date;
  /** What the clocks of the log and of the timestamp authority say; a minute from now if not given. */
  readonly witnessed?: Date;
  /** What the root of trust leaves out. */
  readonly without?: readonly ('ctlogs' | 'tlogs' | 'timestampAuthorities')[];
}

/** An instance of Sigstore of a test: issues certificates, keeps a log and makes timestamps, behind a server. */
export async function fakeSigstore({ issued, witnessed, without = [] }: FakeSigstoreOptions = {}) {
  const pair = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
  // Whole seconds: the mock writes fractions of them in a way that its own library does not read.
  const seen = new Date(Math.floor((witnessed?.getTime() ?? Date.now() + 60_000) / 1000) * 1000);
  // The authorities themselves are a day old: their certificates begin when they are made.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 24 * 3_600_000 });
  const ctlog = await initializeCTLog(pair('P-256'), issued);
  const ca = await initializeCA(pair('P-384'), ctlog, issued);
  const tlog = await initializeTLog('https://rekor.example', pair('P-256'), seen);
  const tsa = await initializeTSA(pair('P-384'), seen);
  vi.useRealTimers();
  const handlers = [fulcioHandler(ca), rekorHandler(tlog), tsaHandler(tsa)];
  const server = await webServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const handler = handlers.find(({ path }) => path === request.url);
    if (handler === undefined) return void response.writeHead(404).end();
    const answer = await handler.fn(asRekorKeepsIt(Buffer.concat(chunks).toString('utf8')));
    response
      .writeHead(answer.statusCode, { 'content-type': answer.contentType ?? 'text/plain' })
      .end(answer.response);
  });
  const always = { start: new Date(0) };
  const log = (publicKey: Buffer) => ({
    baseUrl: 'https://rekor.example',
    hashAlgorithm: HashAlgorithm.SHA2_256,
    logId: { keyId: createHash('sha256').update(publicKey).digest() },
    publicKey: {
      rawBytes: publicKey,
      keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256,
      validFor: always,
    },
    checkpointKeyId: undefined,
    operator: '',
  });
  const authority = (...certificates: readonly ArrayBufferView[]) => ({
    subject: { commonName: 'sigstore', organization: 'sigstore.mock' },
    uri: 'https://ca.example',
    certChain: {
      certificates: certificates.map((view) => ({
        rawBytes: Buffer.from(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength),
      })),
    },
    validFor: always,
    operator: '',
  });
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    certificateAuthorities: [authority(ca.rootCertificate)],
    ctlogs: without.includes('ctlogs') ? [] : [log(ctlog.publicKey)],
    tlogs: without.includes('tlogs') ? [] : [log(tlog.publicKey)],
    timestampAuthorities: without.includes('timestampAuthorities')
      ? []
      : [authority(tsa.intCertificate, tsa.rootCertificate)],
  };
  const trustedRoot = JSON.stringify(TrustedRoot.toJSON(root));
  /** How somebody signs with it: witnessed by its log unless told. */
  const request = (
    who = ann,
    { log: rekor = true, timestamp = false }: { readonly log?: boolean; readonly timestamp?: boolean } = {},
  ): KeylessRequest => ({
    token: identityToken(who),
    fulcio: server.url,
    ...(rekor ? { rekor: server.url } : {}),
    ...(timestamp ? { timestamp: server.url } : {}),
    trustedRoot,
  });
  return { url: server.url, asked: server.asked, trustedRoot, request };
}

/** The mock logs what it is given; Rekor keeps digests in the place of the envelope. */
function asRekorKeepsIt(body: string): string {
  const entry = JSON.parse(body);
  const proposed = entry?.spec?.proposedContent;
  if (entry?.kind !== 'dsse' || proposed === undefined) return body;
  const envelope = JSON.parse(proposed.envelope);
  const sha256 = (bytes: Buffer) => ({
    algorithm: 'sha256',
    value: createHash('sha256').update(bytes).digest('hex'),
  });
  return JSON.stringify({
    apiVersion: entry.apiVersion,
    kind: 'dsse',
    spec: {
      envelopeHash: sha256(Buffer.from(proposed.envelope)),
      payloadHash: sha256(Buffer.from(envelope.payload, 'base64')),
      signatures: [{ signature: envelope.signatures[0].sig, verifier: proposed.verifiers[0] }],
    },
  });
}
