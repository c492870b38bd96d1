import { AppstoreError } from '../../../domain/errors.ts';
import { objectsIn } from '../../../domain/json.ts';
import { longestSignature } from '../../../domain/sigstore-bundle.ts';
import { indexRepository } from './index-artifact.ts';
import { isDigest, openRepository, referrersTag } from './registry.ts';
import type { RegistrySettings } from './session.ts';
import { emptyConfig, listType, manifestType } from './types.ts';
import { openUploads, type PutManifest } from './upload.ts';

/** A bundle as cosign attaches it, too. */
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

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
  const opened = openRepository(settings, ...indexRepository(location));
  const attached = await opened.referrers(digest, bundleType, signal);
  if (attached.length > most)
    throw new AppstoreError(
      'CATALOG_INVALID',
      `${location}: ${attached.length} signatures are attached to the index; at most ${most} are looked at.`,
      { hint: 'Somebody else writes there, too. Ask who runs the catalog to delete what is not theirs.' },
    );
  const texts: string[] = [];
  for (const signature of attached) {
    const manifest = await opened.manifest(signature, signal);
    const blob = objectsIn(manifest?.content.layers).find(({ mediaType }) => mediaType === bundleType);
    const { digest: at, size } = blob ?? {};
    if (!isDigest(at) || typeof size !== 'number' || !(size >= 0 && size <= longestSignature)) continue;
    const text = (await opened.blob({ digest: at, size }, signal)).toString('utf8');
    texts.push(text.replace(/\s*\n\s*/g, ' ').trim());
  }
  return texts.map((text) => `${text}\n`).join('');
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
  const uploads = openUploads(settings, ...indexRepository(location));
  const config = await uploads.blob(emptyConfig, Buffer.from('{}'), signal);
  for (const bundle of text.split('\n').filter((line) => line !== '')) {
    const layer = await uploads.blob(bundleType, Buffer.from(`${bundle}\n`), signal);
    const content = {
      artifactType: bundleType,
      config: { ...config },
      layers: [{ ...layer }],
      subject: { mediaType: manifestType, digest: subject.digest, size: subject.size },
      annotations: { 'dev.sigstore.bundle.content': 'dsse-envelope' },
    };
    const made = await uploads.manifest(uploads.describe(content).digest, content, signal);
    if (!made.listed) await addToTag(settings, location, { subject, made }, signal);
  }
}

/** A registry that does not list referrers itself is told by a tag. */
async function addToTag(
  settings: RegistrySettings,
  location: string,
  { subject, made }: { readonly subject: Subject; readonly made: PutManifest },
  signal: AbortSignal,
): Promise<void> {
  const place = indexRepository(location);
  const tag = referrersTag(subject.digest);
  const before = await openRepository(settings, ...place).manifest(tag, signal);
  const { digest, size } = made;
  const own = { mediaType: manifestType, digest, size, artifactType: bundleType };
  const manifests = [...objectsIn(before?.content.manifests), own];
  await openUploads(settings, ...place).manifest(tag, { mediaType: listType, manifests }, signal);
}
