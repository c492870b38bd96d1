import type { JsonSchema } from '../domain/app.ts';
import { generateSecret } from '../domain/generate.ts';
import type { JsonObject } from '../domain/json.ts';
import { missingGenerated } from '../domain/values.ts';
import type { Random } from './ports.ts';

/** Generated secrets by path in the values. */
export interface Generated {
  /** Stored ones and new ones. */
  readonly all: Readonly<Record<string, string>>;
  /** Those that are not stored yet. */
  readonly added: Readonly<Record<string, string>>;
}

/** Makes the secrets that the schema asks for and that neither the user nor an earlier installation brought. */
export function completeGenerated(
  schema: JsonSchema,
  values: JsonObject,
  stored: Readonly<Record<string, string>>,
  random: Random,
): Generated {
  const missing = missingGenerated(schema, values, stored);
  const added = Object.fromEntries(
    missing.map(({ path, rule }) => [path, generateSecret(rule, (count) => random.bytes(count))]),
  );
  return { all: { ...stored, ...added }, added };
}
