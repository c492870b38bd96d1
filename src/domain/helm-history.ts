import type { HelmRelease, HelmStatus } from './helm-release.ts';
import type { Operation } from './plan.ts';
import type { RevisionResult, RevisionSummary } from './release.ts';

/** What a status of Helm is to us; one of an operation that was cut or that uninstalls is a failure. */
const results: Readonly<Record<HelmStatus, RevisionResult>> = {
  deployed: 'deployed',
  superseded: 'superseded',
  failed: 'failed',
  unknown: 'failed',
  uninstalled: 'failed',
  uninstalling: 'failed',
  'pending-install': 'failed',
  'pending-upgrade': 'failed',
  'pending-rollback': 'failed',
};

/** The other way round: what a revision of ours is to Helm. */
export const statusOfResult: Readonly<Record<RevisionResult, HelmStatus>> = {
  deployed: 'deployed',
  superseded: 'superseded',
  failed: 'failed',
  pending: 'failed',
};

/** A revision of Helm as one line of our history. */
export function summaryOfRelease(release: HelmRelease): RevisionSummary {
  const at = utc(release.lastDeployed || release.firstDeployed);
  const target = rollbackTarget(release);
  return {
    number: release.version,
    operation: operationOf(release, target),
    ...versionsOf(release),
    startedAt: at,
    finishedAt: at,
    result: results[release.status],
    ...(target === undefined ? {} : { target }),
    ...(release.description === '' ? {} : { message: release.description }),
  };
}

/** Versions of the chart and of what it runs. */
export function versionsOf({ chart }: Pick<HelmRelease, 'chart'>): {
  readonly version: string;
  readonly appVersion: string;
} {
  const { version, appVersion } = chart.metadata;
  return { version: String(version), appVersion: appVersion === undefined ? '' : String(appVersion) };
}

function operationOf({ version }: HelmRelease, target: number | undefined): Operation {
  if (target !== undefined) return 'rollback';
  return version === 1 ? 'install' : 'upgrade';
}

/** Helm 4 writes a field for it, Helm 3 the sentence alone (helm pkg/action/rollback.go). */
function rollbackTarget({ rollbackRevision, description }: HelmRelease): number | undefined {
  const told =
    rollbackRevision > 0 ? rollbackRevision : Number(/^Rollback to (\d{1,9})$/.exec(description)?.[1]);
  return Number.isSafeInteger(told) && told > 0 ? told : undefined;
}

/** RFC 3339 in UTC; the beginning of time where it is none. */
function utc(time: string): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? new Date(0).toISOString() : at.toISOString();
}
