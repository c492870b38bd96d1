import type { UserOptions } from '../domain/app.ts';
import { layer } from '../domain/given.ts';
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

function missingFrom(options: UserOptions, app: ResolvedApp): readonly MissingValue[] {
  const { schema } = app.description;
  const placeholders = (paths: readonly string[]) =>
    Object.fromEntries(paths.map((path) => [path, 'x'.repeat(32)]));
  const given = placeholders(options.secretRefs.map((ref) => ref.path));
  const generated = placeholders(missingGenerated(schema, options.values, {}).map(({ path }) => path));
  const all = withSecrets(schema, options.values, { given, generated });
  return valuesToAsk(schema, withDefaults(schema, all), all);
}
