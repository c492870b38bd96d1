import { isForbidden } from '../domain/errors.ts';
import { type GroupVersionKind, idKey, type ObjectRef } from '../domain/objects.ts';
import { ownershipKeys } from '../domain/ownership.ts';
import { inParallel } from './parallel.ts';
import type { Cluster, PartialObject } from './ports.ts';

/** Requests at once: below the 100 streams that the API server allows on a connection. */
export const requestsAtOnce = 96;

/** Up to so many objects of a kind in a namespace are asked one by one: a list of a crowded namespace would cost more. */
const singly = 3;

interface Group {
  readonly kind: GroupVersionKind;
  readonly namespace: string;
  readonly refs: ObjectRef[];
}

interface SurveyOptions {
  readonly applySetId?: string;
  /** Asks for every object by its name: where a list has been read already, or would cost more. */
  readonly byName?: boolean;
  readonly signal: AbortSignal;
}

/** Live metadata by identity; what is not there is not in the map. */
export type Survey = ReadonlyMap<string, PartialObject>;

/**
 * Reads the metadata of objects, whatever their payload. With `applySetId`, what carries the label is found by one request a
 * kind and namespace, and only the rest is asked for by name. Objects whose kind is not served any more are not there: the
 * version is looked up anew, so that an API version that disappeared does no harm (NEEDS row 17).
 */
export async function survey(
  cluster: Cluster,
  refs: readonly ObjectRef[],
  options: SurveyOptions,
): Promise<Survey> {
  const found = new Map<string, PartialObject>();
  await inParallel(groupRefs(refs), requestsAtOnce, async (group) => {
    const kind = await servedKind(cluster, group.kind, options.signal);
    if (kind === undefined) return;
    const listed = await listGroup(cluster, { ...group, kind }, options);
    for (const ref of group.refs) {
      const item = listed.byName.get(ref.name);
      if (item !== undefined) found.set(idKey(ref), item);
    }
    if (listed.complete) return;
    const rest = group.refs.filter((ref) => !found.has(idKey(ref)));
    await inParallel(rest, requestsAtOnce, async (ref) => {
      const item = await cluster.getMetadata({ ...ref, ...kind }, options.signal);
      if (item !== undefined) found.set(idKey(ref), item);
    });
  });
  return found;
}

/** The version under which a kind is served now: the recorded one if it still is, else the preferred one. */
export async function servedKind(
  cluster: Cluster,
  kind: GroupVersionKind,
  signal: AbortSignal,
): Promise<GroupVersionKind | undefined> {
  const type =
    (await cluster.resourceType(kind, signal)) ??
    (await cluster.resourceType({ group: kind.group, kind: kind.kind }, signal));
  return type === undefined ? undefined : { group: type.group, version: type.version, kind: type.kind };
}

function groupRefs(refs: readonly ObjectRef[]): Group[] {
  const groups = new Map<string, Group>();
  for (const ref of refs) {
    const key = `${ref.group}/${ref.version}/${ref.kind}/${ref.namespace}`;
    const group = groups.get(key) ?? {
      kind: { group: ref.group, version: ref.version, kind: ref.kind },
      namespace: ref.namespace,
      refs: [],
    };
    group.refs.push(ref);
    groups.set(key, group);
  }
  return [...groups.values()];
}

interface Listed {
  readonly byName: ReadonlyMap<string, PartialObject>;
  /** True where what is missing from `byName` is known not to exist. */
  readonly complete: boolean;
}

async function listGroup(cluster: Cluster, group: Group, options: SurveyOptions): Promise<Listed> {
  if (options.byName === true) return { byName: new Map(), complete: false };
  const labelled = options.applySetId !== undefined;
  if (!labelled && (group.refs.length <= singly || group.namespace === ''))
    return { byName: new Map(), complete: false };
  try {
    const list = await cluster.listMetadata(group.kind, {
      ...(group.namespace === '' ? {} : { namespace: group.namespace }),
      ...(labelled ? { labelSelector: `${ownershipKeys.partOf}=${options.applySetId}` } : {}),
      signal: options.signal,
    });
    return { byName: new Map(list.items.map((item) => [item.metadata.name, item])), complete: !labelled };
  } catch (error) {
    // Who may get but not list is served all the same, one by one.
    if (isForbidden(error)) return { byName: new Map(), complete: false };
    throw error;
  }
}
