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
    return { items: await askOne(fallback, ask), limitedTo: fallback };
  }
}

/** What is refused over all namespaces and in the usual one too was asked for of all of them: so it is told. */
async function askOne<T>(
  fallback: string,
  ask: (namespace: string) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  try {
    return await ask(fallback);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'FORBIDDEN') throw error;
    throw new ApiError(
      'FORBIDDEN',
      `neither all namespaces nor namespace ${fallback} may be looked into: ${error.message}`,
      error.failure,
      { hint: 'Name a namespace that you may look into: `-n NAMESPACE`.', cause: error },
    );
  }
}
