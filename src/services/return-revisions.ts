import { chartOfFiles } from '../domain/helm-chart-files.ts';
import { statusOfResult } from '../domain/helm-history.ts';
import { manifestOfRendered } from '../domain/helm-manifest.ts';
import type { HelmRelease } from '../domain/helm-release.ts';
import type { InstallationRecord, RevisionSummary } from '../domain/release.ts';
import { unknownRevisions } from './plan-return.ts';
import type { HelmReleases, HelmRevisionRef, Records } from './ports.ts';

interface History {
  readonly record: InstallationRecord;
  /** What Helm stored, oldest first. */
  readonly refs: readonly HelmRevisionRef[];
  /** Helm's own newest revision, where there is one: how it applies, and since when. */
  readonly newest?: HelmRelease;
  readonly now: Date;
}

/**
 * Writes the revisions that were made since the release was taken over for Helm, hidden still, and takes `deployed` from those that
 * are it no more. Throws PACKAGE_INVALID where a revision is of no chart.
 */
export async function writeNewRevisions(
  deps: { readonly records: Records; readonly helm: HelmReleases },
  history: History,
  signal: AbortSignal,
): Promise<void> {
  const { record, refs, now } = history;
  const kind = refs.at(-1)?.kind ?? 'Secret';
  const numbers = unknownRevisions(record, refs);
  for (const number of numbers) {
    const release = await releaseOf(deps.records, history, number, signal);
    await deps.helm.create(kind, release, now, signal);
  }
  const deployed = record.revisions.findLast(({ result }) => result === 'deployed')?.number;
  for (const ref of refs)
    if (ref.status === 'deployed' && deployed !== undefined && ref.version < deployed)
      await deps.helm.setStatus(ref, 'superseded', signal);
}

/** A revision of ours as Helm has it. */
async function releaseOf(
  records: Records,
  { record, newest }: History,
  number: number,
  signal: AbortSignal,
): Promise<HelmRelease> {
  const { content, package: files } = await records.whole(record, number, signal);
  const summary = record.revisions.find((one) => one.number === number);
  const { rendered } = content;
  const at = summary?.finishedAt ?? summary?.startedAt ?? '';
  return {
    name: record.name,
    namespace: record.namespace,
    version: number,
    status: statusOfResult[summary?.result ?? 'deployed'],
    description: descriptionOf(summary),
    notes: rendered.notes,
    firstDeployed: newest?.firstDeployed ?? record.revisions[0]?.startedAt ?? at,
    lastDeployed: at,
    rollbackRevision: summary?.target ?? 0,
    config: content.options.values,
    ...manifestOfRendered(rendered.objects),
    chart: chartOfFiles(files.files),
    applyMethod: newest?.applyMethod ?? 'ssa',
  };
}

/** In Helm's own words (helm pkg/action). */
function descriptionOf(summary: RevisionSummary | undefined): string {
  if (summary?.result === 'failed') return summary.message ?? 'Upgrade failed';
  if (summary?.target !== undefined) return `Rollback to ${summary.target}`;
  return summary?.operation === 'install' ? 'Install complete' : 'Upgrade complete';
}
