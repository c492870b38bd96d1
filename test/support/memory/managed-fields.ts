import type { JsonObject } from '../../../src/domain/json.ts';
import type { KubeObject, ManagedFieldsEntry } from '../../../src/domain/objects.ts';
import {
  decodeSet,
  difference,
  encodeSet,
  type FieldSet,
  intersection,
  isEmptySet,
  pathsOf,
  union,
} from './field-set.ts';
import { compare, fieldsOf, overlay, prune, unionAll } from './merge.ts';
import type { HeldField } from './refusals.ts';
import type { ShapeOf } from './shape.ts';

/** Who writes: the manager, under which API version, when, and through which subresource. */
export interface Writer {
  readonly manager: string;
  readonly apiVersion: string;
  readonly time: string;
  readonly subresource?: string;
  readonly shapeOf: ShapeOf;
  /** True where `status` belongs to a subresource of its own. */
  readonly status: boolean;
}

interface Manager extends Omit<ManagedFieldsEntry, 'fieldsV1' | 'fieldsType'> {
  readonly set: FieldSet;
}

/** Metadata that the server writes: nobody manages it. */
const unmanaged = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
];

/** The part of an object that managers manage. */
function managedView(object: KubeObject | undefined, writer: Writer): JsonObject {
  if (object === undefined) return {};
  if (writer.subresource === 'status') return { status: object.status } as JsonObject;
  const { apiVersion: _version, kind: _kind, metadata, ...body } = object;
  const own = Object.entries(metadata).filter(([key]) => !unmanaged.includes(key));
  if (writer.status) delete body.status;
  return { ...body, ...(own.length === 0 ? {} : { metadata: Object.fromEntries(own) }) } as JsonObject;
}

function decodeManagers(object: KubeObject | undefined): Manager[] {
  return (object?.metadata.managedFields ?? []).map(({ fieldsV1, fieldsType: _type, ...entry }) => ({
    ...entry,
    set: decodeSet(fieldsV1 ?? {}),
  }));
}

function encodeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] {
  return managers
    .filter((manager) => !isEmptySet(manager.set))
    .sort((a, b) => order(a).localeCompare(order(b)))
    .map(({ set, ...entry }) => ({ ...entry, fieldsType: 'FieldsV1', fieldsV1: encodeSet(set) }));
}

function order({ operation, time, manager }: Manager): string {
  return `${operation} ${time} ${manager}`;
}

function isWriter(manager: Manager, writer: Writer, operation: Manager['operation']): boolean {
  return (
    manager.manager === writer.manager &&
    manager.operation === operation &&
    manager.subresource === writer.subresource &&
    (operation === 'Apply' || manager.apiVersion === writer.apiVersion)
  );
}

/** The entry of a writer with a new set; its time stays where the set does. */
function entryOf(writer: Writer, operation: Manager['operation'], set: FieldSet, before?: Manager): Manager {
  const unchanged =
    before !== undefined &&
    isEmptySet(difference(set, before.set)) &&
    isEmptySet(difference(before.set, set));
  return {
    manager: writer.manager,
    operation,
    apiVersion: writer.apiVersion,
    time: unchanged && before?.time !== undefined ? before.time : writer.time,
    ...(writer.subresource === undefined ? {} : { subresource: writer.subresource }),
    set,
  };
}

/** The managedFields of an object after a create, replace or patch: what was changed belongs to the writer now. */
export function afterUpdate(
  before: KubeObject | undefined,
  after: KubeObject,
  writer: Writer,
): ManagedFieldsEntry[] {
  // A client that sends entries replaces them; one that sends none leaves them.
  const managers = decodeManagers(after.metadata.managedFields?.length ? after : before);
  const changes = compare(managedView(before, writer), managedView(after, writer), writer.shapeOf);
  const changed = union(changes.modified, changes.added);
  const taken = union(changed, changes.removed);
  const own = managers.find((manager) => isWriter(manager, writer, 'Update'));
  const others = managers.filter((manager) => manager !== own);
  const set = difference(own === undefined ? changed : union(own.set, changed), changes.removed);
  return encodeManagers([
    ...others.map((manager) => ({ ...manager, set: difference(manager.set, taken) })),
    entryOf(writer, 'Update', set, own),
  ]);
}

/** The result of an apply, or the fields that others hold. */
export type Applied =
  | { readonly object: KubeObject; readonly managedFields: ManagedFieldsEntry[] }
  | { readonly held: readonly HeldField[] };

/** Server-side apply (KEP-555): merge, prune what is not applied any more, refuse fields of others or, with force, take them. */
export function afterApply(
  live: KubeObject | undefined,
  config: KubeObject,
  writer: Writer,
  force: boolean,
): Applied {
  const managers = decodeManagers(live);
  const own = managers.find((manager) => isWriter(manager, writer, 'Apply'));
  const others = managers.filter((manager) => manager !== own);
  const before = managedView(live, writer);
  const applied = managedView(config, writer);
  const set = fieldsOf(applied, writer.shapeOf);
  const merged = overlay(before, applied, writer.shapeOf);
  const owned = unionAll([set, ...others.map((manager) => manager.set)]);
  const after = own === undefined ? merged : prune(merged, own.set, owned, writer.shapeOf);
  const changes = compare(before, after, writer.shapeOf);
  const changed = union(changes.modified, changes.added);
  const held = others.flatMap((manager) =>
    pathsOf(intersection(manager.set, changed)).map((path) => ({ manager: describe(manager), path })),
  );
  if (held.length > 0 && !force) return { held };
  const lost = union(changes.removed, changed);
  return {
    object: withView(live, config, after as JsonObject),
    managedFields: encodeManagers([
      ...others.map((manager) => ({ ...manager, set: difference(manager.set, lost) })),
      entryOf(writer, 'Apply', set, own),
    ]),
  };
}

function describe({ manager, operation, apiVersion, time, subresource }: Manager): string {
  const name =
    JSON.stringify(manager) + (subresource === undefined ? '' : ` with subresource "${subresource}"`);
  if (operation === 'Apply') return name;
  return `${name} using ${apiVersion}${time === undefined ? '' : ` at ${time}`}`;
}

function withView(live: KubeObject | undefined, config: KubeObject, view: JsonObject): KubeObject {
  const { metadata, ...body } = view;
  const base = live?.metadata ?? config.metadata;
  const kept = Object.entries(base).filter(([key]) => unmanaged.includes(key));
  return {
    apiVersion: config.apiVersion,
    kind: config.kind,
    metadata: { ...Object.fromEntries(kept), ...(metadata as object), name: config.metadata.name },
    ...body,
    ...(live?.status === undefined ? {} : { status: live.status }),
  };
}
