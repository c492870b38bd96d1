import { itemStep } from './field-path.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import type { Masker } from './masking.ts';
import type { KubeObject } from './objects.ts';
import type { FieldChange } from './plan.ts';
import { shortDigest } from './stable-json.ts';

/** What the server keeps for itself; a change of it is no change that anybody asked for. */
const ignoredPaths: ReadonlySet<string> = new Set([
  '.status',
  '.metadata.managedFields',
  '.metadata.resourceVersion',
  '.metadata.generation',
  '.metadata.creationTimestamp',
  '.metadata.uid',
  '.metadata.selfLink',
]);

/**
 * Fields that tell the items of a list apart, by the name of the list (`x-kubernetes-list-map-keys` of the Kubernetes API).
 * The first row whose keys all items have, differing from one another, is taken; else the index.
 */
const listKeys: Readonly<Record<string, readonly (readonly string[])[]>> = {
  ports: [['containerPort', 'protocol'], ['port', 'protocol'], ['containerPort'], ['port'], ['name']],
  volumeMounts: [['mountPath']],
  volumeDevices: [['devicePath']],
  hostAliases: [['ip']],
  topologySpreadConstraints: [['topologyKey', 'whenUnsatisfiable']],
  conditions: [['type']],
  ownerReferences: [['uid']],
  webhooks: [['name']],
};
const usualKeys: readonly (readonly string[])[] = [['name']];

export interface DiffOptions {
  /** Masks what is secret in the result; the comparison itself sees the true values. */
  readonly mask?: Masker;
  /** Paths, with all below them, that are left out. */
  readonly ignore?: readonly string[];
}

/**
 * Field by field what changes between two states of one object; an absent state is an empty one. Items of lists are matched by
 * name where Kubernetes does so. Something added or taken away is one change, whatever is inside.
 */
export function fieldChanges(
  before: KubeObject | undefined,
  after: KubeObject | undefined,
  options: DiffOptions = {},
): FieldChange[] {
  const ignored = new Set([...ignoredPaths, ...(options.ignore ?? [])]);
  const changes = compareObjects(before ?? {}, after ?? {}, { path: '', ignored });
  const kind = after ?? before;
  const mask = options.mask;
  return mask === undefined || kind === undefined
    ? changes
    : changes.map((change) => mask.change(kind, change));
}

/**
 * Every field of an object that is made, as changes from nothing, except which object it is. Items of lists are told by what tells them
 * apart.
 */
export function fieldsOf(object: KubeObject): FieldChange[] {
  const { apiVersion: _version, kind: _kind, metadata, ...content } = object;
  const { name: _name, namespace: _namespace, ...more } = metadata;
  return leaves({ metadata: more, ...content } as unknown as JsonObject, '');
}

function leaves(value: Json | undefined, path: string): FieldChange[] {
  if (value === undefined) return [];
  if (isObject(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([key, item]) => leaves(item, `${path}.${key}`));
  if (Array.isArray(value) && value.some((item) => typeof item === 'object')) {
    const keys = listKeysOf(path, [value]);
    return value.flatMap((item, index) =>
      leaves(item, `${path}${keys === undefined ? `[${index}]` : stepOf(item, keys)}`),
    );
  }
  return isObject(value) && path === '.metadata' ? [] : [{ path, after: value }];
}

interface At {
  readonly path: string;
  readonly ignored: ReadonlySet<string>;
}

function compare(before: Json | undefined, after: Json | undefined, at: At): FieldChange[] {
  if (at.ignored.has(at.path)) return [];
  if (isObject(before) && isObject(after)) return compareObjects(before, after, at);
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(before, after, at);
  if (before === after || isEmpty(before, after)) return [];
  return [change(at.path, before, after)];
}

/** An empty object or list and none at all are the same to Kubernetes; null too. */
function isEmpty(before: Json | undefined, after: Json | undefined): boolean {
  const nothing = (value: Json | undefined) =>
    value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
  return nothing(before) && nothing(after);
}

function change(path: string, before: Json | undefined, after: Json | undefined): FieldChange {
  return {
    path,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}

function compareObjects(before: JsonObject, after: JsonObject, at: At): FieldChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => compare(before[key], after[key], { ...at, path: `${at.path}.${key}` }));
}

function compareLists(before: readonly Json[], after: readonly Json[], at: At): FieldChange[] {
  const keys = listKeysOf(at.path, [before, after]);
  if (keys !== undefined) return compareKeyed(before, after, { ...at, keys });
  const scalars = ![...before, ...after].some((item) => typeof item === 'object');
  if (scalars || before.length !== after.length) {
    const same = shortDigest(before) === shortDigest(after);
    return same ? [] : [change(at.path, [...before], [...after])];
  }
  return before.flatMap((item, index) =>
    compare(item, after[index], { ...at, path: `${at.path}[${index}]` }),
  );
}

/** Fields that tell the items of lists apart, by the path of the list; undefined where a list is one value. */
export function listKeysOf(path: string, lists: readonly (readonly Json[])[]): readonly string[] | undefined {
  const name = path.slice(path.lastIndexOf('.') + 1);
  const candidates = listKeys[name] ?? usualKeys;
  return candidates.find((keys) => lists.every((list) => distinguishes(keys, list)));
}

function distinguishes(keys: readonly string[], list: readonly Json[]): boolean {
  if (!list.every((item) => isObject(item) && keys.every((key) => item[key] !== undefined))) return false;
  return new Set(list.map((item) => stepOf(item, keys))).size === list.length;
}

function stepOf(item: Json, keys: readonly string[]): string {
  const fields = isObject(item) ? item : {};
  return itemStep(Object.fromEntries(keys.map((key) => [key, fields[key]])));
}

function compareKeyed(
  before: readonly Json[],
  after: readonly Json[],
  at: At & { readonly keys: readonly string[] },
): FieldChange[] {
  const byStep = (list: readonly Json[]) => new Map(list.map((item) => [stepOf(item, at.keys), item]));
  const old = byStep(before);
  const fresh = byStep(after);
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((step) =>
    compare(old.get(step), fresh.get(step), { ...at, path: `${at.path}${step}` }),
  );
}

/**
 * Digest of what a plan reads of a live object: a pod restart or another manager's bookkeeping must not void a plan. Of a Secret
 * never the values, whose plain hash could be guessed at, but the resourceVersion, which moves only when they do.
 */
export function contentDigest(object: KubeObject): string {
  // A generation moves with the status where a kind has no status of its own.
  const { managedFields: _managers, generation: _generation, resourceVersion, ...metadata } = object.metadata;
  const content: KubeObject = { ...object, metadata };
  delete content.status;
  if (object.apiVersion !== 'v1' || object.kind !== 'Secret') return shortDigest(content);
  delete content.data;
  delete content.stringData;
  return shortDigest({ ...content, resourceVersion });
}
