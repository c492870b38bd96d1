import type { JsonSchema } from '../../domain/app.ts';
import type { Json } from '../../domain/json.ts';
import { validate } from '../../domain/json-schema.ts';

/** What a typed text stands for, by the type of the schema. A text that does not fit stays text. */
export function readAnswer(text: string, schema: JsonSchema): Json {
  const types = typesOf(schema);
  if ((types.includes('integer') || types.includes('number')) && isNumber(text)) return Number(text);
  if (types.includes('boolean') && /^(true|false)$/.test(text)) return text === 'true';
  if (types.includes('array') && !types.includes('string'))
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map((item) => readAnswer(item, schema.items ?? {}));
  return text;
}

/**
 * Looks at an answer while it is typed: true, or what is wrong with it, by the same check that all values go through later. A
 * schema with references can only be checked with the whole.
 */
export function checkAnswer(text: string, schema: JsonSchema): true | string {
  if (text === '') return 'a value is needed';
  const types = typesOf(schema);
  const value = readAnswer(text, schema);
  if (types.includes('integer') && !Number.isSafeInteger(value)) return 'a whole number is needed';
  if (types.includes('number') && typeof value !== 'number') return 'a number is needed';
  if (JSON.stringify(schema).includes('"$ref"')) return true;
  const [violation] = validate(schema, value, { strict: true });
  return violation === undefined ? true : `it ${violation.message}`;
}

function typesOf(schema: JsonSchema): readonly string[] {
  return typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
}

function isNumber(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text.trim());
}
