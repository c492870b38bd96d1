import { ApiError } from './errors.ts';

/** What a caller may see of a list. */
export interface LimitedList<T> {
  readonly items: readonly T[];
  /** The only namespace that was looked into. */
  readonly limitedTo?: string;
}

/**
 * Asks for a list: of the namespace that is named, else over all of them, or, where that is forbidden, of the fallback alone. Throws what `ask`
 * throws.
 */
export async function listWithin<T>(
  { namespace, fallback }: { readonly namespace?: string | undefined; readonly fallback: string },
  ask: (namespace: string | undefined) => Promise<readonly T[]>,
): Promise<LimitedList<T>> {
  try {
    return { items: await ask(namespace) };
  } catch (error) {
    const forbidden = error instanceof ApiError && error.code === 'FORBIDDEN';
    if (!forbidden || namespace !== undefined) throw error;
    return { items: await ask(fallback), limitedTo: fallback };
  }
}
