import type { JsonSchema } from '../../domain/app.ts';
import { formatPath, type PathStep, parsePath, setPath, valueAt } from '../../domain/given.ts';
import type { JsonObject } from '../../domain/json.ts';
import { type Violation, validate } from '../../domain/json-schema.ts';
import { followRefs, schemaAt, schemaList } from '../../domain/schema-refs.ts';
import { missingGenerated, withDefaults } from '../../domain/values.ts';
import { holdsMask } from './edit.ts';

/** What is wrong with one value, by the keyword of the schema that says so: the words are the page's. */
export interface Complaint {
  /** The path as `--set` writes it. */
  readonly id: string;
  readonly keyword: string;
  /** Of the schema at the path. */
  readonly schema: JsonSchema;
  /** In English, as the command line has it. */
  readonly message: string;
}

/** True where the schema says what is usual, not what is allowed: that of most charts. Complaints are advice then. */
export function isAdvice(schema: JsonSchema): boolean {
  return schema.additionalProperties === true && (schema.required ?? []).length === 0;
}

/** Given values over the defaults, as the package is rendered with. */
export function completed(schema: JsonSchema, given: JsonObject): JsonObject {
  return withDefaults(schema, given);
}

/** The same rules as the command line and the server have, so that what passes here passes there. Secrets that are made need not be there. */
export function complaints(schema: JsonSchema, given: JsonObject): Complaint[] {
  const complete = completed(schema, given);
  const made = new Set(missingGenerated(schema, given, {}).map(({ path }) => path));
  // An object that is not there because only made secrets are in it counts as there.
  const filled = [...made].reduce((values, path) => setPath(values, parsePath(path), ''), complete);
  return (
    validate(schema, filled, { strict: true })
      .filter(({ path }) => !made.has(formatPath(path)))
      // A stored secret is here as its mask, which no rule is about.
      .filter(({ path }) => !holdsMask(valueAt(given, path)))
      .flatMap((violation) => complaintsOf(schema, violation))
      .map((complaint) => byType(complaint, filled))
  );
}

/** None of several forms fits: where none is for values of this type, that is what is wrong. */
function byType(complaint: Complaint, values: JsonObject): Complaint {
  const { id, keyword, schema } = complaint;
  if (keyword !== 'anyOf' && keyword !== 'oneOf') return complaint;
  const value = valueAt(values, parsePath(id)) ?? null;
  const types = typesOf(schema);
  const fits = types.length === 0 || validate({ type: [...types] }, value, { strict: false }).length === 0;
  return fits ? complaint : { ...complaint, keyword: 'type' };
}

/** The types that a value may have, by `type` or by the forms of which one has to fit; none where that is not all that is said. */
export function typesOf(schema: JsonSchema): readonly string[] {
  if (schema.type !== undefined) return [schema.type].flat();
  const forms = [...schemaList(schema.anyOf), ...schemaList(schema.oneOf)].map((form) =>
    typeof form === 'boolean' || form.type === undefined ? [] : [form.type].flat(),
  );
  return forms.some((types) => types.length === 0) ? [] : forms.flat();
}

function complaintsOf(root: JsonSchema, violation: Violation): Complaint[] {
  const { keyword, message } = violation;
  const places = keyword === 'required' ? missingIn(root, violation.path, 0) : [violation.path];
  return places.map((path) => ({
    id: formatPath(path),
    keyword,
    schema: schemaAt(root, path) ?? {},
    message,
  }));
}

/** An object that is missing is told as what is required in it: that can be filled in. */
function missingIn(root: JsonSchema, path: readonly PathStep[], depth: number): (readonly PathStep[])[] {
  const schema = schemaAt(root, path) ?? {};
  const inner = (schema.required ?? []).filter((name) => {
    const own = followRefs(root, schema.properties?.[name]);
    return own !== undefined && own.default === undefined;
  });
  if (inner.length === 0 || depth > 8) return [path];
  return inner.flatMap((name) => missingIn(root, [...path, name], depth + 1));
}
