import { AppstoreError, isForbidden } from '../domain/errors.ts';
import { displayId, idKey, type ObjectRef } from '../domain/objects.ts';
import { applySetId, ownershipKeys } from '../domain/ownership.ts';
import type { PlannedObject } from '../domain/plan.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { namespaceContents } from './namespace-contents.ts';
import type { ClusterDeps, InstallationName } from './requests.ts';

const namesShown = 10;

/** The namespace of an installation, cluster-scoped as it is. */
export function namespaceRef(name: string): ObjectRef {
  return { group: '', version: 'v1', kind: 'Namespace', namespace: '', name };
}

/**
 * Refuses to delete the namespace of an installation unless an install made it and nothing else is in it once `objects` are
 * deleted (NEEDS row 21). The record is not believed: the mark on the namespace must name this installation.
 * Throws NAMESPACE_IN_USE with what is in it, and FORBIDDEN where the caller may not look or not delete it.
 */
export async function checkNamespaceDeletion(
  deps: Pick<ClusterDeps, 'cluster'>,
  record: InstallationRecord,
  objects: readonly PlannedObject[],
  signal: AbortSignal,
): Promise<void> {
  const { namespace, name } = record;
  const ref = namespaceRef(namespace);
  const id = displayId(ref);
  if (!(await madeFor(deps, record, signal))) {
    throw new AppstoreError('NAMESPACE_IN_USE', `${id}: it was not made by the install of ${name}`, {
      hint: 'Run the command again without --delete-namespace.',
    });
  }
  const [contents, [answer]] = await Promise.all([
    namespaceContents(
      deps.cluster,
      {
        namespace,
        installation: name,
        applySetId: applySetId(namespace, name),
        leaving: new Set(objects.map((object) => idKey(object.ref))),
      },
      signal,
    ),
    deps.cluster.access(
      [{ verb: 'delete', group: '', resource: 'namespaces', namespace: '', name: namespace }],
      signal,
    ),
  ]);
  if (answer?.allowed !== true) throw new AppstoreError('FORBIDDEN', `${id}: you may not delete it`);
  if (contents.unread.length > 0) {
    throw new AppstoreError(
      'FORBIDDEN',
      `${id}: whether it is empty cannot be told: you may not list ${contents.unread.join(', ')}`,
      { hint: 'Run the command again without --delete-namespace.' },
    );
  }
  if (contents.others.length > 0) throw inUse(id, contents.others);
}

function inUse(id: string, others: readonly ObjectRef[]): AppstoreError {
  const shown = others.slice(0, namesShown).map((other) => ({ message: displayId(other) }));
  const more = others.length - shown.length;
  return new AppstoreError('NAMESPACE_IN_USE', `${id}: other things are in it; nothing was written`, {
    problems: more > 0 ? [...shown, { message: `and ${more} more` }] : shown,
    hint: 'Volumes go with --purge-data; without --delete-namespace the namespace stays.',
  });
}

/**
 * True where an install of this name made the namespace: its mark says so, which only who may write namespaces can set. An
 * install into a namespace that an earlier one left behind counts as well.
 */
export async function madeFor(
  deps: Pick<ClusterDeps, 'cluster'>,
  { namespace, name }: InstallationName,
  signal: AbortSignal,
): Promise<boolean> {
  if (namespace === 'default' || namespace.startsWith('kube-')) return false;
  try {
    const live = await deps.cluster.getMetadata(namespaceRef(namespace), signal);
    return live?.metadata.annotations?.[ownershipKeys.createdFor] === name;
  } catch (error) {
    // Who may not read the namespace may not delete it either.
    if (isForbidden(error)) return false;
    throw error;
  }
}

/**
 * Deletes the namespace if it is still empty but for what it has by itself. Answers why it stays where it does: something
 * came into it since the plan. To be called when the record is gone: what is cut in between is an empty namespace with our
 * mark, which `doctor` finds.
 */
export async function deleteEmptyNamespace(
  deps: Pick<ClusterDeps, 'cluster'>,
  { namespace, name }: InstallationName,
  signal: AbortSignal,
): Promise<string | undefined> {
  const live = await deps.cluster.getMetadata(namespaceRef(namespace), signal);
  const uid = live?.metadata.uid;
  if (live === undefined || uid === undefined) return undefined;
  const { others, unread } = await namespaceContents(
    deps.cluster,
    { namespace, installation: name, applySetId: applySetId(namespace, name), leaving: new Set() },
    signal,
  );
  const [first] = others;
  if (first !== undefined) return `${others.length} other objects came into it, ${displayId(first)} first`;
  if (unread.length > 0) return `whether it is empty cannot be told: you may not list ${unread.join(', ')}`;
  await deps.cluster.delete(namespaceRef(namespace), { uid, propagation: 'Background', signal });
  return undefined;
}
