import { ApiError } from '../../../domain/errors.ts';
import { type KubeObject, refOf } from '../../../domain/objects.ts';
import type { Cluster } from '../../../services/ports.ts';

/** Says which operation relies on an object that was there already. */
const usedByAnnotation = 'appstore.dev/used-by';
const attempts = 3;

/** True where the server refused for this reason (`AlreadyExists`, `Conflict`, `NotFound` ...). */
export function refusedFor(error: unknown, reason: string): boolean {
  return error instanceof ApiError && error.failure.reason === reason;
}

/**
 * Creates an object whose name is the digest of its content. Where it exists already it is touched, which gives it a new
 * resourceVersion: the collector of an operation that ends just now deletes only what did not change since it looked, so it
 * cannot take away what this operation is about to refer to.
 */
export async function writeShared(
  cluster: Cluster,
  object: KubeObject,
  use: { readonly operation: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const options = use.signal === undefined ? {} : { signal: use.signal };
  const touch = { metadata: { annotations: { [usedByAnnotation]: use.operation } } };
  for (let attempt = 1; ; attempt++) {
    try {
      await cluster.create(object, options);
      return;
    } catch (error) {
      if (!refusedFor(error, 'AlreadyExists')) throw error;
    }
    try {
      await cluster.mergePatch(refOf(object), touch, options);
      return;
    } catch (error) {
      if (!refusedFor(error, 'NotFound') || attempt === attempts) throw error;
    }
  }
}
