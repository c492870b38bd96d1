import { AppstoreError } from '../../../domain/errors.ts';
import { isObject, type JsonObject } from '../../../domain/json.ts';
import { longestSignature } from '../../../domain/sigstore-bundle.ts';
import { failure } from '../http/errors.ts';
import { digestOf } from '../opened.ts';
import { placeOf, repositoryIn } from './index-artifact.ts';
import { openRepository } from './registry.ts';
import { longestDocument, openSession, type RegistrySettings } from './session.ts';
import { emptyConfig, indexArtifact, manifestType } from './types.ts';
import { openUploads } from './upload.ts';

/** A bundle as cosign attaches it, too. */
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const listType = 'application/vnd.oci.image.index.v1+json';

/** Signatures of one index that are looked at: a signed push makes one a signer, and a new index with it. */
const most = 16;

/** A manifest that others refer to. */
export interface Subject {
  readonly digest: string;
  readonly size: number;
}

/**
 * The signature bundles that are attached to the index of a catalog, one a line; `''` where there is none.
 *
 * @throws AppstoreError CATALOG_INVALID for a list that is none, and what asking throws
 */
export async function readSignatures(
  settings: RegistrySettings,
  location: string,
  digest: string,
  signal: AbortSignal,
): Promise<string> {
  const { host, repository } = indexRepository(location);
  const opened = openRepository(settings, host, repository);
  const texts: string[] = [];
  for (const signature of await listed(settings, location, digest, signal)) {
    const manifest = await opened.manifest(signature, signal);
    const layers = Array.isArray(manifest?.content.layers) ? manifest.content.layers.filter(isObject) : [];
    const blob = layers.find(({ mediaType }) => mediaType === bundleType);
    const { digest: at, size } = blob ?? {};
    if (!isDigest(at) || typeof size !== 'number' || !(size >= 0 && size <= longestSignature)) continue;
    const text = (await opened.blob({ digest: at, size }, signal)).toString('utf8');
    texts.push(text.replace(/\s*\n\s*/g, ' ').trim());
  }
  return texts.map((text) => `${text}\n`).join('');
}

/** By the API for referrers, and where the registry has none by the tag that stands in for it (OCI distribution spec 1.1). */
async function listed(
  settings: RegistrySettings,
  location: string,
  digest: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { host, repository } = indexRepository(location);
  const session = openSession(settings, { host, repository, actions: 'pull' });
  const answer = await session.ask(
    `/v2/${repository}/referrers/${digest}?artifactType=${encodeURIComponent(bundleType)}`,
    { limit: longestDocument, headers: { accept: listType } },
    signal,
  );
  const list =
    answer.status === 200
      ? parse(location, answer.bytes)
      : (await openRepository(settings, host, repository).manifest(tagFor(digest), signal))?.content;
  const manifests = Array.isArray(list?.manifests) ? list.manifests.filter(isObject) : [];
  const found = manifests.flatMap(({ artifactType, digest: one }) =>
    artifactType === bundleType && isDigest(one) ? [one] : [],
  );
  if (found.length <= most) return found;
  throw new AppstoreError(
    'CATALOG_INVALID',
    `${location}: ${found.length} signatures are attached to the index; at most ${most} are looked at.`,
    { hint: 'Somebody else writes there, too. Ask who runs the catalog to delete what is not theirs.' },
  );
}

/**
 * Attaches the bundles of a signature file to the index of a catalog. The index itself may come after it: who reads it finds its signature.
 *
 * @param text a bundle a line
 * @throws AppstoreError CATALOG_FORBIDDEN, CATALOG_UNREACHABLE
 */
export async function attachSignatures(
  settings: RegistrySettings,
  location: string,
  { subject, text }: { readonly subject: Subject; readonly text: string },
  signal: AbortSignal,
): Promise<void> {
  const { host, repository } = indexRepository(location);
  const uploads = openUploads(settings, host, repository);
  const config = await uploads.blob(emptyConfig, Buffer.from('{}'), signal);
  for (const bundle of text.split('\n').filter((line) => line !== '')) {
    const layer = await uploads.blob(bundleType, Buffer.from(`${bundle}\n`), signal);
    const manifest = jsonBytes({
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType: bundleType,
      config: { ...config },
      layers: [{ ...layer }],
      subject: { mediaType: manifestType, digest: subject.digest, size: subject.size },
      annotations: { 'dev.sigstore.bundle.content': 'dsse-envelope' },
    });
    const isKnown = await put(
      settings,
      location,
      { at: digestOf(manifest), type: manifestType, bytes: manifest },
      signal,
    );
    if (!isKnown) await addToTag(settings, location, { subject, manifest }, signal);
  }
}

/** A registry that does not list referrers itself is told by a tag. */
async function addToTag(
  settings: RegistrySettings,
  location: string,
  { subject, manifest }: { readonly subject: Subject; readonly manifest: Buffer },
  signal: AbortSignal,
): Promise<void> {
  const { host, repository } = indexRepository(location);
  const tag = tagFor(subject.digest);
  const before = await openRepository(settings, host, repository).manifest(tag, signal);
  const manifests = Array.isArray(before?.content.manifests) ? before.content.manifests : [];
  const own = {
    mediaType: manifestType,
    digest: digestOf(manifest),
    size: manifest.length,
    artifactType: bundleType,
  };
  const list = { schemaVersion: 2, mediaType: listType, manifests: [...manifests, own] };
  await put(settings, location, { at: tag, type: listType, bytes: jsonBytes(list) }, signal);
}

/** Answers whether the registry says that it lists referrers. */
async function put(
  settings: RegistrySettings,
  location: string,
  { at, type, bytes }: { readonly at: string; readonly type: string; readonly bytes: Buffer },
  signal: AbortSignal,
): Promise<boolean> {
  const { host, repository } = indexRepository(location);
  const session = openSession(settings, { host, repository, actions: 'pull,push' });
  const answer = await session.ask(
    `/v2/${repository}/manifests/${at}`,
    {
      limit: longestDocument,
      write: { method: 'PUT', body: bytes },
      headers: { 'content-type': type, 'content-length': String(bytes.length) },
      also: [201],
    },
    signal,
  );
  if (answer.status === 201) return answer.header('oci-subject') !== undefined;
  throw failure(
    'CATALOG_UNREACHABLE',
    `oci://${host}/${repository}`,
    answer.url,
    `the registry refuses the signature (${answer.status})`,
  );
}

function indexRepository(location: string): { readonly host: string; readonly repository: string } {
  const { host, path } = placeOf(location);
  return { host, repository: repositoryIn(path, indexArtifact.repository) };
}

/** `sha256:ab` -> `sha256-ab` */
function tagFor(digest: string): string {
  return digest.replace(':', '-');
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value);
}

function jsonBytes(content: object): Buffer {
  return Buffer.from(JSON.stringify(content));
}

function parse(location: string, bytes: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (isObject(value)) return value;
  } catch {
    // told below
  }
  throw new AppstoreError('CATALOG_INVALID', `${location}: the list of signatures is none.`, {
    hint: 'Check the address: is there a registry at this host?',
  });
}
