import type { PackageDescription } from './app.ts';
import { formatPath, parsePath, valueAt } from './given.ts';
import type { JsonObject } from './json.ts';
import { textsIn } from './text-paths.ts';
import { leafTexts, secretPaths } from './values.ts';

/** Text with a name like these is a secret. `existingSecret` and `passwordKey` only say where one is. */
const secretName =
  /(password|passphrase|token|secretkey|accesskey|apikey|privatekey|clientsecret|encryptionkey)$/i;

/** What such names begin with where they name something else. */
const notSecret = /^(existing|use|enable|create|automount)/i;

/** True for the name of a value of a chart that is a secret: most charts have no schema that says so. */
export function namesSecret(name: string): boolean {
  return secretName.test(name) && !notSecret.test(name);
}

/** Paths of all of a user's values that are secrets, by schema or, in a chart, by name; as `--set` writes them. */
export function secretPathsOf(
  { schema, valuesBy }: Pick<PackageDescription, 'schema' | 'valuesBy'>,
  values: JsonObject,
): readonly string[] {
  const bySchema = secretPaths(schema, values);
  return valuesBy === undefined ? bySchema : [...new Set([...bySchema, ...named(values)])];
}

/** Those values as text: what has to be masked. */
export function secretTextsOf(
  description: Pick<PackageDescription, 'schema' | 'valuesBy'>,
  values: JsonObject,
): readonly string[] {
  return secretPathsOf(description, values).flatMap((path) => leafTexts(valueAt(values, parsePath(path))));
}

function named(values: JsonObject): readonly string[] {
  return [...textsIn(values)]
    .filter(({ path }) => {
      const last = path.at(-1);
      return typeof last === 'string' && namesSecret(last);
    })
    .map(({ path }) => formatPath(path));
}
