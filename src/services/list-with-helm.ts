import { AppstoreError, type Problem } from '../domain/errors.ts';
import { versionsOf } from '../domain/helm-history.ts';
import { listInstallations } from './inspect.ts';
import { inParallel } from './parallel.ts';
import type { HelmReleases, HelmRevisionRef } from './ports.ts';
import type { ClusterDeps, InstallationList } from './requests.ts';

/** What lists Helm's releases too. */
export interface HelmDeps extends ClusterDeps {
  readonly helm: HelmReleases;
}

/** A release of Helm as a list shows it. */
interface ListedRelease {
  readonly namespace: string;
  readonly name: string;
  /** Name of its chart, and its versions; `''` where they were not read. */
  readonly app: string;
  readonly version: string;
  readonly appVersion: string;
  readonly revision: number;
  /** The status as Helm has it, for example `pending-upgrade`. */
  readonly state: string;
  readonly updatedAt: string;
}

export interface MixedList extends InstallationList {
  readonly releases: readonly ListedRelease[];
  /** True where the charts were not read, because there are many releases. */
  readonly chartsUnread: boolean;
  /** What could not be looked at, and why. */
  readonly problems: readonly Problem[];
}

/** Up to so many releases are read although nobody asked for more than the labels say. */
const few = 20;
/** A release is up to 1 MiB packed: only so many are in memory at once. */
const readsAtOnce = 8;

/**
 * Our installations and, beside them, the releases that Helm itself manages, from labels alone: one metadata request a driver.
 * The chart and its versions stand in no label: with `charts`, or where there are few releases, the newest revision of each is
 * read, one request a release.
 */
export async function listWithHelm(
  deps: HelmDeps,
  scope: { readonly namespace?: string; readonly charts: boolean },
  signal?: AbortSignal,
): Promise<MixedList> {
  const where = scope.namespace === undefined ? {} : { namespace: scope.namespace };
  const [ours, helms] = await Promise.all([
    listInstallations(deps, where, signal),
    deps.helm.list({ ...where, fallback: deps.cluster.target.namespace }, signal),
  ]);
  const refs = [...helms.items].sort(
    (a, b) => a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name),
  );
  const reads = scope.charts || refs.length <= few;
  const found = reads
    ? await inParallel(refs, readsAtOnce, (ref) => readListed(deps.helm, ref, signal))
    : refs.map((ref) => ({ release: listedOf(ref) }));
  const limitedTo = ours.limitedTo ?? helms.limitedTo;
  return {
    items: ours.items,
    ...(limitedTo === undefined ? {} : { limitedTo }),
    releases: found.map(({ release }) => release),
    chartsUnread: !reads,
    problems: [
      ...helms.unread.map(unreadKind),
      ...found.flatMap((one) => ('problem' in one && one.problem !== undefined ? [one.problem] : [])),
    ],
  };
}

function unreadKind(kind: HelmRevisionRef['kind']): Problem {
  return {
    message: `you may not list ${kind}s here: releases that Helm keeps in ${kind}s are not shown`,
    hint: `Ask for \`list\` on ${kind.toLowerCase()}s.`,
  };
}

interface Listed {
  readonly release: ListedRelease;
  readonly problem?: Problem;
}

/** A release that cannot be read is listed all the same: one damaged Secret never hides the others. */
async function readListed(
  helm: HelmReleases,
  ref: HelmRevisionRef,
  signal: AbortSignal | undefined,
): Promise<Listed> {
  try {
    const release = await helm.read(ref, signal);
    return {
      release: { ...listedOf(ref), app: String(release.chart.metadata.name), ...versionsOf(release) },
    };
  } catch (error) {
    if (!(error instanceof AppstoreError) || !unreadable.has(error.code)) throw error;
    const { message, hint } = error;
    return { release: listedOf(ref), problem: { message, hint } };
  }
}

const unreadable: ReadonlySet<string> = new Set(['HELM_RELEASE_INVALID', 'FORBIDDEN', 'API_CONFLICT']);

function listedOf({ namespace, name, version, status, updatedAt }: HelmRevisionRef): ListedRelease {
  return {
    namespace,
    name,
    app: '',
    version: '',
    appVersion: '',
    revision: version,
    state: status,
    updatedAt,
  };
}
