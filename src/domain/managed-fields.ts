import { isObject, type JsonObject } from './json.ts';
import type { ManagedFieldsEntry, ObjectMeta } from './objects.ts';
import { fieldManager } from './ownership.ts';
import { shortDigest } from './stable-json.ts';

type WithManagedFields = Pick<ObjectMeta, 'managedFields'>;

/** The entry of a manager's applies; there is at most one, whatever API version it was applied with. */
function applyEntry(
  metadata: WithManagedFields,
  manager: string = fieldManager,
): ManagedFieldsEntry | undefined {
  return metadata.managedFields?.find(
    (entry) => entry.manager === manager && entry.operation === 'Apply' && (entry.subresource ?? '') === '',
  );
}

/** Digest of the fields that a manager's applies own; `''` where it owns none. Times do not enter it. */
export function fieldsDigest(metadata: WithManagedFields, manager: string = fieldManager): string {
  const entry = applyEntry(metadata, manager);
  return entry?.fieldsV1 === undefined ? '' : shortDigest(entry.fieldsV1);
}

/**
 * One step of a FieldsV1 set as the API server writes it in messages (structured-merge-diff `fieldpath`): `f:` a field, `k:`
 * a list item by its keys, `v:` a set member, `i:` an index.
 */
function stepText(step: string): string {
  const value = step.slice(2);
  switch (step.slice(0, 2)) {
    case 'f:':
      return `.${value}`;
    case 'k:':
      return `[${keyText(value)}]`;
    case 'v:':
      return `[=${value}]`;
    default:
      return `[${value}]`;
  }
}

function keyText(json: string): string {
  const keys: unknown = JSON.parse(json);
  if (!isObject(keys)) return json;
  return Object.entries(keys)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(',');
}

/**
 * Paths of a FieldsV1 set as Kubernetes writes them, for example `.spec.template.spec.containers[name="web"].image`, sorted.
 * A path that only holds others is left out unless it is owned itself and nothing below it is.
 */
export function fieldPaths(fields: JsonObject | undefined, prefix = ''): string[] {
  const paths = Object.entries(fields ?? {}).flatMap(([step, below]) => {
    if (step === '.' || !isObject(below)) return [];
    const path = `${prefix}${stepText(step)}`;
    const inner = fieldPaths(below, path);
    return inner.length === 0 ? [path] : inner;
  });
  return prefix === '' ? paths.sort() : paths;
}

/** Paths of the fields that a manager's applies own. */
export function appliedPaths(metadata: WithManagedFields, manager: string = fieldManager): string[] {
  return fieldPaths(applyEntry(metadata, manager)?.fieldsV1);
}

/** A manager, with its subresource where it writes through one. */
function managerName(entry: ManagedFieldsEntry): string {
  return entry.subresource ? `${entry.manager} (${entry.subresource})` : entry.manager;
}

/** Names of the managers that own a path, or something below or above it as a whole. */
export function ownersOf(metadata: WithManagedFields, path: string): string[] {
  const owners = (metadata.managedFields ?? []).filter((entry) =>
    fieldPaths(entry.fieldsV1).some((owned) => within(path, owned) || within(owned, path)),
  );
  return [...new Set(owners.map(managerName))];
}

function within(path: string, ancestor: string): boolean {
  return path.startsWith(ancestor) && ['', '.', '['].includes(path.charAt(ancestor.length));
}

/** Managers that wrote the object after our last apply, status aside; the latest first. */
export function laterManagers(metadata: WithManagedFields, manager: string = fieldManager): string[] {
  const since = applyEntry(metadata, manager)?.time ?? '';
  const later = (metadata.managedFields ?? [])
    .filter((entry) => entry.manager !== manager && entry.subresource !== 'status')
    .filter((entry) => (entry.time ?? '') >= since)
    .sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1));
  return [...new Set(later.map(managerName))];
}
