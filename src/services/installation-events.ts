import { type ClusterEvent, readEvent } from '../domain/cluster-event.ts';
import type { Problem } from '../domain/errors.ts';
import type { Masker } from '../domain/masking.ts';
import type { KubeObject } from '../domain/objects.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { type Beneath, findBeneath } from './beneath.ts';
import { requireRecord } from './inspect.ts';
import { recordMask } from './record-mask.ts';
import type { ClusterDeps, InstallationName } from './requests.ts';

/** The events of an installation, oldest first. Masked, on one line each. */
export interface EventReport {
  readonly record: InstallationRecord;
  readonly events: readonly ClusterEvent[];
  readonly problems: readonly Problem[];
}

const eventKind = { group: '', version: 'v1', kind: 'Event' };

interface Scope {
  readonly record: InstallationRecord;
  readonly beneath: Beneath;
  readonly mask: Masker;
  readonly problems: readonly Problem[];
}

/**
 * The events about the objects of an installation and about what belongs to them: ReplicaSets, Jobs, pods, claims, also those
 * that are gone. Throws INSTALLATION_NOT_FOUND, FORBIDDEN.
 */
export async function installationEvents(
  deps: ClusterDeps,
  name: InstallationName,
  signal: AbortSignal,
): Promise<EventReport> {
  const scope = await scopeOf(deps, name, signal);
  const lists = await Promise.all(
    namespacesOf(scope.record).map((namespace) => deps.cluster.list(eventKind, { namespace, signal })),
  );
  const events = lists.flatMap(({ items }) => items.flatMap((item) => ours(scope, item)));
  return { record: scope.record, events: events.sort(byTime), problems: scope.problems };
}

async function scopeOf(deps: ClusterDeps, name: InstallationName, signal: AbortSignal): Promise<Scope> {
  const record = await requireRecord(deps, name, signal);
  const [beneath, { mask, problems }] = await Promise.all([
    findBeneath(deps.cluster, record.inventory, signal),
    recordMask(deps, record, signal),
  ]);
  return { record, beneath, mask, problems };
}

/** Events lie in the namespace of what they are about. */
function namespacesOf(record: InstallationRecord): string[] {
  const named = record.inventory.map((entry) => entry.namespace).filter((namespace) => namespace !== '');
  return [...new Set([record.namespace, ...named])].sort();
}

function ours({ beneath, mask }: Scope, object: KubeObject): ClusterEvent[] {
  const event = readEvent(object);
  return beneath.has(event.about) ? [{ ...event, message: mask.text(event.message) }] : [];
}

function byTime(a: ClusterEvent, b: ClusterEvent): number {
  const [left, right] = [a, b].map(({ at }) => Date.parse(at) || 0) as [number, number];
  return left - right;
}
