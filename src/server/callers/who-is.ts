import { AppstoreError } from '../../domain/errors.ts';
import { semaphore } from '../../domain/semaphore.ts';
import type { ClusterCredential } from '../../services/cluster-directory.ts';
import type { Clock } from '../../services/ports.ts';

/** Somebody as a cluster knows them. */
interface Known {
  readonly name: string;
  readonly groups: readonly string[];
}

/**
 * Who a credential belongs to, as a cluster says.
 * @param askers Who is held to account where the cluster knows nobody by it: an address, a person; nobody where it knew them a minute ago
 * @throws AppstoreError UNAUTHENTICATED, RATE_LIMITED
 */
export type WhoIs = (credential: ClusterCredential, askers: readonly string[]) => Promise<Known>;

/** All who send a token that was never seen. */
export const anybody = 'anybody';

/** Questions that a cluster is asked at once, and how many wait for their turn. */
const mostAtOnce = 10;
const mostWaiting = 1000;
/** Credentials that a cluster did not know, a minute: of one asker, and of anybody. */
const mostUnknown = 60;
const mostOfAnybody = 600;
const minute = 60_000;
/** Milliseconds for one question. */
const patience = 30_000;

/**
 * Credentials that somebody makes up cost a cluster so many questions and no more, however fast they come and from how many addresses.
 */
export function boundedWhoIs(
  clock: Pick<Clock, 'monotonic'>,
  ask: (credential: ClusterCredential, signal: AbortSignal) => Promise<Known>,
): WhoIs {
  const turns = semaphore();
  const unknown = new Map<string, number>();
  let until = 0;
  let waiting = 0;
  const countOf = (asker: string): number => unknown.get(asker) ?? 0;
  const requireLeft = (askers: readonly string[]): void => {
    if (until <= clock.monotonic()) {
      until = clock.monotonic() + minute;
      unknown.clear();
    }
    const isOver = (one: string) => countOf(one) >= (one === anybody ? mostOfAnybody : mostUnknown);
    if (waiting <= mostWaiting && !askers.some(isOver)) return;
    throw new AppstoreError('RATE_LIMITED', 'too many credentials were sent that the cluster does not know', {
      hint: 'Wait a minute, then send one that it knows.',
    });
  };
  return async (credential, askers) => {
    requireLeft(askers);
    waiting++;
    return turns.run(mostAtOnce, async () => {
      waiting--;
      // Those before it may have used up what was left.
      requireLeft(askers);
      try {
        return await ask(credential, AbortSignal.timeout(patience));
      } catch (error) {
        if (error instanceof AppstoreError && error.code === 'UNAUTHENTICATED')
          for (const one of askers) unknown.set(one, countOf(one) + 1);
        throw error;
      }
    });
  };
}
