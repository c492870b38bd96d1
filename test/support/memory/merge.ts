import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../../../src/domain/json.ts';
import { emptySet, type FieldSet, isEmptySet, leafSet, nodeOf, union } from './field-set.ts';
import { keyDefaults, type ShapeOf } from './shape.ts';

type Value = unknown;
type Fields = Record<string, Value>;

/** The steps below a value: edge of the field set, path of names, value. Undefined where the value is one leaf. */
interface Step {
  readonly edge: string;
  readonly path: string;
  readonly value: Value;
}

/** Takes a value apart as its shape says; undefined where it counts as one. */
function steps(value: Value, path: string, shapeOf: ShapeOf): Step[] | undefined {
  const shape = shapeOf(path, value);
  if (isObject(value) && shape.type === 'granular') {
    return Object.entries(value)
      .filter(([, child]) => child !== undefined)
      .map(([name, child]) => ({
        edge: `f:${name}`,
        path: path === '' ? name : `${path}.${name}`,
        value: child,
      }));
  }
  if (!Array.isArray(value)) return undefined;
  if (shape.type === 'set') {
    return value.map((item) => ({ edge: `v:${JSON.stringify(item)}`, path, value: item }));
  }
  if (shape.type !== 'keyed') return undefined;
  return value.map((item) => ({ edge: `k:${itemKey(item as Fields, shape.keys)}`, path, value: item }));
}

function itemKey(item: Fields, keys: readonly string[]): string {
  const named = [...keys].sort().map((key) => [key, item[key] ?? keyDefaults[key]] as const);
  return JSON.stringify(Object.fromEntries(named));
}

/** An item of a keyed list is a map of its own: its own path must not be looked up as the list again. */
function isItem(edge: string): boolean {
  return edge.startsWith('k:') || edge.startsWith('v:');
}

function stepsInto(step: Step, shapeOf: ShapeOf): Step[] | undefined {
  if (step.edge.startsWith('v:')) return undefined;
  if (!step.edge.startsWith('k:')) return steps(step.value, step.path, shapeOf);
  return Object.entries(step.value as Fields).map(([name, child]) => ({
    edge: `f:${name}`,
    path: `${step.path}.${name}`,
    value: child,
  }));
}

function rootStep(value: Value): Step {
  return { edge: 'f:', path: '', value };
}

/** Every field of a value: leaves, and the items of keyed lists and sets themselves. An empty map or list is a leaf. */
export function fieldsOf(value: Value, shapeOf: ShapeOf): FieldSet {
  return fieldsAt(rootStep(value), shapeOf);
}

function fieldsAt(step: Step, shapeOf: ShapeOf): FieldSet {
  const below = stepsInto(step, shapeOf);
  if (below === undefined || below.length === 0) return leafSet;
  return nodeOf(
    below.map((one) => [one.edge, fieldsAt(one, shapeOf)] as const),
    isItem(step.edge),
  );
}

/** How one value came out of another. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

const same: Comparison = { added: emptySet, modified: emptySet, removed: emptySet };

/** Compares field by field. The order of keyed lists and sets does not count. */
export function compare(before: Value, after: Value, shapeOf: ShapeOf): Comparison {
  return compareAt(rootStep(before), rootStep(after), shapeOf);
}

function compareAt(before: Step | undefined, after: Step | undefined, shapeOf: ShapeOf): Comparison {
  if (before === undefined && after === undefined) return same;
  if (before === undefined && after !== undefined) return { ...same, added: fieldsAt(after, shapeOf) };
  if (before !== undefined && after === undefined) return { ...same, removed: fieldsAt(before, shapeOf) };
  if (before === undefined || after === undefined) return same;
  const left = stepsInto(before, shapeOf);
  const right = stepsInto(after, shapeOf);
  if (left === undefined || right === undefined) {
    return isDeepStrictEqual(before.value, after.value) ? same : { ...same, modified: leafSet };
  }
  const inBefore = new Map(left.map((step) => [step.edge, step]));
  const inAfter = new Map(right.map((step) => [step.edge, step]));
  const edges = [...new Set([...inBefore.keys(), ...inAfter.keys()])];
  const below = edges.map(
    (edge) => [edge, compareAt(inBefore.get(edge), inAfter.get(edge), shapeOf)] as const,
  );
  const pick = (which: keyof Comparison) => nodeOf(below.map(([edge, one]) => [edge, one[which]] as const));
  return { added: pick('added'), modified: pick('modified'), removed: pick('removed') };
}

