import { AppstoreError } from '../../../domain/errors.ts';
import { chainOf } from './error-chain.ts';

const mirror = 'https://tuf-repo-cdn.sigstore.dev';

/**
 * Sigstore's root of trust as JSON: the given one, or that of its public instance, which is kept up to date by TUF.
 *
 * @param roots folder where the public one is kept
 * @throws AppstoreError TRUST_ROOT_UNREACHABLE
 */
export async function rootText(
  given: string | undefined,
  roots: string | undefined,
  from = mirror,
): Promise<string> {
  if (given !== undefined) return given;
  if (roots === undefined) throw new AppstoreError('INTERNAL', 'no folder for the root of trust');
  const { publicRoot } = await import('./public-root.ts');
  try {
    return await publicRoot(from, roots);
  } catch (error) {
    throw new AppstoreError(
      'TRUST_ROOT_UNREACHABLE',
      `Sigstore's public root of trust cannot be read from ${from}: ${chainOf(error)}`,
      { cause: error },
    );
  }
}
