import { isObject, type Json, type JsonObject } from './json.ts';
import type { KubeObject } from './objects.ts';
import { cleanLine } from './text.ts';

/** A condition as it stands in `status.conditions`; `status` is `True`, `False` or `Unknown`. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  /** One line, free of control sequences. */
  readonly message: string;
}

/** An object at a path, empty where there is none. */
export function fieldsAt(value: unknown, ...path: readonly string[]): JsonObject {
  const found = path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
  return isObject(found) ? found : {};
}

/** A list of objects; empty where there is none. */
export function listOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** A number, or what stands for a missing one. */
export function numberOr(value: Json | undefined, missing: number): number {
  return typeof value === 'number' ? value : missing;
}

/** A string on one line, safe to show; `''` where there is none. */
export function lineOf(value: Json | undefined): string {
  return typeof value === 'string' ? cleanLine(value) : '';
}

/** The conditions of an object's status. */
export function conditionsOf(object: KubeObject | JsonObject): Condition[] {
  return listOf(fieldsAt(object, 'status').conditions).map((condition) => ({
    type: String(condition.type ?? ''),
    status: String(condition.status ?? ''),
    reason: lineOf(condition.reason),
    message: lineOf(condition.message),
  }));
}

/** One condition by its type. */
export function conditionOf(object: KubeObject | JsonObject, type: string): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

/** A condition in words: its message, else its reason, else its type. */
export function conditionText(condition: Condition): string {
  return condition.message || condition.reason || condition.type;
}
