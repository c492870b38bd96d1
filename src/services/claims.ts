import type { InventoryEntry } from '../domain/inventory.ts';
import { idKey, type ObjectRef } from '../domain/objects.ts';
import { applySetId, classifyOwner } from '../domain/ownership.ts';
import type { InstallationRecord } from '../domain/release.ts';
import type { Cluster, PartialObject } from './ports.ts';
import type { Survey } from './survey.ts';

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
  const claims = new Map<string, MadeClaim>();
  for (const namespace of new Set(sets.map((set) => set.namespace))) {
    const { items } = await cluster.listMetadata(claimKind, { namespace, signal });
    for (const set of sets.filter((one) => one.namespace === namespace)) {
      const templates = live.has(idKey(set)) ? await templateNames(cluster, set, signal) : undefined;
      for (const item of items.filter((one) => madeBy(one, set, templates, record.name))) {
        claims.set(item.metadata.name, claimOf(item, namespace));
      }
    }
  }
  return [...claims.values()];
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
