import { isObject, type JsonObject } from '../../../src/domain/json.ts';

/**
 * A set of fields as `metadata.managedFields[].fieldsV1` writes it (KEP-555): a tree whose edges are `f:name`, `k:{keys}` and
 * `v:value`. `self` says that the node itself is in the set. Never changed after it was made.
 */
export interface FieldSet {
  readonly self: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const emptySet: FieldSet = { self: false, children: new Map() };
export const leafSet: FieldSet = { self: true, children: new Map() };

export function isEmptySet(set: FieldSet): boolean {
  return !set.self && [...set.children.values()].every(isEmptySet);
}

/** A node from its children; children without members are left out. */
export function nodeOf(children: Iterable<readonly [string, FieldSet]>, self = false): FieldSet {
  return { self, children: new Map([...children].filter(([, child]) => !isEmptySet(child))) };
}

function combine(a: FieldSet, b: FieldSet, keep: (inA: boolean, inB: boolean) => boolean): FieldSet {
  const edges = new Set([...a.children.keys(), ...b.children.keys()]);
  const children = [...edges].map(
    (edge) =>
      [edge, combine(a.children.get(edge) ?? emptySet, b.children.get(edge) ?? emptySet, keep)] as const,
  );
  return nodeOf(children, keep(a.self, b.self));
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA || inB);
}

export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && !inB);
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && inB);
}

/** Writes a set as `fieldsV1`. */
export function encodeSet(set: FieldSet): JsonObject {
  const encoded: JsonObject = set.self && set.children.size > 0 ? { '.': {} } : {};
  for (const edge of [...set.children.keys()].sort())
    encoded[edge] = encodeSet(set.children.get(edge) ?? emptySet);
  return encoded;
}

/** Reads `fieldsV1`. */
export function decodeSet(encoded: JsonObject): FieldSet {
  const edges = Object.keys(encoded).filter((edge) => edge !== '.');
  const children = edges.map((edge) => {
    const child = encoded[edge];
    return [edge, isObject(child) ? decodeSet(child) : leafSet] as const;
  });
  return nodeOf(children, '.' in encoded || edges.length === 0);
}

/** The paths of a set as messages write them: `.spec.containers[name="web"].image`. */
export function pathsOf(set: FieldSet, prefix = ''): string[] {
  const own = set.self ? [prefix] : [];
  const edges = [...set.children.keys()].sort();
  return [
    ...own,
    ...edges.flatMap((edge) => pathsOf(set.children.get(edge) ?? emptySet, prefix + step(edge))),
  ];
}

function step(edge: string): string {
  const text = edge.slice(2);
  if (edge.startsWith('f:')) return `.${text}`;
  if (edge.startsWith('v:')) return `[=${text}]`;
  const keys = Object.entries(JSON.parse(text) as Record<string, unknown>);
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
}
