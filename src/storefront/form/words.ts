import type { Json } from '../../domain/json.ts';
import type { Texts } from '../i18n/en.ts';
import { wordFor } from '../i18n/texts.ts';
import { type Complaint, typesOf } from './check.ts';

/** A complaint in the words of the page: what is needed, not which rule was broken. */
export function complaintText({ keyword, schema, message }: Complaint, t: Texts): string {
  const { wrong } = t.form;
  const numbers: Readonly<Record<string, (value: number) => string>> = {
    minimum: wrong.minimum,
    maximum: wrong.maximum,
    exclusiveMinimum: wrong.above,
    exclusiveMaximum: wrong.below,
    multipleOf: wrong.multipleOf,
    minLength: (least) => (least === 1 ? wrong.empty : wrong.minLength(least)),
    maxLength: wrong.maxLength,
    minItems: wrong.minItems,
    maxItems: wrong.maxItems,
  };
  const words: Readonly<Record<string, string>> = {
    required: wrong.required,
    enum: wrong.choice,
    uniqueItems: wrong.twice,
    additionalProperties: wrong.name,
    not: wrong.taken,
    const: wrong.taken,
    type: typeText(typesOf(schema), t),
    anyOf: wrong.other,
    oneOf: wrong.other,
    format: formatText(schema.format ?? '', t) ?? wrong.other,
    pattern: wrong.pattern(String(schema.pattern ?? '')),
  };
  const limit = schema[keyword];
  if (typeof limit === 'number') return wordFor(numbers, keyword)?.(limit) ?? message;
  // What is not told by a schema at this place (a condition from above says it) is told as the command line has it.
  return wordFor(words, keyword) ?? (keyword === 'minLength' ? wrong.empty : message);
}

/** `This has to be text or a whole number.`; where a kind of value has no word, only that it is the wrong one. */
function typeText(types: readonly string[], { form: { wrong, kinds } }: Texts): string {
  const words = types.filter((type) => type !== 'null').map((type) => wordFor(kinds, type));
  const known = words.filter((word) => word !== undefined);
  return known.length === 0 || known.length < words.length ? wrong.type : wrong.kind([...new Set(known)]);
}

/** What a text of a format looks like; undefined where the format says nothing. */
export function formatText(format: string, t: Texts): string | undefined {
  return wordFor(t.form.formats, format);
}

/** A value on one line, for hints. */
export function valueText(value: Json, t: Texts): string {
  if (value === true) return t.form.yes;
  if (value === false) return t.form.no;
  if (value === '' || value === null) return t.form.nothing;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
