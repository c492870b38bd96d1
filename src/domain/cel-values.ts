import { Optional } from '@marcbachmann/cel-js';
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import type { JsonSchema } from './app.ts';
import { CelQuantity } from './cel-quantity.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { formatQuantity } from './quantity.ts';
import { type RenderBudget, renderLimits } from './render-budget.ts';
import { type AnySchema, followRefs, isSchema } from './schema-refs.ts';

/**
 * JSON as CEL sees it. JSON has one kind of number, CEL has two that do not mix: what the schema calls an integer becomes an int
 * (bigint here), what it calls a number a double; without a schema the form decides, as Kubernetes does with JSON.
 */
export function toCel(root: JsonSchema, schema: AnySchema | undefined, value: Json): unknown {
  if (typeof value !== 'object' && typeof value !== 'number') return value;
  const own = followRefs(root, schema);
  if (typeof value === 'number') return toCelNumber(own, value);
  if (Array.isArray(value)) return value.map((item) => toCel(root, own?.items, item));
  return isObject(value) ? toCelMap(root, own, value) : null;
}

/**
 * A result of CEL as JSON; undefined where it is an empty optional, which means "leave it out".
 *
 * @throws Error with a message for people where JSON has no such value.
 */
export function fromCel(value: unknown, budget: RenderBudget, depth = 0): Json | undefined {
  budget.step();
  if (depth > renderLimits.depth) throw new Error(`the result is nested deeper than ${renderLimits.depth}`);
  switch (typeof value) {
    case 'string':
      budget.step(value.length / 16);
      return value;
    case 'boolean':
      return value;
    case 'bigint':
      return safeInteger(value);
    case 'number':
      if (!Number.isFinite(value)) throw new Error('the result is not a finite number');
      return value;
    default:
      return value === null ? null : fromCelObject(value, budget, depth);
  }
}

/** Keys and values of a map of CEL, which is a Map (values) or a plain object (literals); undefined for anything else. */
export function celEntries(value: unknown): (readonly [unknown, unknown])[] | undefined {
  if (value instanceof Map) return [...value.entries()];
  const prototype = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined;
  return prototype === Object.prototype || prototype === null ? Object.entries(value as object) : undefined;
}

/** A result of CEL as text inside of a longer string; null and an empty optional are nothing. */
export function celText(value: unknown, budget: RenderBudget): string {
  const json = fromCel(value, budget);
  if (json === undefined || json === null) return '';
  if (typeof json === 'object')
    throw new Error('a list or map cannot stand inside of text: use json.marshal(...) or join(...)');
  return String(json);
}

function toCelNumber(schema: JsonSchema | undefined, value: number): unknown {
  const types = schema?.type === undefined ? [] : [schema.type].flat();
  if (types.includes('number') && !types.includes('integer')) return value;
  return Number.isSafeInteger(value) ? BigInt(value) : value;
}

/** A Map, since the library tells a plain object's type by its `constructor`, which may be a key of the data. */
function toCelMap(
  root: JsonSchema,
  schema: JsonSchema | undefined,
  value: JsonObject,
): ReadonlyMap<string, unknown> {
  const result = new Map<string, unknown>();
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) result.set(key, toCel(root, childOf(schema, key), item));
  }
  return result;
}

function childOf(schema: JsonSchema | undefined, key: string): AnySchema | undefined {
  if (schema?.properties !== undefined && Object.hasOwn(schema.properties, key))
    return schema.properties[key];
  return isSchema(schema?.additionalProperties) ? schema.additionalProperties : undefined;
}

function fromCelObject(value: unknown, budget: RenderBudget, depth: number): Json | undefined {
  if (value instanceof Optional)
    return value.hasValue() ? fromCel(value.value(), budget, depth + 1) : undefined;
  if (Array.isArray(value) || value instanceof Set)
    return [...value].map((item) => fromCel(item, budget, depth + 1)).filter((item) => item !== undefined);
  if (value instanceof UnsignedInt) return safeInteger(value.valueOf());
  if (value instanceof CelQuantity) return formatQuantity(value.quantity);
  if (value instanceof Uint8Array)
    throw new Error('the result is bytes: use base64.encode(...) or string(...)');
  const entries = celEntries(value);
  if (entries === undefined) throw new Error('the result is neither text, number, boolean, list nor map');
  const result: JsonObject = {};
  for (const [key, item] of entries) {
    const json = fromCel(item, budget, depth + 1);
    if (json !== undefined) define(result, String(key), json);
  }
  return result;
}

function safeInteger(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    throw new Error(`the integer ${value} is beyond 2^53 and would lose digits: use string(...)`);
  return number;
}

function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
