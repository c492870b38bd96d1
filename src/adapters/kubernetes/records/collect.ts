import { isForbidden } from '../../../domain/errors.ts';
import type { GroupVersionKind } from '../../../domain/objects.ts';
import { indexName } from '../../../domain/ownership.ts';
import type { Cluster, PartialObject } from '../../../services/ports.ts';
import { blobNames } from './blobs.ts';
import { refusedFor } from './create.ts';
import type { IndexState } from './index.ts';
import type { StoredInventory } from './inventory.ts';
import {
  configMapKind,
  installationLabel,
  partLabel,
  type RecordPart,
  type RecordPlace,
  reference,
  revisionName,
  secretKind,
} from './names.ts';

/** An object of a record as it was seen; deleted only if it did not change since. */
export interface Part {
  readonly kind: GroupVersionKind;
  readonly name: string;
  readonly part: RecordPart;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** Names of the Secrets and ConfigMaps that an index refers to. */
export function referredNames(state: IndexState, inventory: StoredInventory): Set<string> {
  return new Set([
    ...state.lines.map((line) => revisionName(state.name, line.summary.number, line.id)),
    ...state.lines.flatMap((line) => blobNames(state.name, line.blobs)),
    ...inventory.spills.map((spill) => spill.name),
  ]);
}

/**
 * Finds the parts of a record of one kind by label, half-written ones included, and what Helm stored of a release that was taken over. A
 * label can be forged, so the name has to fit too. Undefined where the caller may not list the kind (only what the index names can
 * be collected then); whoever may list Secrets may often not list ConfigMaps (`appstore rbac`).
 */
export async function findParts(
  cluster: Cluster,
  place: RecordPlace,
  kind: GroupVersionKind,
  signal: AbortSignal | undefined,
): Promise<Part[] | undefined> {
  const options = {
    namespace: place.namespace,
    labelSelector: `${partLabel} in (inventory,revision,blob,helm),${installationLabel}=${place.name}`,
    ...(signal === undefined ? {} : { signal }),
  };
  try {
    const { items } = await cluster.listMetadata(kind, options);
    return items.map((item) => partOf(place, kind, item)).filter((part) => part !== undefined);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

const namePatterns: readonly { readonly part: RecordPart; readonly pattern: RegExp }[] = [
  { part: 'revision', pattern: /^r\d+\.[0-9a-f]+$/ },
  { part: 'blob', pattern: /^b\.[0-9a-f]+\.\d+$/ },
  { part: 'inventory', pattern: /^i\.[0-9a-f]+$/ },
  { part: 'helm', pattern: /^\d+$/ },
];

/** What is collected as soon as no index names it; what Helm stored goes with the record, and never before. */
export function unneeded(parts: readonly Part[], needed: ReadonlySet<string>): Part[] {
  return parts.filter(({ part, name }) => part !== 'helm' && !needed.has(name));
}

function partOf(place: RecordPlace, kind: GroupVersionKind, item: PartialObject): Part | undefined {
  const { name, labels } = item.metadata;
  const own = `${indexName(place.name)}.`;
  const helms = `sh.helm.release.v1.${place.name}.v`;
  const row = namePatterns.find(({ part, pattern }) => {
    const prefix = part === 'helm' ? helms : own;
    return name.startsWith(prefix) && pattern.test(name.slice(prefix.length));
  });
  if (row === undefined || labels?.[partLabel] !== row.part) return undefined;
  return { kind, part: row.part, ...seenAs(item) };
}

function seenAs({ metadata }: PartialObject): Omit<Part, 'kind' | 'part'> {
  const { name, uid, resourceVersion } = metadata;
  return {
    name,
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

/** Parts as the index names them, where a list is not allowed. */
export function partsOfNames(state: IndexState, inventory: StoredInventory): Part[] {
  const spills = new Set(inventory.spills.map((spill) => spill.name));
  return [...referredNames(state, inventory)].map((name) => {
    if (spills.has(name)) return { kind: configMapKind, name, part: 'inventory' };
    const revision = state.lines.some(
      (line) => name === revisionName(state.name, line.summary.number, line.id),
    );
    return { kind: secretKind, name, part: revision ? 'revision' : 'blob' };
  });
}

/** Deletes parts. One that changed since it was seen is in use by another operation, and stays. */
export async function deleteParts(
  cluster: Cluster,
  place: RecordPlace,
  parts: readonly Part[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await Promise.all(
    parts.map(async ({ kind, name, uid, resourceVersion }) => {
      try {
        await cluster.delete(reference(kind, place.namespace, name), {
          ...(uid === undefined ? {} : { uid }),
          ...(resourceVersion === undefined ? {} : { resourceVersion }),
          propagation: 'Background',
          ...(signal === undefined ? {} : { signal }),
        });
      } catch (error) {
        if (!refusedFor(error, 'Conflict')) throw error;
      }
    }),
  );
}
