import type { AdoptChoice } from '../domain/adoption.ts';
import { type ConflictChoices, parseFieldChoice } from '../domain/conflict-choices.ts';
import { AppstoreError } from '../domain/errors.ts';
import { parseObjectPattern, readObjectPattern } from '../domain/object-pattern.ts';
import type { ReplaceChoice } from '../domain/replacement.ts';
import type { Options } from './options.ts';

/** What the flags decide about fields that other managers hold. Throws USAGE. */
export function conflictChoices(options: Options): ConflictChoices {
  return {
    take: (options.take ?? []).map((text) => parseFieldChoice(text, '--take')),
    yield: (options.yield ?? []).map((text) => parseFieldChoice(text, '--yield')),
  };
}

/** What the flags say of objects that exist already; `*` stands for a flag without a name. Throws USAGE. */
export function adoptChoice({ adopt = [] }: Options): AdoptChoice {
  if (adopt.includes('*')) return 'all';
  return adopt.map((text) => {
    // A word behind a flag that may stand alone is its value: an app or a name there was not meant so.
    if (readObjectPattern(text) === undefined && !text.includes('/')) {
      throw new AppstoreError('USAGE', `--adopt ${text}: it names no object`, {
        hint: `Put --adopt behind the app and the name, or name an object: --adopt Kind/name.`,
      });
    }
    return parseObjectPattern(text, '--adopt');
  });
}

/** What the flags say of objects that cannot be changed. Throws USAGE. */
export function replaceChoice({ replace = [], replaceData }: Options): ReplaceChoice {
  return {
    objects: replace.map((text) => parseObjectPattern(text, '--replace')),
    data: replaceData === true,
  };
}
