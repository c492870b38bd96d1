import { detailOf } from '../domain/detail.ts';
import type { Problem } from '../domain/errors.ts';
import type { Health } from '../domain/health.ts';
import type { KubeObject } from '../domain/objects.ts';
import type { InstallationRecord, RevisionContent } from '../domain/release.ts';
import { cleanLine } from '../domain/text.ts';
import { explain } from './explain.ts';
import { maskerOf, requireRecord } from './inspect.ts';
import { maskedLink } from './links.ts';
import { healthNow, type LookedAt, lookAtAll } from './look.ts';
import { inParallel } from './parallel.ts';
import { whyLeftOut } from './record-mask.ts';
import type { ClusterDeps, InstallationName, ObjectStatus, StatusReport } from './requests.ts';
import { newestRevision } from './state.ts';
import { requestsAtOnce } from './survey.ts';

/**
 * How an installation is now, from live objects. Where the Secrets of the record may not be read, addresses, outputs and
 * notes are left out and the report says so; health needs no Secret.
 */
export async function status(
  deps: ClusterDeps,
  name: InstallationName,
  signal: AbortSignal,
): Promise<StatusReport> {
  const record = await requireRecord(deps, name, signal);
  const [objects, shown] = await Promise.all([
    lookAtAll(deps, record, signal).then((looked) =>
      inParallel(looked, requestsAtOnce, (one) => objectStatus(deps, one, signal)),
    ),
    contentOf(deps, record, signal),
  ]);
  const mask = (text: string): string => (shown.mask === undefined ? text : shown.mask.text(text));
  return {
    record,
    objects: objects.map((one) => ({ ...one, health: { ...one.health, reason: mask(one.health.reason) } })),
    health: healthNow(record, objects),
    ...(record.pending === undefined ? {} : { pending: record.pending }),
    ...(shown.content === undefined ? {} : { package: shown.content.package }),
    outputs: (shown.content?.rendered.outputs ?? []).map((output) => ({
      ...output,
      value: mask(output.value),
    })),
    open: (shown.content?.rendered.open ?? []).map((link) => maskedLink(link, { text: mask })),
    notes: mask(shown.content?.rendered.notes ?? ''),
    problems: [...shown.problems, ...lastFailure(record)],
  };
}

async function objectStatus(
  deps: ClusterDeps,
  { ref, health, object, ageMs }: LookedAt,
  signal: AbortSignal,
): Promise<ObjectStatus> {
  if (object === undefined) return { ref, health, detail: '', age: '' };
  return {
    ref,
    health: health.status === 'current' ? health : await explained(deps, object, health, signal),
    detail: cleanLine(detailOf(object)),
    age: ageMs === undefined || object.metadata.creationTimestamp === undefined ? '' : formatAge(ageMs),
  };
}

async function explained(
  deps: ClusterDeps,
  live: KubeObject,
  health: Health,
  signal: AbortSignal,
): Promise<Health> {
  const found = await explain(deps.cluster, live, health, { signal }).catch(() => undefined);
  return found === undefined ? health : { ...health, reason: found.reason, cause: found.cause };
}

interface Shown {
  readonly content?: RevisionContent;
  readonly mask?: ReturnType<typeof maskerOf>;
  readonly problems: readonly Problem[];
}

async function contentOf(deps: ClusterDeps, record: InstallationRecord, signal: AbortSignal): Promise<Shown> {
  if (record.revisions.length === 0) return { problems: [] };
  try {
    const [content, generated] = await Promise.all([
      deps.records.revision(record, newestRevision(record), signal),
      deps.records.readGenerated(record.namespace, record.name, signal),
    ]);
    return { content, mask: maskerOf(content, generated), problems: [] };
  } catch (error) {
    const reason = whyLeftOut(error);
    if (reason === undefined) throw error;
    return { problems: [{ message: `addresses, outputs and notes are left out: ${reason}` }] };
  }
}

/** Why the newest revision failed, as long as nothing newer took its place. */
function lastFailure(record: InstallationRecord): Problem[] {
  const newest = record.revisions.at(-1);
  if (newest === undefined || newest.result !== 'failed') return [];
  const cause = newest.cause === undefined ? '' : ` (${newest.cause})`;
  return [
    {
      message: `revision ${newest.number} failed${cause}: ${cleanLine(newest.message ?? 'no reason was recorded')}`,
    },
  ];
}

const ageUnits: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

/** As kubectl writes ages: the largest unit alone, `3d`, `5h`, `12m`, `40s`. */
function formatAge(milliseconds: number): string {
  const [unit, size] = ageUnits.find(([, step]) => milliseconds >= step) ?? ['s', 1000];
  return `${Math.floor(milliseconds / size)}${unit}`;
}
