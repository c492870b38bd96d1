import { type ConflictChoices, parseFieldChoice } from '../domain/conflict-choices.ts';
import type { Options } from './options.ts';

/** What the flags decide about fields that other managers hold. Throws USAGE. */
export function conflictChoices(options: Options): ConflictChoices {
  return {
    take: (options.take ?? []).map((text) => parseFieldChoice(text, '--take')),
    yield: (options.yield ?? []).map((text) => parseFieldChoice(text, '--yield')),
  };
}
