import type { JsonPatchOperation, ObjectPatch, SecretReference } from './app.ts';
import { checkJson } from './bounded-json.ts';
import { AppstoreError, type Problem } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

/** One step of a path in the values: a key or an index of a list. */
export type PathStep = string | number;

/** What one assignment sets. */
export interface Assignment {
  readonly path: readonly PathStep[];
  readonly value: Json;
}

/** Values, and the paths of those of their numbers that `--set` gave: Helm keeps them apart (docs/values.md). */
export interface GivenValues {
  readonly values: JsonObject;
  readonly integers: readonly string[];
}

/** Lists in values are bounded, so that `a[999999999]=x` does not make one of that length. Helm's bound is the same. */
const longestList = 65_536;

/** Steps of a path: values nest some ten levels, and what is nested without end ends programs (helm GHSA-6rx9-889q-vv2r). */
const longestPath = 100;

/** Keys that would reach into JavaScript's own objects. */
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads `--set` text in the language of Helm's flag: `a.b[0]=c,d={x,y}`; a backslash takes the meaning from the next
 * character. `typed` reads `true`, `false`, `null` and numbers as such; without it every value is text (`--set-string`).
 *
 * As in Helm, decimals are text; a schema that wants a number there makes one of it (`withDefaults`).
 *
 * @throws AppstoreError USAGE with the place in the text.
 */
export function parseAssignments(text: string, options: { flag: string; typed: boolean }): Assignment[] {
  const assignments: Assignment[] = [];
  for (const [index, part] of splitTop(text, ',').entries()) {
    const equals = findTop(part, '=');
    if (equals < 0)
      throw misread(
        options.flag,
        text,
        `part ${index + 1} has no \`=\` (write \`\\,\` for a comma inside a value)`,
      );
    const path = parsePath(part.slice(0, equals), options.flag);
    assignments.push({ path, value: parseValue(part.slice(equals + 1), options.typed) });
  }
  return assignments;
}

/**
 * `--set-json` over what was given: `a.b=[1,{"c":2}],d=true`, or one map that is merged as a values file is. A path without a value is null.
 *
 * @throws AppstoreError USAGE with the place in the text.
 */
export function assignJson(given: GivenValues, text: string): GivenValues {
  const flag = '--set-json';
  if (text.trimStart().startsWith('{')) {
    const map = parseJson(text, flag, '{...}');
    return layerGiven(given, { values: isObject(map) ? map : {}, integers: [] });
  }
  let result = given;
  for (let rest = text.trimStart(); rest !== ''; ) {
    const equals = findTop(rest, '=');
    if (equals < 0) throw misread(flag, text, 'a part has no `=`');
    const behind = rest.slice(equals + 1);
    const end = endOfJson(behind);
    const json = behind.slice(0, end).trim();
    const path = parsePath(rest.slice(0, equals), flag);
    result = assign(result, { path, value: json === '' ? null : parseJson(json, flag, text) }, false);
    rest = behind.slice(end + 1).trimStart();
  }
  return result;
}

/**
 * Reads `--set-literal` text: up to the first `=` it is a path, in which a backslash is a character like any other; what follows is the
 * text, to the end.
 *
 * @throws AppstoreError USAGE where there is no `=`.
 */
export function parseLiteral(text: string): { path: PathStep[]; value: string } {
  const flag = '--set-literal';
  const equals = text.indexOf('=');
  if (equals < 0) throw misread(flag, text, 'there is no `=`');
  return {
    path: parsePath(text.slice(0, equals).replaceAll('\\', '\\\\'), flag),
    value: text.slice(equals + 1),
  };
}

/**
 * Splits one `key=rest` of a flag whose value is taken as it stands (`--set-file`, `--set-secret`).
 *
 * @throws AppstoreError USAGE where there is no `=`.
 */
export function parsePair(text: string, flag: string): { path: PathStep[]; value: string } {
  const equals = findTop(text, '=');
  if (equals < 0) throw misread(flag, text, 'there is no `=`');
  return { path: parsePath(text.slice(0, equals), flag), value: text.slice(equals + 1) };
}

/**
 * Reads `a.b[0]=secret/name:key` of `--set-secret`.
 *
 * @throws AppstoreError USAGE.
 */
export function parseSecretReference(text: string): SecretReference {
  const { path, value } = parsePair(text, '--set-secret');
  const match = /^secret\/([a-z0-9][a-z0-9.-]*):([-._a-zA-Z0-9]+)$/.exec(value);
  if (match?.[1] === undefined || match[2] === undefined)
    throw misread('--set-secret', text, 'the right side must be `secret/NAME:KEY`');
  return { path: formatPath(path), secret: match[1], key: match[2] };
}

/**
 * Reads a path as `--set` writes it: `a.b[0].c`, with `\.` for a dot inside a key.
 *
 * @throws AppstoreError USAGE.
 */