/** Lays applied fields over live ones. */
export function overlay(live: Value, applied: Value, shapeOf: ShapeOf): Value {
  return overlayAt(rootStep(live), rootStep(applied), shapeOf);
}

function overlayAt(live: Step | undefined, applied: Step, shapeOf: ShapeOf): Value {
  const left = live === undefined ? undefined : stepsInto(live, shapeOf);
  const right = stepsInto(applied, shapeOf);
  if (left === undefined || right === undefined) return structuredClone(applied.value);
  const inLive = new Map(left.map((step) => [step.edge, step]));
  const merged = right.map((step) => ({
    edge: step.edge,
    value: overlayAt(inLive.get(step.edge), step, shapeOf),
  }));
  if (Array.isArray(applied.value) && !applied.edge.startsWith('k:')) return mergeOrder(left, merged);
  const fields: Fields = { ...(live?.value as Fields) };
  for (const { edge, value } of merged) fields[edge.slice(2)] = value;
  return fields;
}

/** Applied items in their order; live ones that are not applied stay before what followed them. */
function mergeOrder(live: readonly Step[], merged: readonly { edge: string; value: Value }[]): Value[] {
  const applied = new Set(merged.map((item) => item.edge));
  const out: Value[] = [];
  let at = 0;
  for (const item of merged) {
    const place = live.findIndex((step) => step.edge === item.edge);
    for (; at <= place; at++) {
      const step = live[at];
      if (step !== undefined && !applied.has(step.edge)) out.push(step.value);
    }
    out.push(item.value);
  }
  const rest = live.slice(at).filter((step) => !applied.has(step.edge));
  return [...out, ...rest.map((step) => step.value)];
}

/**
 * Takes away what a manager applied before and does not apply any more, unless somebody (the manager itself included) still
 * owns it. A map that becomes empty goes too.
 */
export function prune(value: Value, last: FieldSet, owned: FieldSet, shapeOf: ShapeOf): Value {
  return pruneAt(rootStep(value), last, owned, shapeOf);
}

function pruneAt(step: Step, last: FieldSet, owned: FieldSet, shapeOf: ShapeOf): Value {
  const below = stepsInto(step, shapeOf);
  if (below === undefined) return step.value;
  const kept = below.flatMap((one) => {
    const gone = last.children.get(one.edge);
    if (gone === undefined || isKeyField(step, one)) return [one];
    const theirs = owned.children.get(one.edge) ?? emptySet;
    if (isEmptySet(theirs)) return isOnly(one, gone, shapeOf) ? [] : keepRest(one, gone, shapeOf);
    return [{ ...one, value: pruneAt(one, gone, theirs, shapeOf) }];
  });
  if (Array.isArray(step.value) && !step.edge.startsWith('k:')) return kept.map((one) => one.value);
  return Object.fromEntries(kept.map((one) => [one.edge.slice(2), one.value]));
}

/** The fields that identify an item stay as long as the item does. */
function isKeyField(item: Step, field: Step): boolean {
  return item.edge.startsWith('k:') && Object.hasOwn(JSON.parse(item.edge.slice(2)), field.edge.slice(2));
}

/** True where nothing is left of a value without these fields, or where the value itself is one of them. */
function isOnly(step: Step, gone: FieldSet, shapeOf: ShapeOf): boolean {
  if (gone.self) return true;
  const rest = compareAt(undefined, step, shapeOf).added;
  return isEmptySet(restOf(rest, gone));
}

function restOf(all: FieldSet, gone: FieldSet): FieldSet {
  if (gone.self) return emptySet;
  const edges = [...all.children].map(
    ([edge, child]) => [edge, restOf(child, gone.children.get(edge) ?? emptySet)] as const,
  );
  return nodeOf(edges, all.self);
}

function keepRest(step: Step, gone: FieldSet, shapeOf: ShapeOf): Step[] {
  const value = pruneAt(step, gone, emptySet, shapeOf);
  const empty = isObject(value)
    ? Object.keys(value).length === 0
    : Array.isArray(value) && value.length === 0;
  return empty ? [] : [{ ...step, value }];
}

/** Both sets together; for the fields that several managers own. */
export function unionAll(sets: readonly FieldSet[]): FieldSet {
  return sets.reduce(union, emptySet);
}
