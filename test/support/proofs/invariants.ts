import { clusterRecords } from '../../../src/adapters/kubernetes/records.ts';
import { fieldsDigest } from '../../../src/domain/managed-fields.ts';
import { displayId, type GroupVersionKind, idKey, type ObjectRef } from '../../../src/domain/objects.ts';
import { applySetId, fieldManager, ownershipKeys } from '../../../src/domain/ownership.ts';
import type { InstallationRecord } from '../../../src/domain/release.ts';
import type { Cluster, PartialObject, Records } from '../../../src/services/ports.ts';
import { referredParts } from './record-names.ts';

interface Place {
  readonly namespace: string;
  readonly name: string;
}

/** What may be left where it is not a fault. */
export interface Allowed {
  /** The Secret with generated passwords, without an installation: they open volumes that are still there. */
  readonly generated?: boolean;
}

/**
 * Everything that must hold of an installation between operations, whatever happened before: record and cluster agree, nothing
 * half-written is referred to, nothing is orphaned. Answers what does not hold, a line each; nothing where all does.
 */
export async function checkInstallation(
  cluster: Cluster,
  place: Place,
  allowed: Allowed = {},
): Promise<string[]> {
  const records = clusterRecords(cluster);
  const record = await records.read(place.namespace, place.name);
  const [ours, parts, leases] = await Promise.all([
    labelledObjects(cluster, place),
    recordParts(cluster, place),
    leasesOf(cluster, place),
  ]);
  const content =
    record === undefined ? absentProblems(ours) : await presentProblems(cluster, records, record, ours);
  return [
    ...content,
    ...leases.map((name) => `Lease ${name} is left`),
    ...(await partProblems(cluster, place, record !== undefined, parts, allowed)),
  ];
}

function absentProblems(ours: readonly Found[]): string[] {
  return ours.map(({ ref }) => `${displayId(ref)} carries our label and no installation has it`);
}

async function presentProblems(
  cluster: Cluster,
  records: Records,
  record: InstallationRecord,
  ours: readonly Found[],
): Promise<string[]> {
  const known = new Set(record.inventory.map(idKey));
  const orphans = ours.filter(({ ref }) => !known.has(idKey(ref)));
  return [
    ...stateProblems(record),
    ...(await summaryProblems(records, record)),
    ...orphans.map(({ ref }) => `${displayId(ref)} carries our label and is not in the inventory`),
    ...(await Promise.all(record.inventory.map((entry) => entryProblems(cluster, record, entry)))).flat(),
    ...(
      await Promise.all(record.revisions.map(({ number }) => revisionProblems(records, record, number)))
    ).flat(),
  ];
}

function stateProblems(record: InstallationRecord): string[] {
  const deployed = record.revisions.filter((revision) => revision.result === 'deployed');
  return [
    ...(record.state === 'deployed' ? [] : [`the state is ${record.state}`]),
    ...(record.pending === undefined ? [] : [`an operation is pending: ${record.pending.operation}`]),
    ...(deployed.length === 1 ? [] : [`${deployed.length} revisions are deployed`]),
    ...(record.revisions.at(-1)?.result === 'deployed' ? [] : ['the newest revision is not deployed']),
    ...(record.revisions.some((revision) => revision.result === 'pending') ? ['a revision is pending'] : []),
  ];
}

/** What `list` shows has to be what the index holds. */
async function summaryProblems(records: Records, record: InstallationRecord): Promise<string[]> {
  const { items } = await records.list({ namespace: record.namespace, fallback: record.namespace });
  const item = items.find((one) => one.name === record.name);
  const wrong = (['state', 'revision', 'version', 'app', 'catalog'] as const).filter(
    (field) => item?.[field] !== record[field],
  );
  return wrong.map((field) => `list shows ${field} ${item?.[field]}, the record has ${record[field]}`);
}

