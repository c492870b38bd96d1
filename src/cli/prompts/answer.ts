import type { JsonSchema } from '../../domain/app.ts';
import type { Json } from '../../domain/json.ts';

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
 * Looks at an answer while it is typed: true, or what is wrong with it. Only what can be told at once; patterns and formats
 * are checked with all values together.
 */
export function checkAnswer(text: string, schema: JsonSchema): true | string {
  const value = readAnswer(text, schema);
  const types = typesOf(schema);
  if (types.includes('integer') && !Number.isSafeInteger(value)) return 'a whole number is needed';
  if (types.includes('number') && typeof value !== 'number') return 'a number is needed';
  if (typeof value === 'number') return checkNumber(value, schema);
  return typeof value === 'string' ? checkText(value, schema) : true;
}

function checkNumber(value: number, { minimum, maximum }: JsonSchema): true | string {
  if (minimum !== undefined && value < minimum) return `it must be at least ${minimum}`;
  return maximum !== undefined && value > maximum ? `it must be at most ${maximum}` : true;
}

function checkText(value: string, { minLength, maxLength }: JsonSchema): true | string {
  const length = [...value].length;
  if (length < (minLength ?? 1))
    return length === 0 ? 'a value is needed' : `it needs at least ${minLength} characters`;
  return maxLength !== undefined && length > maxLength
    ? `it must have at most ${maxLength} characters`
    : true;
}

function typesOf(schema: JsonSchema): readonly string[] {
  return typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
}

function isNumber(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text.trim());
}
