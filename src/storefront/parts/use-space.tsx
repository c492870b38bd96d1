import type { ComponentChild } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useShop } from '../shop.ts';
import { remember, remembered } from '../theme.ts';
import { type Load, useLoad } from './use-load.ts';

interface SpaceList<T> {
  readonly list: Load<T>;
  /** `''` where all of them are looked into. */
  readonly space: string;
  /** Asks which space; null where all may be looked into. */
  readonly chooser: ComponentChild;
}

/** A list over all spaces, or, for who may not look into all of them, over the one that they name. */
export function useSpace<T extends { readonly limitedTo?: string }>(
  key: string,
  load: (namespace: string, signal: AbortSignal) => Promise<T>,
): SpaceList<T> {
  const { t } = useShop();
  const [space, setSpace] = useState(() => remembered('space'));
  const [typed, setTyped] = useState(space);
  const list = useLoad(`${key} ${space}`, (signal) => load(space, signal));
  const refused = list.problem?.code === 'FORBIDDEN';
  const look = (next: string) => {
    remember('space', next);
    setTyped(next);
    setSpace(next);
  };
  useEffect(() => {
    // Where something was installed last is where one may look.
    const last = remembered('namespace');
    if (refused && space === '' && last !== '') look(last);
  }, [refused, space]);
  const limited = list.value?.limitedTo;
  const chooser =
    space === '' && !refused && limited === undefined ? null : (
      <form
        class="field find"
        onSubmit={(event) => {
          event.preventDefault();
          look(typed.trim());
        }}
      >
        <label class="field-label" for="space">
          {t.mine.spaces}
        </label>
        <div class="with-button">
          <input
            id="space"
            value={typed}
            autoComplete="off"
            autoCapitalize="none"
            spellcheck={false}
            aria-describedby="space-hint"
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
          <button type="submit" class="button">
            {t.mine.look}
          </button>
        </div>
        <p class="hint" id="space-hint">
          {limited === undefined ? '' : `${t.mine.limited(limited)} `}
          {t.mine.spaceHint}
        </p>
      </form>
    );
  // Who may not look everywhere is asked, not refused.
  return { list: refused && space === '' ? { ...list, problem: undefined } : list, space, chooser };
}
