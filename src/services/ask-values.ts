import type { UserOptions } from '../domain/app.ts';
import { AppstoreError } from '../domain/errors.ts';
import { layer, parsePath, valueAt } from '../domain/given.ts';
import { isSecretSchema } from '../domain/json-schema.ts';
import { schemaAt } from '../domain/schema-refs.ts';
import { namesSecret } from '../domain/secret-values.ts';
import { missingGenerated, valuesToAsk, withDefaults, withSecrets } from '../domain/values.ts';
import type { ResolvedApp } from './browse.ts';
import type { MissingValue, Session } from './requests.ts';

/**
 * Asks the person at the terminal for required values that nothing gives: not the user, not defaults that fit, not a Secret, not
 * generation. Where nobody is there the options come back as they are, and rendering tells every missing value at once.
 */
export async function askMissing(
  options: UserOptions,
  app: ResolvedApp,
  session: Session,
): Promise<UserOptions> {
  if (session.ask === undefined) return options;
  const missing = missingFrom(options, app);
  if (missing.length === 0) return options;
  const answers = await session.ask.values(missing, app.description.metadata);
  return { ...options, values: layer(options.values, answers) };
}

/**
 * Asks for what the templates of a chart turned out to require; undefined where nobody is there, or the error tells nothing that could be asked
 * for.
 */
export async function askRequired(
  error: unknown,
  options: UserOptions,
  app: ResolvedApp,
  session: Session,
): Promise<UserOptions | undefined> {
  if (session.ask === undefined || !(error instanceof AppstoreError) || error.code !== 'VALUES_MISSING')
    return undefined;
  const missing = error.problems.flatMap(({ at, message }) =>
    at === undefined ? [] : [askedFor(at, message, app)],
  );
  const open = missing.filter(({ path }) => (valueAt(options.values, parsePath(path)) ?? '') === '');
  if (open.length === 0) return undefined;
  const answers = await session.ask.values(open, app.description.metadata);
  return { ...options, values: layer(options.values, answers) };
}

/** In the words of the template. */
function askedFor(path: string, message: string, { description }: ResolvedApp): MissingValue {
  const steps = parsePath(path);
  const schema = { type: 'string', ...schemaAt(description.schema, steps), title: message };
  return { path, schema, secret: isSecretSchema(schema) || namesSecret(String(steps.at(-1))) };
}

function missingFrom(options: UserOptions, app: ResolvedApp): readonly MissingValue[] {
  const { schema } = app.description;
  const placeholders = (paths: readonly string[]) =>
    Object.fromEntries(paths.map((path) => [path, 'x'.repeat(32)]));
  const given = placeholders(options.secretRefs.map((ref) => ref.path));
  const generated = placeholders(missingGenerated(schema, options.values, {}).map(({ path }) => path));
  const all = withSecrets(schema, options.values, { given, generated });
  return valuesToAsk(schema, withDefaults(schema, all), all);
}
