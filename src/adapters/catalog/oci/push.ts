import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  archivePath,
  type CatalogIndex,
  type IndexedVersion,
  indexFileName,
} from '../../../domain/catalog-index.ts';
import { chartFile } from '../../../domain/chart-file.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { parseHelmYaml } from '../../../domain/helm-yaml.ts';
import { type JsonObject, objectsIn } from '../../../domain/json.ts';
import { type ChangedVersion, mergeIndex } from '../../../domain/merge-index.ts';
import { stableJson } from '../../../domain/stable-json.ts';
import type { MadeCatalog, NamedVersion, SignatureRequest } from '../../../services/catalog-maker.ts';
import { isMissing } from '../../sandbox/files.ts';
import { unpackPackage } from '../archive/unpack.ts';
import { digestOf } from '../opened.ts';
import { alreadyPublished, buildSite } from '../site/build.ts';
import { readPublished } from '../site/published.ts';
import { type IndexPlace, placeOf, repositoryIn } from './index-artifact.ts';
import { publishIndex, readPushed } from './publish-index.ts';
import { Overtaken, openSigned, type SignedPush } from './publish-signed.ts';
import { openRepository } from './registry.ts';
import { packageTypes } from './types.ts';
import { openUploads } from './upload.ts';

export interface PushRequest extends IndexPlace {
  /** A site, or a folder of apps. */
  readonly folder: string;
  readonly now: Date;
  /** Signs the index. */
  readonly sign?: SignatureRequest;
  /** Folder where Sigstore's public root of trust is kept. */
  readonly roots: string;
}

interface SitePush extends PushRequest {
  readonly signing: SignedPush | undefined;
}

/**
 * Puts every version of a catalog into a registry, each app into a repository of its own, and the index beside them, last: who reads it
 * meanwhile finds what it names. What was pushed before, or is pushed by others at the same moment, stays, and never changes.
 *
 * @throws AppstoreError VERSION_PUBLISHED, CATALOG_INVALID, CATALOG_FORBIDDEN, CATALOG_UNREACHABLE, and what `buildSite` throws
 */
export async function pushCatalog(request: PushRequest, signal: AbortSignal): Promise<MadeCatalog> {
  let own: CatalogIndex | undefined;
  for (let round = 1; ; round += 1) {
    const signing = await openSigned(request, signal);
    const published = signing?.published ?? (await readPushed(request, signal)).index;
    if (own !== undefined) await yieldTo(request, published, mergeIndex(published, own).changed, signal);
    const site = await siteOf(request.folder, published, signal);
    try {
      return await pushSite({ ...request, signing }, site, published, signal);
    } catch (error) {
      if (!(error instanceof Overtaken) || round === mostRounds) throw error;
      own = site.index;
    } finally {
      await site.discard();
    }
  }
}

/** Signed pushes that others may be through with first. Each time another catalog was published, so this ends. */
const mostRounds = 20;

interface Site {
  readonly folder: string;
  readonly index: CatalogIndex;
  readonly problems: MadeCatalog['problems'];
  discard(): Promise<void>;
}

