import { isObject, type Json, type JsonObject } from './json.ts';
import type { KubeObject } from './objects.ts';
import { createPatternFinder, type PatternFinder } from './patterns.ts';
import type { FieldChange } from './plan.ts';
import { secretForms } from './secret-forms.ts';

/** What stands in the place of a secret. */
export const maskedText = '********';

/** Takes secrets out of what is shown, by value (anywhere, also encoded) and by place (the data of Secrets). */
export interface Masker {
  text(text: string): string;
  /** A copy with secrets masked in strings, keys and numbers. */
  json(value: Json): Json;
  /** A copy of an object: by value everywhere, and the data of a Secret by place. */
  object(object: KubeObject): KubeObject;
  /** The same for one changed field of an object. */
  change(object: Pick<KubeObject, 'apiVersion' | 'kind'>, change: FieldChange): FieldChange;
  /** A masker for these as well. */
  and(more: Iterable<string>): Masker;
}

/**
 * A masker for these values. Values are found inside longer texts, as they are and as base64 (also within a longer base64 text),
 * percent-encoded, or escaped for JSON. Values shorter than 6 characters are masked by place only: masking every `admin` or
 * `true` would hide what people need to read, and would show by its gaps what it hides.
 */
export function createMasker(secrets: Iterable<string>): Masker {
  const known = [...secrets];
  const finder = createPatternFinder(secretForms(known));
  const text = (value: string) => maskText(finder, value);
  const json = (value: Json) => maskJson(text, value);
  return {
    text,
    json,
    object: (object) => maskObject(json, object),
    change: (object, change) => maskChange(json, object, change),
    and: (more) => createMasker([...known, ...more]),
  };
}

function maskText(finder: PatternFinder, text: string): string {
  const found = finder(text);
  if (found.length === 0) return text;
  let result = '';
  let end = 0;
  for (const range of found) {
    result += text.slice(end, range.start) + maskedText;
    end = range.end;
  }
  return result + text.slice(end);
}

function maskJson(text: (value: string) => string, value: Json): Json {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return text(String(value)) === String(value) ? value : maskedText;
  if (Array.isArray(value)) return value.map((item) => maskJson(text, item));
  if (!isObject(value)) return value;
  const fields = Object.entries(value).flatMap(([key, item]) =>
    item === undefined ? [] : [[text(key), maskJson(text, item)] as const],
  );
  return Object.fromEntries(fields);
}

/** kubectl keeps a copy of the whole object here, data of a Secret included. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

function isSecret(object: Pick<KubeObject, 'apiVersion' | 'kind'>): boolean {
  return object.apiVersion === 'v1' && object.kind === 'Secret';
}

function maskEach(value: unknown): JsonObject {
  return isObject(value) ? Object.fromEntries(Object.keys(value).map((key) => [key, maskedText])) : {};
}

function maskObject(json: (value: Json) => Json, object: KubeObject): KubeObject {
  const masked = json(object as unknown as JsonObject) as unknown as KubeObject;
  if (!isSecret(object)) return masked;
  const annotations = masked.metadata.annotations;
  return {
    ...masked,
    ...(annotations?.[lastApplied] === undefined
      ? {}
      : { metadata: { ...masked.metadata, annotations: { ...annotations, [lastApplied]: maskedText } } }),
    ...(object.data === undefined ? {} : { data: maskEach(object.data) }),
    ...(object.stringData === undefined ? {} : { stringData: maskEach(object.stringData) }),
  };
}

/** Places in a Secret where everything is secret, whatever its value. */
const secretPlaces: readonly string[] = ['.data', '.stringData', `.metadata.annotations.${lastApplied}`];

function maskChange(
  json: (value: Json) => Json,
  object: Pick<KubeObject, 'apiVersion' | 'kind'>,
  change: FieldChange,
): FieldChange {
  const secret = isSecret(object) && secretPlaces.some((place) => isWithin(change.path, place));
  const hide = (value: Json): Json =>
    secret ? (isObject(value) ? maskEach(value) : maskedText) : json(value);
  return {
    path: change.path,
    ...(change.before === undefined ? {} : { before: hide(change.before) }),
    ...(change.after === undefined ? {} : { after: hide(change.after) }),
  };
}

function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}.`);
}
