import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  archivePath,
  type CatalogIndex,
  type IndexedVersion,
  indexFileName,
  indexLines,
} from '../../../domain/catalog-index.ts';
import { chartFile } from '../../../domain/chart-file.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { parseHelmYaml } from '../../../domain/helm-yaml.ts';
import { isObject, type JsonObject } from '../../../domain/json.ts';
import { mergeIndex } from '../../../domain/merge-index.ts';
import { stableJson } from '../../../domain/stable-json.ts';
import type { MadeCatalog, NamedVersion } from '../../../services/catalog-maker.ts';
import { isMissing } from '../../sandbox/files.ts';
import { gzip } from '../archive/gzip.ts';
import { unpackPackage } from '../archive/unpack.ts';
import { IndexRefused } from '../helm/sections.ts';
import { alreadyPublished, buildSite } from '../site/build.ts';
import { emptyIndex, readPublished } from '../site/published.ts';
import { wholeIndex } from '../site/read-index.ts';
import { findIndex, placeOf, repositoryIn } from './index-artifact.ts';
import { openRepository } from './registry.ts';
import type { RegistrySettings } from './session.ts';
import { emptyConfig, indexArtifact, packageTypes } from './types.ts';
import { openUploads } from './upload.ts';

export interface PushRequest {
  /** A site, or a folder of apps. */
  readonly folder: string;
  /** `oci://host/path` */
  readonly location: string;
  readonly registry: RegistrySettings;
}

/**
 * Puts every version of a catalog into a registry, each app into a repository of its own, and the index beside them, last: who reads it
 * meanwhile finds what it names. What was pushed before stays, and never changes.
 *
 * @throws AppstoreError VERSION_PUBLISHED, CATALOG_INVALID, CATALOG_FORBIDDEN, CATALOG_UNREACHABLE, and what `buildSite` throws
 */
export async function pushCatalog(request: PushRequest, signal: AbortSignal): Promise<MadeCatalog> {
  const published = await readPushed(request, signal);
  const site = await siteOf(request.folder, published, signal);
  try {
    return await pushSite(request, site, published, signal);
  } finally {
    await site.discard();
  }
}

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
  { location, registry }: PushRequest,
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
  await pushIndex(registry, location, merged, signal);
  const versions = merged.apps.reduce((sum, app) => sum + app.versions.length, 0);
  return { location, apps: merged.apps.length, versions, added, problems };
}

interface VersionPush extends Pick<PushRequest, 'location' | 'registry'> {
  readonly folder: string;
  readonly version: IndexedVersion;
}

async function pushVersion(
  { location, registry, folder, version }: VersionPush,
  signal: AbortSignal,
): Promise<void> {
  const { metadata, format, archiveDigest } = version;
  const { host, path } = placeOf(location);
  const repository = repositoryIn(path, metadata.name);
  const tag = metadata.version.replaceAll('+', '_');
  const there = await openRepository(registry, host, repository).manifest(tag, signal);
  if (there !== undefined)
    return requireSame(`oci://${host}/${repository}:${tag}`, there.content, archiveDigest);
  const archive = await readFile(join(folder, archivePath(metadata.name, metadata.version)));
  const types = packageTypes[format];
  const uploads = openUploads(registry, host, repository);
  const config = await uploads.blob(types.config, await configOf(version, archive), signal);
  const layer = await uploads.blob(types.content[0], archive, signal);
  if (layer.digest !== archiveDigest)
    throw new AppstoreError(
      'DIGEST_MISMATCH',
      `${folder}: the archive of ${metadata.name} ${metadata.version} is not what its index says.`,
    );
  const annotations = {
    'org.opencontainers.image.title': metadata.name,
    'org.opencontainers.image.version': metadata.version,
    'org.opencontainers.image.description': metadata.summary,
  };
  await uploads.manifest(tag, { config: { ...config }, layers: [{ ...layer }], annotations }, signal);
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
  const layers = Array.isArray(manifest.layers) ? manifest.layers.filter(isObject) : [];
  if (layers.some(({ digest }) => digest === archiveDigest)) return;
  throw new AppstoreError('VERSION_PUBLISHED', `${what} is there already, with another archive.`);
}

async function pushIndex(
  registry: RegistrySettings,
  location: string,
  index: CatalogIndex,
  signal: AbortSignal,
): Promise<void> {
  const { host, path } = placeOf(location);
  const uploads = openUploads(registry, host, repositoryIn(path, indexArtifact.repository));
  // A registry serves no icons.
  const apps = index.apps.map(({ icon: _, ...app }) => app);
  const bytes = gzip(Buffer.from([...indexLines({ ...index, apps })].join('')));
  const config = await uploads.blob(emptyConfig, Buffer.from('{}'), signal);
  const layer = await uploads.blob(indexArtifact.content, bytes, signal);
  const { artifactType, tag } = indexArtifact;
  await uploads.manifest(tag, { artifactType, config: { ...config }, layers: [{ ...layer }] }, signal);
}

async function readPushed({ location, registry }: PushRequest, signal: AbortSignal): Promise<CatalogIndex> {
  try {
    const found = await findIndex(registry, location, signal);
    return found === undefined ? emptyIndex : await wholeIndex(found.read());
  } catch (error) {
    if (!(error instanceof IndexRefused)) throw error;
    throw new AppstoreError('CATALOG_INVALID', `the index at ${location} ${error.message}.`, {
      hint: 'Nothing was changed. Push to another path, or delete the index in the registry.',
      cause: error,
    });
  }
}