export function parsePath(text: string, flag = '--set'): PathStep[] {
  const steps: PathStep[] = [];
  for (const segment of splitTop(text, '.')) {
    const match = /^((?:\\.|[^\\[\]])*)((?:\[\d+\])*)$/s.exec(segment);
    const key = unescaped(match?.[1] ?? '');
    if (match === null || (key === '' && (match[2] === '' || steps.length === 0)))
      throw misread(flag, text, `\`${segment}\` is no key`);
    if (forbiddenKeys.has(key)) throw misread(flag, text, `\`${key}\` cannot be a key`);
    if (key !== '') steps.push(key);
    for (const [, index] of (match[2] ?? '').matchAll(/\[(\d+)\]/g))
      steps.push(listIndex(Number(index), text, flag));
    if (steps.length > longestPath)
      throw misread(flag, text.slice(0, 40), `the path has more than ${longestPath} steps`);
  }
  return steps;
}

/** The reverse of `parsePath`. */
export function formatPath(path: readonly PathStep[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    const key = step.replace(/[\\.,=[\]{}]/g, '\\$&');
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

/** A copy of the values with one place set. Maps and lists on the way are made; anything else there is replaced. */
export function setPath(values: JsonObject, path: readonly PathStep[], value: Json): JsonObject {
  const result = place(values, path, value);
  return isObject(result) ? result : {};
}

/** One more assignment over what was given. Its numbers are integers of `--set` where `typed` says so. */
export function assign(given: GivenValues, { path, value }: Assignment, typed: boolean): GivenValues {
  const at = formatPath(path);
  const kept = given.integers.filter(
    (one) => one !== at && !one.startsWith(`${at}.`) && !one.startsWith(`${at}[`),
  );
  return {
    values: setPath(given.values, path, value),
    integers: typed ? [...kept, ...numbersIn(value, path)] : kept,
  };
}

/** More values over what was given, as `layer` lays them. */
export function layerGiven(below: GivenValues, above: GivenValues): GivenValues {
  return {
    values: layer(below.values, above.values),
    integers: [
      ...below.integers.filter((path) => valueAt(above.values, parsePath(path)) === undefined),
      ...above.integers,
    ],
  };
}

/** The value at a path; undefined where there is none. */
export function valueAt(values: JsonObject, path: readonly PathStep[]): Json | undefined {
  return path.reduce<Json | undefined>((at, step) => {
    if (Array.isArray(at) && typeof step === 'number') return at[step];
    return isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }, values);
}

/**
 * Values laid over values: maps are merged, everything else (lists and `null` too) is replaced. A `null` stays, since it is
 * the user's way of saying "without the default".
 */
export function layer(below: JsonObject, above: JsonObject): JsonObject {
  const result: JsonObject = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = Object.hasOwn(result, key) ? result[key] : undefined;
    const merged = isObject(under) && isObject(value) ? layer(under, value) : value;
    Object.defineProperty(result, key, {
      value: merged,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return result;
}

const operations = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/**
 * Reads the documents of a patch file. Each is one of
 * - part of an object: `kind` and `metadata.name` say which, the rest is a merge patch (RFC 7386);
 * - `target` (kind, name, and where needed namespace and group) with `merge` or `json` (RFC 6902 operations).
 *
 * @throws AppstoreError PATCH_INVALID with every problem at once.
 */
export function parsePatches(documents: readonly Json[], file: string): ObjectPatch[] {
  const problems: Problem[] = [];
  const patches = documents.flatMap((document, index) => {
    const read = readPatch(document);
    if (typeof read !== 'string') return [read];
    problems.push({ at: `${file}, document ${index + 1}`, message: read });
    return [];
  });
  const [first] = problems;
  if (first !== undefined)
    throw new AppstoreError('PATCH_INVALID', `${first.at}: ${first.message}`, {
      problems,
      place: { file },
      hint: 'A patch names `kind` and `metadata.name`, or has `target` with `merge` or `json` (docs/values.md).',
    });
  return patches;
}

function readPatch(document: Json): ObjectPatch | string {
  if (!isObject(document)) return 'a patch must be a map';
  return document.target === undefined ? readPartialObject(document) : readTargeted(document);
}

function readPartialObject(document: JsonObject): ObjectPatch | string {
  const { apiVersion, kind, metadata, ...rest } = document;
  if (typeof kind !== 'string' || !isObject(metadata) || typeof metadata.name !== 'string')
    return '`kind` and `metadata.name` must say which object it changes';
  const { name, namespace, ...changed } = metadata;
  const group =
    typeof apiVersion === 'string' && apiVersion.includes('/') ? apiVersion.split('/')[0] : undefined;
  const merge = Object.keys(changed).length > 0 ? { ...rest, metadata: changed } : rest;
  return { target: targetOf({ kind, name, namespace, group }), merge };
}

function readTargeted(document: JsonObject): ObjectPatch | string {
  const { target, merge, json, ...other } = document;
  const unknown = Object.keys(other)[0];
  if (unknown !== undefined) return `\`${unknown}\` is not part of a patch`;
  if (!isObject(target) || typeof target.kind !== 'string' || typeof target.name !== 'string')
    return '`target` needs `kind` and `name`';
  if ((merge === undefined) === (json === undefined)) return 'exactly one of `merge` and `json` is needed';
  if (json === undefined)
    return isObject(merge) ? { target: targetOf(target), merge } : '`merge` must be a map';
  if (!Array.isArray(json)) return '`json` must be a list of operations';
  const bad = json.findIndex((operation) => !isOperation(operation));
  if (bad >= 0) return `\`json[${bad}]\` is no operation of RFC 6902`;
  return { target: targetOf(target), json: json as unknown as JsonPatchOperation[] };
}

function targetOf(target: JsonObject): ObjectPatch['target'] {
  return {
    kind: String(target.kind),
    name: String(target.name),
    ...(typeof target.namespace === 'string' ? { namespace: target.namespace } : {}),
    ...(typeof target.group === 'string' ? { group: target.group } : {}),
  };
}

function isOperation(operation: Json): boolean {
  if (!isObject(operation) || typeof operation.op !== 'string' || typeof operation.path !== 'string')
    return false;
  if (operation.op === 'move' || operation.op === 'copy') return typeof operation.from === 'string';
  return operations.has(operation.op) && (operation.op === 'remove' || operation.value !== undefined);
}

function place(under: Json | undefined, path: readonly PathStep[], value: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === 'string') {
    const map = isObject(under) ? under : {};
    return layerKey(map, step, place(Object.hasOwn(map, step) ? map[step] : undefined, rest, value));
  }
  const list = Array.isArray(under) ? [...under] : [];
  while (list.length < step) list.push(null);
  list[step] = place(list[step], rest, value);
  return list;
}

function layerKey(map: JsonObject, key: string, value: Json): JsonObject {
  return { ...map, [key]: value };
}

function parseValue(text: string, typed: boolean): Json {
  if (text.startsWith('{') && text.endsWith('}')) {
    const inner = text.slice(1, -1);
    return inner === '' ? [] : splitTop(inner, ',').map((item) => parseScalar(item, typed));
  }
  return parseScalar(text, typed);
}

/** In any case, as Helm has them. */
const words: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function parseScalar(text: string, typed: boolean): Json {
  if (typed) {
    const word = words.get(text.toLowerCase());
    if (word !== undefined) return word;
    if (/^-?(0|[1-9]\d*)$/.test(text) && String(Number(text)) === text) return Number(text);
  }
  return unescaped(text);
}

function numbersIn(value: Json, path: readonly PathStep[]): string[] {
  if (typeof value === 'number') return [formatPath(path)];
  return Array.isArray(value) ? value.flatMap((item, index) => numbersIn(item, [...path, index])) : [];
}

/** Deeper values end programs; a command line holds no more of them anyhow. */
const jsonBounds = { nodes: 100_000, depth: longestPath };

/** What is wrong is told without the text, which may be a secret. */
function parseJson(json: string, flag: string, text: string): Json {
  let value: Json;
  try {
    value = JSON.parse(json) as Json;
  } catch {
    throw misread(flag, text, 'what stands there is not JSON (texts are written in double quotes)');
  }
  const wrong = checkJson(value, jsonBounds);
  if (wrong !== undefined) throw misread(flag, text, wrong);
  return value;
}

/** Where the comma behind one JSON value is, or the end. */
function endOfJson(text: string): number {
  const tokens = /"(?:[^"\\]|\\.)*"|[[\]{},]/gs;
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    else if (token === ',' && depth === 0) return index;
  }
  return text.length;
}

