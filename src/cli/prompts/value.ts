import type { JsonSchema } from '../../domain/app.ts';
import { generateLimits, generateSecret } from '../../domain/generate.ts';
import type { Json } from '../../domain/json.ts';
import { maskedText } from '../../domain/masking.ts';
import { cleanLine } from '../../domain/text.ts';
import type { Random } from '../../services/ports.ts';
import type { MissingValue } from '../../services/requests.ts';
import type { Io } from '../io.ts';
import { checkAnswer, readAnswer } from './answer.ts';
import { askYesNo, question } from './question.ts';

export interface QuestionSettings {
  readonly io: Io;
  readonly random: Random;
}

/** Asks for one value in the form that fits its schema: a choice, yes or no, a hidden text, a number, a text. */
export async function askValue(missing: MissingValue, settings: QuestionSettings): Promise<Json> {
  const { schema } = missing;
  const prompts = await import('@inquirer/prompts');
  const { io } = settings;
  const message = titleOf(missing);
  describe(schema, io);
  if (schema.enum !== undefined) {
    const choices = schema.enum.map((value) => ({ name: cleanLine(String(value)), value }));
    return question(io, (asking) =>
      prompts.select<Json>({ message, choices, ...withDefault(schema) }, asking),
    );
  }
  if (schema.type === 'boolean') return askYesNo(io, message, schema.default !== false);
  const validate = (text: string): true | string => checkAnswer(text, schema);
  if (missing.secret || schema.format === 'password' || schema.writeOnly === true) {
    const hint = `${message.replace(/:$/, '')}, hidden; empty has one made:`;
    const typed = await question(io, (asking) =>
      prompts.password(
        { message: hint, mask: true, validate: (text) => text === '' || unseen(text, validate(text)) },
        asking,
      ),
    );
    return typed === '' ? generate(schema, settings.random) : typed;
  }
  const typed = await question(io, (asking) =>
    prompts.input(
      { message, validate, ...(isScalar(schema.default) ? { default: String(schema.default) } : {}) },
      asking,
    ),
  );
  return readAnswer(typed, schema);
}

/** What is wrong with a hidden text must not show it. */
function unseen(text: string, found: true | string): true | string {
  return found === true ? found : found.replaceAll(text, maskedText);
}

/** The question: the title, and the path under which `--set` knows it. */
function titleOf({ path, schema }: MissingValue): string {
  const title = cleanLine(schema.title ?? '');
  const list = schema.type === 'array' ? ', with commas between' : '';
  return `${title === '' ? path : `${title} (${path})`}${list}:`;
}

/** What the title does not say: the short description of a chart's value is its title. */
function describe(schema: JsonSchema, io: Io): void {
  const text = cleanLine(schema.description ?? '');
  if (text !== '' && text.replace(/\.$/, '') !== cleanLine(schema.title ?? ''))
    io.stderr.write(`  ${text}\n`);
}

function withDefault(schema: JsonSchema): { default?: Json } {
  return schema.default === undefined ? {} : { default: schema.default };
}

function isScalar(value: Json | undefined): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

/** A password of letters and digits, as long as the schema allows. */
function generate(schema: JsonSchema, random: Random): string {
  const { shortest, usual } = generateLimits;
  const length = Math.max(shortest, schema.minLength ?? 0, Math.min(usual, schema.maxLength ?? usual));
  return generateSecret({ length }, (count) => random.bytes(count));
}
