import type { JsonSchema } from '../../domain/app.ts';
import { formatPath, type PathStep, parsePath, valueAt } from '../../domain/given.ts';
import { isObject, type Json, type JsonObject } from '../../domain/json.ts';
import { validate } from '../../domain/json-schema.ts';
import { namesSecret } from '../../domain/secret-values.ts';
import { textsIn } from '../../domain/text-paths.ts';
import { secretPaths } from '../../domain/values.ts';
import { completed } from './check.ts';
import { unset } from './edit.ts';
import { allFields, type Field, fieldsOf } from './fields.ts';

/** Values with answers laid over them: `changesOf` the other way round. */
export function answered(stored: JsonObject, answers: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...(stored as Record<string, Json>) };
  for (const [name, answer] of Object.entries(answers)) {
    if (answer === undefined) continue;
    const before = Object.hasOwn(stored, name) ? stored[name] : undefined;
    const after = isObject(before) && isObject(answer) ? answered(before, answer) : answer;
    // What is stored and was taken back is not there any more; a null where nothing is stored takes a default away.
    const isGone = (answer === null && before !== undefined) || (isObject(before) && isEmpty(after));
    if (isGone) delete result[name];
    else result[name] = after;
  }
  return result;
}

function isEmpty(value: Json): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

/** Answers that questions of this schema ask for, and those that have no place in it. */
export function fitting(
  schema: JsonSchema,
  stored: JsonObject,
  answers: JsonObject,
): { readonly fits: JsonObject; readonly rest: JsonObject } {
  const all = allFields(fieldsOf(schema, completed(schema, answered(stored, answers))));
  return part(new Map(all.map((field) => [field.id, field])), schema, answers, []);
}

function part(
  fields: ReadonlyMap<string, Field>,
  root: JsonSchema,
  answers: JsonObject,
  path: readonly PathStep[],
): { readonly fits: JsonObject; readonly rest: JsonObject } {
  const [fits, rest]: [Record<string, Json>, Record<string, Json>] = [{}, {}];
  for (const [name, answer] of Object.entries(answers)) {
    if (answer === undefined) continue;
    const here = [...path, name];
    const field = fields.get(formatPath(here));
    if (isObject(answer) && (field === undefined || field.kind === 'group')) {
      const inner = part(fields, root, answer, here);
      if (!isEmpty(inner.fits)) fits[name] = inner.fits;
      if (!isEmpty(inner.rest)) rest[name] = inner.rest;
    } else if (field !== undefined && isOfType(field.schema, answer)) fits[name] = answer;
    else rest[name] = answer;
  }
  return { fits, rest };
}

/** What is not finished yet (`8 Gig`) stays; a text in the place of a list does not. */
function isOfType({ type }: JsonSchema, answer: Json): boolean {
  if (type === undefined || answer === null) return true;
  // A number that is being typed is a text.
  const typed = [type].flat();
  const isNumber = typed.some((one) => one === 'integer' || one === 'number');
  return (
    (isNumber && typeof answer === 'string') || validate({ type }, answer, { strict: false }).length === 0
  );
}

/** Answers that may be kept in the browser: without passwords, and without the lists that one stands in. */
export function withoutSecrets(
  schema: JsonSchema,
  answers: JsonObject,
): { readonly answers: JsonObject; readonly secrets: boolean } {
  const likely = [...textsIn(answers)].filter(looksSecret).map(({ path }) => path);
  const paths = [...secretPaths(schema, answers).map((path) => parsePath(path)), ...likely];
  return {
    answers: paths.reduce((left, path) => unset(left, outsideOfLists(path)), answers),
    secrets: paths.some((path) => ![undefined, '', null].includes(valueAt(answers, path) as null)),
  };
}

function outsideOfLists(path: readonly PathStep[]): readonly PathStep[] {
  const list = path.findIndex((step) => typeof step === 'number');
  return list < 0 ? path : path.slice(0, list);
}

/** Further names of secrets, without what stands between their words: `DB_PASS`. */
const secretName = /(pass|passwd|secret|credentials?|signingkey|hmackey)$/i;

/** A password within a longer text: an address with one, a line that names one, a key. */
const secretText =
  /:\/\/[^/\s:@]*:[^/\s@]+@|(pass(word|wd|phrase)?|secret|token|api[-_]?key)["']?\s*[:=]|PRIVATE KEY-----/i;

/** By its name, by itself, or as the name of a pair `{ name, value }` in a list: charts say no more of theirs. */
function looksSecret({ path, text }: { readonly path: readonly PathStep[]; readonly text: string }): boolean {
  const name = path.findLast((step) => typeof step === 'string');
  const isInList = path.some((step) => typeof step === 'number');
  return isSecretName(String(name)) || secretText.test(text) || (isInList && isSecretName(text));
}

function isSecretName(text: string): boolean {
  const name = text.replace(/[-_.]/g, '');
  return namesSecret(name) || secretName.test(name);
}
