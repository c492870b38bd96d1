import type { CatalogIndex } from '../../../domain/catalog-index.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import type { MadeSignature, SignatureRequest } from '../../../services/catalog-maker.ts';
import { gzip } from '../archive/gzip.ts';
import { IndexRefused } from '../helm/sections.ts';
import { emptyIndex } from '../site/published.ts';
import { wholeIndex } from '../site/read-index.ts';
import { type IndexSigner, indexSigner, leftUnsigned, requireSigned } from '../trust/signer.ts';
import { type FoundIndex, findIndex, type IndexPlace, indexRepository } from './index-artifact.ts';
import { textOf } from './publish-index.ts';
import { attachSignatures, readSignatures } from './signatures.ts';
import { inTurn } from './turns.ts';
import { emptyConfig, indexArtifact } from './types.ts';
import { openUploads } from './upload.ts';

export interface SignedPushRequest extends IndexPlace {
  readonly sign?: SignatureRequest;
  /** Folder where Sigstore's public root of trust is kept. */
  readonly roots: string;
}

/** Another signed push was through first: what it published is there now, and this one has to begin anew with it. */
export class Overtaken extends AppstoreError {}

/** A push whose index is signed. */
export interface SignedPush {
  /** What was pushed before: as it was signed, where it was. */
  readonly published: CatalogIndex;
  /**
   * Signs an index and puts it into its place, where that is still as it was found; while this goes on no other signed push does. What
   * others leave beside it (publish-index.ts) is not laid in: whoever may write there would have it signed.
   *
   * @throws AppstoreError Overtaken, and what signing and asking throw
   */
  publish(index: CatalogIndex, signal: AbortSignal): Promise<MadeSignature>;
}

/**
 * Whoever signs what is pushed, found before anything is. Nothing is built upon an index that is not the one which was signed.
 *
 * @returns undefined where nobody signs, and nobody did before
 * @throws AppstoreError USAGE for a signed catalog that would be left without, CATALOG_INVALID, and what `indexSigner` throws
 */
export async function openSigned(
  request: SignedPushRequest,
  signal: AbortSignal,
): Promise<SignedPush | undefined> {
  const { location, registry, sign, roots } = request;
  const found = await find(request, signal);
  const text = found === undefined ? '' : await readSignatures(registry, location, found.digest, signal);
  const anew = 'push to another path';
  if (sign === undefined) {
    if (text !== '') throw leftUnsigned(location, anew);
    return undefined;
  }
  const before = text === '' ? undefined : text;
  const began = performance.now();
  // What goes before may take long.
  const now = () => new Date(sign.now.getTime() + performance.now() - began);
  const signer = await indexSigner(sign, { before, where: location, anew, roots, subject: 'appstore-index' });
  if (found !== undefined) requireSigned(signer, found.digest, location);
  return {
    published: await unlessRefused(location, async () =>
      found === undefined ? emptyIndex : wholeIndex(found.read()),
    ),
    publish: (index, ending) =>
      inTurn(request, { now, signal: ending }, async (turn) => {
        const there = await find(request, turn);
        if (there?.digest !== found?.digest) throw overtaken(location);
        return put(request, signer, index, turn);
      }),
  };
}

/** The signatures come first: whoever finds the index finds them. */
async function put(
  { location, registry }: IndexPlace,
  signer: IndexSigner,
  index: CatalogIndex,
  signal: AbortSignal,
): Promise<MadeSignature> {
  const uploads = openUploads(registry, ...indexRepository(location));
  const config = await uploads.blob(emptyConfig, Buffer.from('{}'), signal);
  const layer = await uploads.blob(indexArtifact.content, gzip(Buffer.from(textOf(index))), signal);
  const { artifactType, tag } = indexArtifact;
  // Every signature is of a manifest of its own, so that none of before is attached to it.
  const annotations = { [`${artifactType}.version`]: String(signer.version) };
  const content = { artifactType, config: { ...config }, layers: [{ ...layer }], annotations };
  const subject = uploads.describe(content);
  const { text, signed } = await signer.sign(subject.digest);
  await attachSignatures(registry, location, { subject, text }, signal);
  await uploads.manifest(tag, content, signal);
  return signed;
}

function find({ location, registry }: IndexPlace, signal: AbortSignal): Promise<FoundIndex | undefined> {
  return unlessRefused(location, () => findIndex(registry, location, signal));
}

async function unlessRefused<T>(location: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof IndexRefused)) throw error;
    throw new AppstoreError('CATALOG_INVALID', `the index at ${location} ${error.message}.`, {
      hint: 'Push to another path, or delete the index in the registry.',
      cause: error,
    });
  }
}

function overtaken(location: string): Overtaken {
  return new Overtaken(
    'CATALOG_UNREACHABLE',
    `the index at ${location} was written by somebody else while this push went on.`,
    {
      hint: 'The apps are there, and nothing was signed. Push again when fewer push at the same moment.',
    },
  );
}
