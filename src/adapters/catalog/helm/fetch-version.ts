import type { Package } from '../../../domain/app.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { cleanLine } from '../../../domain/text.ts';
import { openArchive } from '../archive/open-archive.ts';
import type { ArchiveCache } from '../archive-cache.ts';
import { readHttp } from '../http/client.ts';
import { addressOf } from '../http/errors.ts';
import type { Reach } from '../http/reach.ts';
import type { HttpSettings } from '../http/settings.ts';
import { digestOf } from '../opened.ts';
import { longestArchive } from '../package-files.ts';
import type { ListedVersion } from './local-index.ts';

/** Pulls a chart that an index names by an `oci://` address. `from`: how far inside the index lay. */
export type PullOci = (address: string, from: Reach, signal?: AbortSignal) => Promise<Uint8Array>;

export interface FetchSettings {
  readonly catalog: string;
  readonly location: string;
  readonly http: HttpSettings;
  readonly archives: ArchiveCache;
  readonly reach: Reach;
  readonly pullOci: PullOci;
}

/** An archive that is what the index says it is. */
export interface FetchedArchive {
  readonly bytes: Uint8Array;
  /** Address that it has, without what may be secret. */
  readonly source: string;
  readonly opened: Package;
}

/** The package of a listed version. Throws as `fetchArchive` does. */
export async function fetchVersion(
  settings: FetchSettings,
  listed: ListedVersion,
  signal?: AbortSignal,
): Promise<Package> {
  return (await fetchArchive(settings, listed, signal)).opened;
}

/**
 * The archive of a listed version, from the cache where it is there, checked against what the index says of it: its digest, and
 * the name and version inside.
 *
 * @throws AppstoreError DIGEST_MISMATCH, CATALOG_INVALID, PACKAGE_INVALID, CATALOG_UNREACHABLE, CATALOG_FORBIDDEN
 */
export async function fetchArchive(
  settings: FetchSettings,
  listed: ListedVersion,
  signal?: AbortSignal,
): Promise<FetchedArchive> {
  const { digest, metadata } = listed;
  const cached = digest === '' ? undefined : await settings.archives.get(digest);
  const { bytes, source } =
    cached === undefined
      ? await fromAny(settings, listed, signal)
      : { bytes: cached, source: firstAddress(settings, listed) };
  requireDigest(settings.catalog, listed, bytes, source);
  const opened = await openArchive(bytes, { catalog: settings.catalog, source });
  const { name, version } = opened.resolved;
  if (name !== metadata.name || version !== metadata.version)
    throw new AppstoreError(
      'CATALOG_INVALID',
      `catalog \`${settings.catalog}\` lists ${metadata.name} ${metadata.version}, and serves ${cleanLine(name)} ${cleanLine(version)} (${source}).`,
      { hint: 'Do not use it; ask who runs the catalog.' },
    );
  requireContent(settings.catalog, listed, opened.resolved.contentDigest, source);
  if (cached === undefined && digest !== '') await settings.archives.put(digest, bytes);
  return { bytes, source, opened };
}

function requireDigest(
  catalog: string,
  { digest, metadata }: ListedVersion,
  bytes: Uint8Array,
  source: string,
): void {
  const found = digestOf(bytes);
  if (digest === '' || digest === found) return;
  throw new AppstoreError(
    'DIGEST_MISMATCH',
    `${catalog}/${metadata.name} ${metadata.version}: ${source} has the digest ${found}, the index says ${digest}.`,
  );
}

/** An index of our own tells it: what is installed is told by it, whatever it was packed in. */
function requireContent(
  catalog: string,
  { contentDigest, metadata }: ListedVersion,
  found: string,
  source: string,
): void {
  if (contentDigest === '' || contentDigest === found) return;
  throw new AppstoreError(
    'DIGEST_MISMATCH',
    `${catalog}/${metadata.name} ${metadata.version}: the files in ${source} have the digest ${found}, the index says ${contentDigest}.`,
  );
}

interface Fetched {
  readonly bytes: Uint8Array;
  readonly source: string;
}

/** The addresses of an index are mirrors of one another: the next is asked where one cannot be reached. */
async function fromAny(
  settings: FetchSettings,
  listed: ListedVersion,
  signal?: AbortSignal,
): Promise<Fetched> {
  const [first, ...others] = listed.urls.map((url) => resolveAddress(settings.location, url));
  if (first === undefined) throw refusedAddress(settings, listed, '');
  try {
    return await fromOne(settings, listed, first, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const unreachable = error instanceof AppstoreError && error.code === 'CATALOG_UNREACHABLE';
    const [next] = others;
    if (!unreachable || next === undefined) throw error;
    return fromAny(settings, { ...listed, urls: others.map(({ href }) => href) }, signal);
  }
}

async function fromOne(
  settings: FetchSettings,
  listed: ListedVersion,
  url: URL,
  signal?: AbortSignal,
): Promise<Fetched> {
  const { metadata } = listed;
  if (url.protocol === 'oci:')
    return { bytes: await settings.pullOci(url.href, settings.reach, signal), source: url.href };
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refusedAddress(settings, listed, url.href);
  // The catalog's own server was named by a person; where else its index leads is judged.
  const own = url.origin === new URL(settings.location).origin;
  const { bytes } = await readHttp(settings.http, {
    what: `${settings.catalog}/${metadata.name} ${metadata.version}`,
    url,
    limit: longestArchive,
    ...(own ? {} : { from: settings.reach }),
    ...(signal === undefined ? {} : { signal }),
  });
  return { bytes, source: addressOf(url) };
}

function firstAddress({ location }: FetchSettings, { urls }: ListedVersion): string {
  const url = resolveAddress(location, urls[0] ?? '');
  return url.protocol === 'oci:' ? url.href : addressOf(url);
}

/** As Helm does: relative to the repository, whose query goes along (some sign their addresses there). */
function resolveAddress(location: string, address: string): URL {
  const base = new URL(location);
  const query = base.search;
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/`;
  base.search = '';
  const url = URL.parse(address, base.href);
  if (url === null) return base;
  if (query !== '' && !/^[a-z][a-z0-9+.-]*:/i.test(address)) url.search = query;
  return url;
}

function refusedAddress(
  { catalog }: FetchSettings,
  { metadata }: ListedVersion,
  address: string,
): AppstoreError {
  return new AppstoreError(
    'CATALOG_INVALID',
    `catalog \`${catalog}\` lists ${metadata.name} ${metadata.version} at \`${cleanLine(address)}\`, which is nothing to download from.`,
    { hint: 'An archive is at an http, https or oci address. Ask who runs the catalog.' },
  );
}
