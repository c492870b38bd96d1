import { useLayoutEffect, useState } from 'preact/hooks';
import type { JsonSchema } from '../../domain/app.ts';
import type { JsonObject } from '../../domain/json.ts';
import { useShop } from '../shop.ts';
import { withoutSecrets } from './kept.ts';
import { type Kept, readKept, writeKept } from './kept-store.ts';

export interface KeptAnswers {
  /** What was kept when the form was opened. */
  readonly found: Kept | undefined;
  /** Notes what is answered as of now, where there is something to lose. */
  keep(now: Pick<Kept, 'answers' | 'more'> & { readonly schema: JsonSchema }): void;
  forget(): void;
}

/** The unsent answers of one form, of whoever is signed in. */
export function useKept(form: string): KeptAnswers {
  const { session } = useShop();
  const key = `${session.caller.name} ${form}`;
  const [found] = useState(() => readKept(key));
  return {
    found,
    keep({ schema, answers, more }) {
      const { answers: safe, secrets } = withoutSecrets(schema, answers);
      const isEmpty = Object.keys(answers).length + Object.keys(more).length === 0;
      // Passwords that are gone already are missed until the form is sent.
      const isMissed = secrets || found?.secrets === true;
      writeKept(key, isEmpty ? undefined : { answers: safe, secrets: isMissed, more });
    },
    forget: () => writeKept(key, undefined),
  };
}

/** Keeps these answers whenever they change. */
export function useKeeping(
  kept: KeptAnswers,
  schema: JsonSchema,
  answers: JsonObject,
  more: Readonly<Record<string, string>>,
): void {
  const text = JSON.stringify([answers, more]);
  // At once: the page may be gone the moment after a key.
  useLayoutEffect(() => kept.keep({ schema, answers, more }), [schema, text]);
}
