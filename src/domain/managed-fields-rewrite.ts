import { isObject, type JsonObject } from './json.ts';
import type { ManagedFieldsEntry, ObjectMeta } from './objects.ts';
import { fieldManager } from './ownership.ts';

/** kubectl keeps what was applied last here; beside server-side apply it only misleads. */
export const lastAppliedKey = 'kubectl.kubernetes.io/last-applied-configuration';

type Operation = ManagedFieldsEntry['operation'];

/**
 * Field managers under which tools write what an app as a whole is made of: what they own becomes ours when the object does. A
 * manager that stands for a single change by hand (`kubectl-edit`, `kubectl-patch`, `kubectl-scale`) is no such tool: what it holds
 * is a conflict, to be decided field by field.
 */
const formerTools: readonly {
  readonly name: RegExp;
  readonly operations: readonly Operation[];
  readonly reason: string;
}[] = [
  {
    name: /^kubectl-client-side-apply$/,
    operations: ['Update'],
    reason: 'kubectl apply (kubectl pkg/cmd/apply, FieldManagerClientSideApply)',
  },
  {
    name: /^kubectl$/,
    operations: ['Apply', 'Update'],
    reason: 'kubectl apply --server-side (its default field manager); everything by kubectl before 1.18',
  },
  {
    name: /^kubectl-(create|replace|run|expose)$/,
    operations: ['Update'],
    reason: 'kubectl makes whole objects so',
  },
  {
    name: /^before-first-apply$/,
    operations: ['Update'],
    reason: 'the API server, for what was written before it knew managers (fieldmanager/skipnonapplied.go)',
  },
  {
    name: /^[Hh]elm$/,
    operations: ['Update', 'Apply'],
    reason:
      'Helm 3 writes as the name of its binary (pkg/kube getManagedFieldsManager), Helm 4 applies so too',
  },
  {
    name: /^terraform-provider-helm/,
    operations: ['Update', 'Apply'],
    reason: 'Helm as a library, with the name and version of the provider as that of the binary',
  },
];

/** True for an entry of a tool that a whole object may have been made with. */
export function isFormer({ manager, operation, subresource }: ManagedFieldsEntry): boolean {
  return (
    (subresource ?? '') === '' &&
    formerTools.some((tool) => tool.name.test(manager) && tool.operations.includes(operation))
  );
}

/** Names of the tools that made an object, in the order of their entries. */
export function formerManagers(metadata: Pick<ObjectMeta, 'managedFields'>): string[] {
  return [...new Set((metadata.managedFields ?? []).filter(isFormer).map(({ manager }) => manager))];
}

/**
 * The entries with those of former tools made one with ours, so that an apply which leaves a field out removes it: without that,
 * what the former tool owns would stay for ever. As client-go does it (util/csaupgrade): the sets are united where they are of one
 * API version, and the entries of the tools go. Undefined where there is nothing to rewrite.
 */
export function adoptManagedFields(
  entries: readonly ManagedFieldsEntry[],
): readonly ManagedFieldsEntry[] | undefined {
  const former = entries.filter(isFormer);
  const [first] = former;
  if (first === undefined) return undefined;
  const isOurs = (entry: ManagedFieldsEntry) =>
    entry.manager === fieldManager && entry.operation === 'Apply' && (entry.subresource ?? '') === '';
  const ours = entries.find(isOurs) ?? { ...first, manager: fieldManager, operation: 'Apply', fieldsV1: {} };
  const fieldsV1 = former
    .filter((entry) => entry.apiVersion === ours.apiVersion)
    .reduce((fields, entry) => uniteFields(fields, entry.fieldsV1 ?? {}), ours.fieldsV1 ?? {});
  return [{ ...ours, fieldsV1 }, ...entries.filter((entry) => !isOurs(entry) && !isFormer(entry))];
}

/** Both FieldsV1 sets together. A leaf is `{}`; what is owned itself and has more below says `.` beside it. */
export function uniteFields(a: JsonObject, b: JsonObject): JsonObject {
  const result: JsonObject = { ...a };
  for (const [edge, below] of Object.entries(b)) {
    const here = result[edge];
    if (!isObject(below)) continue;
    result[edge] = isObject(here) ? uniteNodes(here, below) : below;
  }
  return result;
}

function uniteNodes(a: JsonObject, b: JsonObject): JsonObject {
  const isLeaf = (node: JsonObject) => Object.keys(node).length === 0;
  if (isLeaf(a) && isLeaf(b)) return {};
  const self = isLeaf(a) || isLeaf(b) ? { '.': {} } : {};
  return { ...self, ...uniteFields(a, b) };
}