async function entryProblems(
  cluster: Cluster,
  record: InstallationRecord,
  entry: InstallationRecord['inventory'][number],
): Promise<string[]> {
  const live = await cluster.getMetadata(entry);
  const id = displayId(entry);
  if (live === undefined) return [`${id} is in the inventory and not in the cluster`];
  const set = applySetId(record.namespace, record.name);
  return [
    ...(live.metadata.uid === entry.uid
      ? []
      : [`${id} has uid ${live.metadata.uid}, recorded is ${entry.uid}`]),
    ...(live.metadata.labels?.[ownershipKeys.partOf] === set ? [] : [`${id} does not carry our label`]),
    ...(fieldsDigest(live.metadata, fieldManager) === entry.fields
      ? []
      : [`${id}: our fields are not as recorded`]),
    ...(live.metadata.deletionTimestamp === undefined ? [] : [`${id} is being deleted`]),
  ];
}

async function revisionProblems(
  records: Records,
  record: InstallationRecord,
  number: number,
): Promise<string[]> {
  try {
    await records.whole(record, number);
    return [];
  } catch (error) {
    return [`revision ${number} cannot be read: ${(error as Error).message}`];
  }
}

async function partProblems(
  cluster: Cluster,
  place: Place,
  installed: boolean,
  parts: readonly Part[],
  allowed: Allowed,
): Promise<string[]> {
  const needed = installed ? await referredParts(cluster, place) : new Set<string>();
  const orphans = parts.filter(({ name, part }) => {
    if (part === 'index' || needed.has(name)) return false;
    return part !== 'generated' || (!installed && allowed.generated !== true);
  });
  return orphans.map(({ name, part }) => `${part} ${name} is left and nothing refers to it`);
}

interface Found {
  readonly ref: ObjectRef;
  readonly item: PartialObject;
}

/** Kinds that mirror others and carry their labels. */
const mirrors: ReadonlySet<string> = new Set(['Endpoints', 'EndpointSlice']);

/** Every object that carries the label of the installation, whatever its kind, in its namespace or in none. */
async function labelledObjects(cluster: Cluster, place: Place): Promise<Found[]> {
  const labelSelector = `${ownershipKeys.partOf}=${applySetId(place.namespace, place.name)}`;
  const kinds = (await cluster.resourceTypes()).filter(
    (kind) => kind.verbs.includes('list') && kind.verbs.includes('delete') && !mirrors.has(kind.kind),
  );
  const lists = await Promise.all(
    kinds.map(async ({ group, version, kind, namespaced }) => {
      const scope = namespaced ? { namespace: place.namespace } : {};
      const { items } = await cluster.listMetadata({ group, version, kind }, { ...scope, labelSelector });
      return items.map((item) => {
        const namespace = item.metadata.namespace ?? '';
        return { ref: { group, version, kind, namespace, name: item.metadata.name }, item };
      });
    }),
  );
  return lists.flat();
}

interface Part {
  readonly name: string;
  readonly part: string;
}

const recordKinds: readonly GroupVersionKind[] = [
  { group: '', version: 'v1', kind: 'ConfigMap' },
  { group: '', version: 'v1', kind: 'Secret' },
];

async function recordParts(cluster: Cluster, place: Place): Promise<Part[]> {
  const options = { namespace: place.namespace, labelSelector: `appstore.dev/installation=${place.name}` };
  const lists = await Promise.all(recordKinds.map((kind) => cluster.listMetadata(kind, options)));
  return lists
    .flatMap((list) => list.items)
    .map(({ metadata }) => ({ name: metadata.name, part: metadata.labels?.['appstore.dev/record'] ?? '' }));
}

async function leasesOf(cluster: Cluster, place: Place): Promise<string[]> {
  const kind = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' };
  const { items } = await cluster.listMetadata(kind, { namespace: place.namespace });
  return items.map((item) => item.metadata.name).filter((name) => name === `appstore.${place.name}`);
}
