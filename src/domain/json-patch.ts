import type { JsonPatchOperation } from './app.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { jsonEqual } from './json-equal.ts';
import { parsePointer } from './json-pointer.ts';

/** Why an operation cannot be done. */
export class PatchFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PatchFailed';
  }
}

/**
 * A copy of a document with operations of RFC 6902 done to it, one after the other.
 *
 * @throws PatchFailed where one does not fit; nothing is changed then.
 */
export function applyJsonPatch(document: Json, operations: readonly JsonPatchOperation[]): Json {
  return operations.reduce<Json>((at, operation, index) => {
    try {
      return applyOne(at, operation);
    } catch (error) {
      if (!(error instanceof PatchFailed)) throw error;
      throw new PatchFailed(`operation ${index + 1} (${operation.op} ${operation.path}): ${error.message}`);
    }
  }, document);
}

function applyOne(document: Json, operation: JsonPatchOperation): Json {
  const path = pointer(operation.path);
  switch (operation.op) {
    case 'add':
      return add(document, path, givenValue(operation));
    case 'remove':
      return remove(document, path);
    case 'replace':
      get(document, path);
      return path.length === 0 ? givenValue(operation) : set(document, path, givenValue(operation));
    case 'move': {
      const from = pointer(operation.from ?? '');
      const value = get(document, from);
      if (isBefore(from, path)) throw new PatchFailed('a value cannot be moved into itself');
      return add(remove(document, from), path, value);
    }
    case 'copy':
      return add(document, path, get(document, pointer(operation.from ?? '')));
    case 'test':
      if (!jsonEqual(get(document, path), givenValue(operation)))
        throw new PatchFailed('the value is another one');
      return document;
    default:
      throw new PatchFailed('there is no such operation');
  }
}

function pointer(text: string): string[] {
  const path = parsePointer(text);
  if (path === undefined) throw new PatchFailed(`\`${text}\` is no JSON pointer: it begins with /`);
  return path;
}

function givenValue(operation: JsonPatchOperation): Json {
  if (operation.value === undefined) throw new PatchFailed('it has no value');
  return operation.value;
}

function isBefore(from: readonly string[], path: readonly string[]): boolean {
  return from.length < path.length && from.every((key, index) => path[index] === key);
}

function get(document: Json, path: readonly string[]): Json {
  return path.reduce<Json>((at, key) => {
    const next = Array.isArray(at)
      ? at[indexIn(at, key, at.length - 1)]
      : isObject(at) && Object.hasOwn(at, key)
        ? at[key]
        : undefined;
    if (next === undefined) throw new PatchFailed(`there is no \`${key}\``);
    return next;
  }, document);
}

/** Changes the parent of the last key, copying what lies on the way. */
function change(
  document: Json,
  path: readonly string[],
  on: (parent: Json[] | JsonObject, key: string) => void,
): Json {
  const [key, ...rest] = path;
  if (key === undefined) throw new PatchFailed('the whole document cannot be changed so');
  const copy = Array.isArray(document) ? [...document] : isObject(document) ? { ...document } : undefined;
  if (copy === undefined) throw new PatchFailed(`there is no \`${key}\``);
  if (rest.length === 0) on(copy, key);
  else if (Array.isArray(copy)) {
    const index = indexIn(copy, key, copy.length - 1);
    copy[index] = change(copy[index] ?? null, rest, on);
  } else define(copy, key, change(get(copy, [key]), rest, on));
  return copy;
}

function add(document: Json, path: readonly string[], value: Json): Json {
  if (path.length === 0) return value;
  return change(document, path, (parent, key) => {
    if (!Array.isArray(parent)) define(parent, key, value);
    else parent.splice(key === '-' ? parent.length : indexIn(parent, key, parent.length), 0, value);
  });
}

function set(document: Json, path: readonly string[], value: Json): Json {
  return change(document, path, (parent, key) => {
    if (!Array.isArray(parent)) define(parent, key, value);
    else parent[indexIn(parent, key, parent.length - 1)] = value;
  });
}

function remove(document: Json, path: readonly string[]): Json {
  get(document, path);
  return change(document, path, (parent, key) => {
    if (Array.isArray(parent)) parent.splice(indexIn(parent, key, parent.length - 1), 1);
    else delete parent[key];
  });
}

/** RFC 6901: digits without leading zeros. */
function indexIn(list: readonly Json[], key: string, last: number): number {
  if (!/^(0|[1-9]\d*)$/.test(key) || Number(key) > last)
    throw new PatchFailed(`the list has ${list.length} entries, there is no \`${key}\``);
  return Number(key);
}

function define(target: JsonObject, key: string, value: Json): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
