import { createHash } from 'node:crypto';
import { AppstoreError } from '../../../domain/errors.ts';
import type { CatalogEntry, CatalogReading } from '../../../services/catalog-store.ts';
import { askHttp, type HttpAnswer } from '../http/client.ts';
import type { HttpSettings } from '../http/settings.ts';
import type { ReadEntry } from './entries.ts';
import { indexAddress } from './index-address.ts';
import { keptFacts, stillCurrent } from './kept-index.ts';
import type { IndexFacts } from './local-index.ts';
import { longestIndex, readIndex } from './read-index.ts';
import { IndexRefused } from './sections.ts';
import { writeIndex } from './write-index.ts';

export interface UpdateRequest {
  readonly entry: CatalogEntry;
  /** Where its local index lies. */
  readonly file: string;
  readonly http: HttpSettings;
  readonly now: Date;
  readonly signal: AbortSignal;
  /** `sha256:<hex>` that the index has by its signature: another one is not taken, and the same not asked for again. */
  readonly digest?: string;
}

/** What an index is like that is read over HTTP. */
export interface IndexForm {
  /** What has to be at the address, for a hint. */
  readonly is: string;
  readonly accept: string;
  addressOf(location: string): URL;
  /** A server that has no such file, or says so (buckets forbid what is not there), is no failure. */
  readonly mayBeAbsent?: boolean;
  /** Throws IndexRefused. */
  read(chunks: AsyncIterable<Uint8Array>): AsyncIterable<ReadEntry>;
}

const absent: readonly number[] = [401, 403, 404, 410];

const helmForm: IndexForm & { readonly mayBeAbsent?: false } = {
  is: 'an index of a Helm repository',
  accept: 'application/yaml, application/x-yaml, text/yaml, text/plain, */*',
  addressOf: indexAddress,
  read: readIndex,
};

/** Brings the local index of a Helm repository up to date. Throws as `updateIndex` does. */
export function updateHelmIndex(request: UpdateRequest): Promise<CatalogReading> {
  return updateIndex(request, helmForm);
}

/**
 * Brings a local index up to date, with one conditional request. What was there stays where it cannot be had.
 *
 * @throws AppstoreError CATALOG_UNREACHABLE, CATALOG_FORBIDDEN, CATALOG_INVALID, SIGNATURE_INVALID
 */
export async function updateIndex(
  request: UpdateRequest,
  form: IndexForm & { readonly mayBeAbsent?: false },
): Promise<CatalogReading>;
/** Undefined where there may be none, and is none. */
export async function updateIndex(
  request: UpdateRequest,
  form: IndexForm,
): Promise<CatalogReading | undefined>;
export async function updateIndex(
  request: UpdateRequest,
  form: IndexForm,
): Promise<CatalogReading | undefined> {
  const { entry, file, http, now, signal } = request;
  const kept = keptFacts(file, entry.location);
  if (kept !== undefined && kept.digest === request.digest) return stillCurrent(file, kept, now);
  const known = request.digest === undefined ? kept : undefined;
  const answer = await askHttp(http, {
    what: `the index of catalog \`${entry.name}\``,
    url: form.addressOf(entry.location),
    headers: {
      accept: form.accept,
      ...conditions(known),
    },
    also: [304, ...(form.mayBeAbsent === true ? absent : [])],
    limit: longestIndex,
    compressed: true,
    signal,
  });
  try {
    if (answer.status === 304 && known !== undefined) return await stillCurrent(file, known, now);
    if (absent.includes(answer.status)) return undefined;
    return await build(request, form, answer);
  } finally {
    answer.close();
  }
}

function conditions(known: IndexFacts | undefined): Record<string, string> {
  if (known === undefined) return {};
  return {
    ...(known.etag === '' ? {} : { 'if-none-match': known.etag }),
    ...(known.lastModified === '' ? {} : { 'if-modified-since': known.lastModified }),
  };
}

async function build(
  { entry, file, now, digest }: UpdateRequest,
  form: IndexForm,
  answer: HttpAnswer,
): Promise<CatalogReading> {
  const hash = createHash('sha256');
  try {
    const { apps, versions, skipped } = await writeIndex(file, form.read(hashed(answer.body, hash)), () => ({
      location: entry.location,
      read: now.toISOString(),
      etag: answer.header('etag') ?? '',
      lastModified: answer.header('last-modified') ?? '',
      reach: answer.reach,
      digest: requireDigest(entry.name, `sha256:${hash.digest('hex')}`, digest),
    }));
    const problems = skipped.first.map(({ at, why }) => ({ at, message: why }));
    return { outcome: 'read', apps, versions, skipped: skipped.count, problems };
  } catch (error) {
    if (!(error instanceof IndexRefused)) throw error;
    throw new AppstoreError('CATALOG_INVALID', `the index of catalog \`${entry.name}\` ${error.message}.`, {
      hint: `Check the address: ${form.addressOf(entry.location).href} has to be ${form.is}.`,
      cause: error,
    });
  }
}

/** Before the index takes its place: until then the one of before is used. */
function requireDigest(catalog: string, found: string, signed: string | undefined): string {
  if (signed === undefined || found === signed) return found;
  throw new AppstoreError(
    'SIGNATURE_INVALID',
    `the index of catalog \`${catalog}\` has the digest ${found}, and ${signed} is signed.`,
    {
      hint: 'Try again in a minute: it may just be published. If it stays so, do not use it, and ask who runs the catalog.',
    },
  );
}

async function* hashed(
  chunks: AsyncIterable<Buffer>,
  hash: { update(bytes: Uint8Array): unknown },
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}