/** Splits at a character that stands outside of a `={...}` list and behind no backslash. */
function splitTop(text: string, separator: string): string[] {
  const parts: string[] = [];
  let rest = text;
  for (let at = findTop(rest, separator); at >= 0; at = findTop(rest, separator)) {
    parts.push(rest.slice(0, at));
    rest = rest.slice(at + 1);
  }
  return [...parts, rest];
}

function findTop(text: string, wanted: string): number {
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === wanted) return at;
    else if (character === '{' && text[at - 1] === '=')
      at = Math.max(at, findTop(text.slice(at + 1), '}') + at + 1);
  }
  return -1;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}

function listIndex(index: number, text: string, flag: string): number {
  if (index > longestList) throw misread(flag, text, `the index ${index} is beyond ${longestList}`);
  return index;
}

function misread(flag: string, text: string, why: string): AppstoreError {
  return new AppstoreError('USAGE', `${flag} ${redact(text)}: ${why}`, {
    hint: 'Write `path.to.key=value`; a backslash before `,` `.` `=` takes their meaning away.',
  });
}

/** The text up to the first `=`: what follows may be a secret and never goes into a message. */
function redact(text: string): string {
  const equals = findTop(text, '=');
  return equals < 0 ? text.slice(0, 40) : `${text.slice(0, equals)}=...`;
}
