import { AppstoreError, type Problem } from '../domain/errors.ts';
import type { HelmRelease } from '../domain/helm-release.ts';
import { displayId } from '../domain/objects.ts';
import { inParallel } from './parallel.ts';
import type { HelmReleases, HelmRevisionRef } from './ports.ts';
import type { InstallationName } from './requests.ts';

/** A release with those of its revisions that are taken over. */
export interface HelmHistory {
  /** Every revision that Helm stored, oldest first. */
  readonly refs: readonly HelmRevisionRef[];
  /** The newest of them that could be read, oldest first; the last is the newest of all, and deployed. */
  readonly releases: readonly HelmRelease[];
  readonly newest: HelmRelease;
  readonly warnings: readonly Problem[];
}

const readsAtOnce = 8;

/**
 * Reads the newest `keep` revisions of a release that is in good order. Throws HELM_RELEASE_NOT_FOUND, HELM_RELEASE_UNSETTLED,
 * HELM_RELEASE_INVALID; of an older revision that is damaged it warns.
 */
export async function readHelmHistory(
  helm: HelmReleases,
  release: InstallationName,
  keep: number,
  signal: AbortSignal,
): Promise<HelmHistory> {
  const refs = await helm.history(release.namespace, release.name, signal);
  const last = refs.at(-1);
  if (last === undefined) throw notFound(release);
  if (refs.some(({ kind }) => kind !== last.kind)) throw twoDrivers(release);
  const wanted = refs.slice(-keep);
  const [newest, older] = await Promise.all([
    helm.read(last, signal),
    inParallel(wanted.slice(0, -1), readsAtOnce, (ref) => readOlder(helm, ref, signal)),
  ]);
  if (newest.status !== 'deployed') throw unsettled(newest);
  return {
    refs,
    releases: [...older.flatMap((one) => (one.release === undefined ? [] : [one.release])), newest],
    newest,
    warnings: [
      ...older.flatMap((one) => (one.problem === undefined ? [] : [one.problem])),
      ...olderLeft(refs.length - wanted.length),
    ],
  };
}

interface Older {
  readonly release?: HelmRelease;
  readonly problem?: Problem;
}

async function readOlder(helm: HelmReleases, ref: HelmRevisionRef, signal: AbortSignal): Promise<Older> {
  try {
    return { release: await helm.read(ref, signal) };
  } catch (error) {
    if (!(error instanceof AppstoreError && error.code === 'HELM_RELEASE_INVALID')) throw error;
    return { problem: { message: `revision ${ref.version} is left out of the history: ${error.message}` } };
  }
}

function olderLeft(count: number): Problem[] {
  if (count === 0) return [];
  return [
    {
      message: `${count} older ${count === 1 ? 'revision is' : 'revisions are'} left out of the history`,
      hint: 'Helm gets all of them back with `adopt --back`; `--keep` takes more.',
    },
  ];
}

function notFound({ namespace, name }: InstallationName): AppstoreError {
  return new AppstoreError(
    'HELM_RELEASE_NOT_FOUND',
    `Helm has no release ${name} in namespace ${namespace} (in Secrets or ConfigMaps)`,
  );
}

function twoDrivers({ namespace, name }: InstallationName): AppstoreError {
  return new AppstoreError(
    'HELM_RELEASE_INVALID',
    `${name} in namespace ${namespace}: Helm has revisions of it in Secrets and in ConfigMaps`,
    { hint: 'Delete those that are not used any more, then repeat the command.' },
  );
}

/** Why the newest revision is no state to start from, and what to do. */
function unsettled({ namespace, name, version, status }: HelmRelease): AppstoreError {
  const id = displayId({ kind: 'Release', namespace, name });
  const repair = `\`helm upgrade\` or \`helm rollback ${name} -n ${namespace}\``;
  if (status === 'uninstalled')
    return new AppstoreError(
      'HELM_RELEASE_UNSETTLED',
      `${id}: it is uninstalled; only its history was kept`,
      {
        hint: 'There is nothing to take over. Install it anew.',
      },
    );
  if (status === 'uninstalling')
    return new AppstoreError('HELM_RELEASE_UNSETTLED', `${id}: Helm is uninstalling it, or was cut in it`, {
      hint: `Finish with \`helm uninstall ${name} -n ${namespace}\`.`,
    });
  const what = status === 'failed' ? 'failed' : `is ${status}, not deployed`;
  return new AppstoreError('HELM_RELEASE_UNSETTLED', `${id}: its revision ${version} ${what}`, {
    hint: `Finish with ${repair}, then repeat the command.`,
  });
}
