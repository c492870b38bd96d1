import { AppstoreError } from './errors.ts';
import { compareHelmVersions, inHelmRange, parseHelmRange, parseHelmVersion } from './helm-version.ts';
import { cleanLine } from './text.ts';

/** The part of an app's metadata that choosing a version needs. */
interface Versioned {
  readonly version: string;
  readonly appVersion: string;
  /** Taken back by its catalog: chosen only where it is named exactly. */
  readonly yanked?: string;
}

/** Versions named in a message before it says how many more there are. */
const SHOWN = 10;

/** Newest first, by semver; the argument stays as it is. */
export function newestFirst<T extends Versioned>(versions: readonly T[]): readonly T[] {
  return versions.toSorted((a, b) => compareHelmVersions(a.version, b.version));
}

/**
 * The newest version in a range; without a range, the newest that is no prerelease. A prerelease is chosen only where the range
 * itself names one. Versions and ranges are read as Helm reads them, which takes all that npm takes.
 *
 * @param app how messages name the app, for example `builtin/postgres`
 * @throws AppstoreError VERSION_NOT_FOUND, naming the versions that there are
 */
export function chooseVersion<T extends Versioned>(app: string, versions: readonly T[], range?: string): T {
  const exact = versions.find((entry) => entry.version === range);
  if (exact !== undefined) return exact;
  const allowed = parseHelmRange(range ?? '*');
  const fits = ({ version, yanked }: T): boolean => {
    if (yanked !== undefined) return false;
    const parsed = parseHelmVersion(version);
    return allowed !== undefined && parsed !== undefined && inHelmRange(parsed, allowed);
  };
  const [chosen] = newestFirst(versions.filter(fits));
  if (chosen !== undefined) return chosen;
  const wanted = range === undefined ? 'that is not a prerelease' : `that fits \`${range}\``;
  throw new AppstoreError(
    'VERSION_NOT_FOUND',
    `${app} has no version ${wanted}. There is: ${list(versions)}.`,
  );
}

/**
 * The version that an installation goes to where none is named: the newest release above what is installed or, for who runs a prerelease
 * and finds no such release, the newest prerelease above it. What was taken back is nobody's next version.
 *
 * @returns undefined where nothing is above what is installed, or where that is no version
 */
export function newerVersion<T extends Versioned>(versions: readonly T[], installed: string): T | undefined {
  const now = parseHelmVersion(installed);
  if (now === undefined) return undefined;
  const above = newestFirst(
    versions.filter(
      ({ version, yanked }) => yanked === undefined && (parseHelmVersion(version)?.compare(now) ?? -1) > 0,
    ),
  );
  const release = above.find(({ version }) => parseHelmVersion(version)?.prerelease.length === 0);
  return release ?? (now.prerelease.length > 0 ? above[0] : undefined);
}

/** True where a version lies below another by semver; false where one of them is none. */
export function isBelow(version: string, other: string): boolean {
  const [one, two] = [parseHelmVersion(version), parseHelmVersion(other)];
  return one !== undefined && two !== undefined && one.compare(two) < 0;
}

function list(versions: readonly Versioned[]): string {
  if (versions.length === 0) return 'none';
  const shown = newestFirst(versions)
    .slice(0, SHOWN)
    .map(({ version, appVersion, yanked }) => {
      const runs = appVersion === '' ? version : `${version} (runs ${appVersion})`;
      return yanked === undefined ? runs : `${runs} (taken back: ${cleanLine(yanked, 80)})`;
    });
  const more = versions.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} older` : shown.join(', ');
}
