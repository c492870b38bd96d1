import { AppstoreError } from '../../../domain/errors.ts';
import { compareHelmVersions, parseHelmRange, parseHelmVersion } from '../../../domain/helm-version.ts';
import { isObject, type JsonObject, objectsIn } from '../../../domain/json.ts';
import type { OciReference } from '../../../domain/oci-reference.ts';
import { cleanLine } from '../../../domain/text.ts';
import { chooseVersion } from '../../../domain/versions.ts';
import { longestArchive } from '../package-files.ts';
import { isDigest, openRepository, type Repository } from './registry.ts';
import type { RegistrySettings } from './session.ts';
import { packageTypes } from './types.ts';

export interface PulledChart {
  readonly archive: Buffer;
  /** Tag or digest that it was pulled by. */
  readonly reference: string;
}

/**
 * Pulls the archive of a chart: by digest, by an exact version or tag, or the newest version that fits.
 *
 * @returns undefined where there is no such repository
 * @throws AppstoreError VERSION_NOT_FOUND, CATALOG_INVALID where it is no chart, DIGEST_MISMATCH, and what asking throws
 */
export async function pullChart(
  settings: RegistrySettings,
  reference: OciReference,
  signal?: AbortSignal,
): Promise<PulledChart | undefined> {
  const { host, repository } = reference;
  const opened = openRepository(settings, host, repository);
  const tag = reference.digest ?? (await tagFor(opened, reference, signal));
  if (tag === undefined) return undefined;
  const what = `oci://${host}/${repository}`;
  const manifest = await opened.manifest(tag, signal);
  if (manifest === undefined) return missing(opened, reference, tag, signal);
  const layer = chartLayer(manifest.content, what);
  const archive = await opened.blob(layer, signal);
  if (archive.length !== layer.size)
    throw new AppstoreError(
      'DIGEST_MISMATCH',
      `${what}: the chart has ${archive.length} bytes, not ${layer.size}.`,
    );
  return { archive, reference: tag };
}

/** Versions of a repository, newest first; undefined where there is none. */
export async function chartVersions(
  settings: RegistrySettings,
  { host, repository }: Pick<OciReference, 'host' | 'repository'>,
  signal?: AbortSignal,
): Promise<readonly string[] | undefined> {
  return versionsOf(openRepository(settings, host, repository), signal);
}

async function versionsOf(
  repository: Repository,
  signal?: AbortSignal,
): Promise<readonly string[] | undefined> {
  const tags = await repository.tags(signal);
  const versions = tags
    ?.map((tag) => tag.replaceAll('_', '+'))
    .filter((tag) => parseHelmVersion(tag) !== undefined);
  return versions === undefined ? undefined : [...versions].sort(compareHelmVersions);
}

/** An exact version is asked for at once; a range takes the list. */
async function tagFor(
  repository: Repository,
  { host, repository: name, version }: OciReference,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const asked = version ?? '*';
  const isRange = parseHelmRange(asked) !== undefined && !isExact(asked);
  if (!isRange) return tagOf(asked);
  const versions = await versionsOf(repository, signal);
  if (versions === undefined) return undefined;
  const listed = versions.map((one) => ({ version: one, appVersion: '' }));
  return tagOf(chooseVersion(`oci://${host}/${name}`, listed, version).version);
}

/** `1.2` is a range; `1.2.3` and `v1.2.3` are versions. */
function isExact(text: string): boolean {
  return /^v?\d+\.\d+\.\d+/.test(text) && parseHelmVersion(text) !== undefined;
}

/** A tag knows no `+` (https://helm.sh/docs/topics/registries/). */
function tagOf(version: string): string {
  return version.replaceAll('+', '_');
}

/** A version that is not there is told with those that are; a repository that is not there is another matter. */
async function missing(
  repository: Repository,
  { host, repository: name, version, digest }: OciReference,
  tag: string,
  signal?: AbortSignal,
): Promise<undefined> {
  const versions = digest === undefined ? await versionsOf(repository, signal) : [];
  if (versions === undefined) return undefined;
  const others = versions.filter((one) => one !== version).map((one) => ({ version: one, appVersion: '' }));
  if (version !== undefined && parseHelmRange(version) !== undefined)
    chooseVersion(`oci://${host}/${name}`, others, version);
  throw new AppstoreError('VERSION_NOT_FOUND', `oci://${host}/${name} has no \`${tag}\`.`);
}

function chartLayer(manifest: JsonObject, what: string): { readonly digest: string; readonly size: number } {
  const config = isObject(manifest.config) ? manifest.config.mediaType : undefined;
  const types = Object.values(packageTypes).find((one) => one.config === config);
  if (types === undefined) throw noChart(what, typeof config === 'string' ? config : 'an index of images');
  const layer = objectsIn(manifest.layers).find(({ mediaType }) =>
    types.content.some((type: string) => type === mediaType),
  );
  const { digest, size } = layer ?? {};
  if (!isDigest(digest) || !Number.isSafeInteger(size))
    throw noChart(what, 'a manifest without the content of a chart');
  if (typeof size !== 'number' || size < 0 || size > longestArchive)
    throw new AppstoreError(
      'PACKAGE_INVALID',
      `${what}: the chart has ${String(size)} bytes; at most ${longestArchive} are allowed.`,
    );
  return { digest, size };
}

function noChart(what: string, found: string): AppstoreError {
  const image = /image|docker/.test(found) ? ' It may be a container image.' : '';
  return new AppstoreError('CATALOG_INVALID', `${what} is no Helm chart: it holds ${cleanLine(found)}.`, {
    hint: `Name the repository of a chart.${image}`,
  });
}