/** A site as it is; a folder of apps is built first, aside, on top of what was pushed: its marks may name earlier versions. */
async function siteOf(folder: string, published: CatalogIndex, signal: AbortSignal): Promise<Site> {
  const isSite = await readFile(join(folder, indexFileName)).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
  if (isSite) return { folder, index: await readPublished(folder), problems: [], discard: async () => {} };
  const out = await mkdtemp(join(tmpdir(), 'appstore-push-'));
  const discard = () => rm(out, { recursive: true, force: true });
  try {
    const { index, problems } = await buildSite({ folder, out, published }, signal);
    return { folder: out, index, problems, discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

async function pushSite(
  { location, registry, now, signing }: SitePush,
  { folder, index, problems }: Site,
  published: CatalogIndex,
  signal: AbortSignal,
): Promise<MadeCatalog> {
  const { index: merged, changed } = mergeIndex(published, index);
  if (changed.length > 0) throw alreadyPublished(changed);
  const added: NamedVersion[] = [];
  for (const { name, versions } of merged.apps) {
    const known = new Set(
      published.apps.find((app) => app.name === name)?.versions.map(({ metadata }) => metadata.version),
    );
    for (const version of versions.filter(({ metadata }) => !known.has(metadata.version))) {
      signal.throwIfAborted();
      await pushVersion({ location, registry, folder, version }, signal);
      added.push({ name, version: version.metadata.version });
    }
  }
  if (signing !== undefined) {
    const signed = await signing.publish(merged, signal);
    const versions = merged.apps.reduce((sum, app) => sum + app.versions.length, 0);
    return { location, apps: merged.apps.length, versions, added, problems, signed };
  }
  const there = await publishIndex({ location, registry }, index, { now, signal });
  await yieldTo({ location, registry }, there, mergeIndex(there, index).changed, signal);
  const versions = there.apps.reduce((sum, app) => sum + app.versions.length, 0);
  return { location, apps: there.apps.length, versions, added, problems };
}

/**
 * Somebody pushed a version with other files at the same moment, and was first: its tag says theirs again.
 *
 * @throws AppstoreError VERSION_PUBLISHED where there is one
 */
async function yieldTo(
  place: IndexPlace,
  index: CatalogIndex,
  changed: readonly ChangedVersion[],
  signal: AbortSignal,
): Promise<void> {
  for (const { name, version } of changed) {
    const app = index.apps.find((one) => one.name === name);
    const theirs = app?.versions.find(({ metadata }) => metadata.version === version);
    if (theirs === undefined) continue;
    const { host, path } = placeOf(place.location);
    const repository = openRepository(place.registry, host, repositoryIn(path, name));
    const archive = await repository.blob({ digest: theirs.archiveDigest, size: theirs.bytes }, signal);
    await putVersion(place, theirs, archive, signal);
  }
  if (changed.length > 0) throw alreadyPublished(changed);
}

interface VersionPush extends IndexPlace {
  readonly folder: string;
  readonly version: IndexedVersion;
}

async function pushVersion(
  { location, registry, folder, version }: VersionPush,
  signal: AbortSignal,
): Promise<void> {
  const { metadata, archiveDigest } = version;
  const { host, path } = placeOf(location);
  const repository = repositoryIn(path, metadata.name);
  const tag = tagOf(version);
  const there = await openRepository(registry, host, repository).manifest(tag, signal);
  if (there !== undefined)
    return requireSame(`oci://${host}/${repository}:${tag}`, there.content, archiveDigest);
  const archive = await readFile(join(folder, archivePath(metadata.name, metadata.version)));
  if (digestOf(archive) !== archiveDigest)
    throw new AppstoreError(
      'DIGEST_MISMATCH',
      `${folder}: the archive of ${metadata.name} ${metadata.version} is not what its index says.`,
    );
  await putVersion({ location, registry }, version, archive, signal);
}

/** A tag knows no `+`. */
function tagOf({ metadata }: IndexedVersion): string {
  return metadata.version.replaceAll('+', '_');
}

async function putVersion(
  { location, registry }: IndexPlace,
  version: IndexedVersion,
  archive: Buffer,
  signal: AbortSignal,
): Promise<void> {
  const { metadata, format } = version;
  const { host, path } = placeOf(location);
  const types = packageTypes[format];
  const uploads = openUploads(registry, host, repositoryIn(path, metadata.name));
  const config = await uploads.blob(types.config, await configOf(version, archive), signal);
  const layer = await uploads.blob(types.content[0], archive, signal);
  const annotations = {
    'org.opencontainers.image.title': metadata.name,
    'org.opencontainers.image.version': metadata.version,
    'org.opencontainers.image.description': metadata.summary,
  };
  await uploads.manifest(
    tagOf(version),
    { config: { ...config }, layers: [{ ...layer }], annotations },
    signal,
  );
}

/** What Helm keeps there is Chart.yaml; ours is what a catalog shows. */
async function configOf({ metadata, format }: IndexedVersion, archive: Buffer): Promise<Buffer> {
  if (format === 'app') return Buffer.from(stableJson(metadata));
  const files = await unpackPackage(archive, metadata.name);
  const chart = files.find(({ path }) => path === chartFile);
  return Buffer.from(JSON.stringify(parseHelmYaml(new TextDecoder().decode(chart?.content), chartFile)));
}

/** Somebody pushed that version without this index: by hand, or by a push that was cut. */
function requireSame(what: string, manifest: JsonObject, archiveDigest: string): void {
  if (objectsIn(manifest.layers).some(({ digest }) => digest === archiveDigest)) return;
  throw new AppstoreError('VERSION_PUBLISHED', `${what} is there already, with another archive.`);
}
