/** What an entry of the browser's history remembers of how its page was left. */
export interface Left {
  /** Pixels from the top. */
  readonly top: number;
  /** Entries of a list that were shown. */
  readonly shown: number;
}

/** Of an entry that nothing was noted in: the top of a list as it comes. */
const fresh: Left = { top: 0, shown: 0 };

/** How the page of the current address was left, or is about to be. */
export function leftAt(state: unknown): Left {
  if (typeof state !== 'object' || state === null) return fresh;
  const numberAt = (name: keyof Left) => {
    const value = (state as Readonly<Record<string, unknown>>)[name];
    return typeof value === 'number' && value >= 0 ? value : 0;
  };
  return { top: numberAt('top'), shown: numberAt('shown') };
}
