import { begun } from '../domain/begun.ts';
import type { InventoryEntry } from '../domain/inventory.ts';
import { idKey, type ObjectRef } from '../domain/objects.ts';
import { applySetId, classifyOwner } from '../domain/ownership.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { inParallel } from './parallel.ts';
import type { Cluster, PartialObject } from './ports.ts';
import { requestsAtOnce, type Survey } from './survey.ts';

/** A claim that a StatefulSet made: it stands in no manifest and in no inventory. */
export interface MadeClaim {
  readonly ref: ObjectRef;
  readonly uid: string;
}

/**
 * The volume claims that the StatefulSets of an installation made, named `<template>-<set>-<ordinal>` and carrying the labels
 * of the set's selector (StatefulSet API, volumeClaimTemplates). Those of sets that are gone already are found by the label
 * `app.kubernetes.io/instance` and the name of the set, in the namespace of the installation.
 */
export async function claimsOfStatefulSets(
  cluster: Cluster,
  record: InstallationRecord,
  live: Survey,
  signal: AbortSignal,
): Promise<MadeClaim[]> {
  const sets = record.inventory.filter((entry) => isOwnSet(record, entry, live));
  const listed = new Map(
    [...new Set(sets.map((set) => set.namespace))].map(
      (namespace) => [namespace, begun(cluster.listMetadata(claimKind, { namespace, signal }))] as const,
    ),
  );
  const claims = await inParallel(sets, requestsAtOnce, async (set) => {
    const templates = live.has(idKey(set)) ? await templateNames(cluster, set, signal) : undefined;
    const items = (await listed.get(set.namespace))?.items ?? [];
    return items
      .filter((item) => madeBy(item, set, templates, record.name))
      .map((item) => claimOf(item, set.namespace));
  });
  return [...new Map(claims.flat().map((claim) => [idKey(claim.ref), claim])).values()];
}

/**
 * True for a set that is ours by the cluster, not by the record alone: a line that somebody wrote into the inventory must not
 * lead to the volumes of another app. One that is gone says nothing any more; it is believed in our own namespace only.
 */
function isOwnSet(record: InstallationRecord, entry: InventoryEntry, live: Survey): boolean {
  if (entry.kind !== 'StatefulSet' || entry.group !== 'apps') return false;
  const found = live.get(idKey(entry));
  if (found === undefined) return entry.namespace === record.namespace;
  const owner = classifyOwner(found.metadata, {
    applySetId: applySetId(record.namespace, record.name),
    entry,
  });
  return owner.state === 'ours';
}

const claimKind = { group: '', version: 'v1', kind: 'PersistentVolumeClaim' } as const;

function claimOf(item: PartialObject, namespace: string): MadeClaim {
  return { ref: { ...claimKind, namespace, name: item.metadata.name }, uid: item.metadata.uid ?? '' };
}

async function templateNames(
  cluster: Cluster,
  set: ObjectRef,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const templates: unknown = (await cluster.get(set, signal))?.spec?.volumeClaimTemplates;
  if (!Array.isArray(templates)) return [];
  return templates.map((template: { metadata: { name: string } }) => template.metadata.name);
}

function madeBy(
  item: PartialObject,
  set: ObjectRef,
  templates: readonly string[] | undefined,
  installation: string,
): boolean {
  const match = /^(.+)-(\d+)$/.exec(item.metadata.name);
  const stem = match?.[1];
  if (stem === undefined || !stem.endsWith(`-${set.name}`)) return false;
  const template = stem.slice(0, -set.name.length - 1);
  if (templates !== undefined) return templates.includes(template);
  return item.metadata.labels?.['app.kubernetes.io/instance'] === installation;
}
