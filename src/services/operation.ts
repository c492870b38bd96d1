import type { Operation } from '../domain/plan.ts';
import type { PendingOperation } from '../domain/release.ts';
import type { Clock, Random } from './ports.ts';

/**
 * A new operation with an id of its own (96 random bits), as the record keeps it while it runs.
 * @param request Whose `requestId` is kept with it
 */
export function newOperation(
  deps: { readonly clock: Clock; readonly random: Random },
  operation: Operation,
  revision: number,
  request: { readonly holder: string; readonly requestId?: string },
): PendingOperation {
  return {
    id: Buffer.from(deps.random.bytes(12)).toString('base64url'),
    operation,
    revision,
    startedAt: deps.clock.now().toISOString(),
    holder: request.holder,
    journal: [],
    ...(request.requestId === undefined ? {} : { requestId: request.requestId }),
  };
}
