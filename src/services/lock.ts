import { ApiError, AppstoreError } from '../domain/errors.ts';
import { leaseRef, newLease, readLease, renewedLease } from '../domain/lease.ts';
import { displayId, type KubeObject } from '../domain/objects.ts';
import { cleanLine } from '../domain/text.ts';
import type { Clock, Cluster, WriteGuard } from './ports.ts';
import type { InstallationName } from './requests.ts';

/** A lock that is held. */
export interface Lock extends WriteGuard {
  /** Aborts with LOCK_LOST once the lock is known to be lost. */
  readonly lost: AbortSignal;
  /** Lets go of it; never throws. */
  release(): Promise<void>;
}

interface LockParts {
  readonly cluster: Cluster;
  readonly clock: Clock;
}

interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

/** A Lease that we took, as the server answered it. */
interface TakenLease {
  readonly object: KubeObject;
  /** When it was asked for: it lasts from then on, however long the answer took. */
  readonly asked: Moment;
}

/**
 * Keeps a Lease that we hold: renewed three times in its duration, and never relied upon for longer than two thirds of it
 * after the last renewal, on either clock: the monotonic one stands still while a laptop sleeps, the wall clock may be set.
 * @param seconds Duration of the Lease.
 */
export function keepLock(
  { cluster, clock }: LockParts,
  name: InstallationName,
  taken: TakenLease,
  seconds: number,
): Lock {
  const duration = seconds * 1000;
  const reliable = (duration * 2) / 3;
  const lost = new AbortController();
  const ended = new AbortController();
  let current = taken.object;
  let renewed = taken.asked;
  let renewing: Promise<void> | undefined;

  const fresh = (): boolean => {
    if (lost.signal.aborted || ended.signal.aborted) return false;
    return sinceRenewed() < reliable;
  };

  /** Milliseconds on the clock that went further. */
  const sinceRenewed = (): number => {
    const now = moment(clock);
    return Math.max(now.monotonic - renewed.monotonic, Math.abs(now.wall - renewed.wall));
  };

  const renewOnce = async (): Promise<void> => {
    const started = moment(clock);
    try {
      current = await cluster.replace(renewedLease(current, clock.now()));
      renewed = started;
    } catch (error) {
      if (!isConflict(error)) throw error;
      // Somebody else's label is no reason to stop; another holder is.
      const live = await cluster.get(leaseRef(name));
      if (live === undefined || !sameHolder(live, current)) throw lose(whoHas(live));
      current = live;
      throw error;
    }
  };

  const lose = (why = 'could not be renewed'): AppstoreError => {
    const seconds = Math.round(sinceRenewed() / 1000);
    const error = new AppstoreError(
      'LOCK_LOST',
      `${displayId(leaseRef(name))}: it was not renewed for ${seconds} s and ${why}; nothing more was written`,
      { hint: `\`appstore status ${name.name} -n ${name.namespace}\` tells what became of it.` },
    );
    if (!lost.signal.aborted) lost.abort(error);
    return error;
  };

  const renew = (): Promise<void> => {
    renewing ??= renewOnce().finally(() => {
      renewing = undefined;
    });
    return renewing;
  };

  const ensure = async (): Promise<void> => {
    lost.signal.throwIfAborted();
    let patience = clock.monotonic() + duration;
    while (!fresh()) {
      lost.signal.throwIfAborted();
      if (ended.signal.aborted) throw lose();
      try {
        await renew();
        // It is ours, however long the server was away; where that took long, the next renewal is quick.
        patience = clock.monotonic() + duration;
      } catch (error) {
        lost.signal.throwIfAborted();
        // The connection has waited for the server as long as it may: that it is away is what is wrong then.
        if (!isPassing(error)) throw error;
        if (clock.monotonic() >= patience) throw isConflict(error) ? lose() : error;
        await clock.sleep(duration / 10);
      }
    }
  };

  const heartbeat = async (): Promise<void> => {
    while (!ended.signal.aborted && !lost.signal.aborted) {
      await clock.sleep(duration / 3, ended.signal);
      // What fails here is tried again at the next beat, and before the next write.
      await renew().catch(() => {});
    }
  };
  heartbeat().catch(() => {});

  return {
    lost: lost.signal,
    fresh,
    ensure,
    async release() {
      ended.abort();
      await renewing?.catch(() => {});
      if (lost.signal.aborted) return;
      // What cannot be let go of now expires by itself.
      await letGo(cluster, name, current).catch(() => {});
    },
  };
}

/** Deletes a Lease as it was seen; where somebody only put a label on it meanwhile, as it is now. */
async function letGo(cluster: Cluster, name: InstallationName, lease: KubeObject): Promise<void> {
  let held: KubeObject | undefined = lease;
  for (let attempt = 1; held !== undefined && attempt <= 3; attempt++) {
    const { uid, resourceVersion } = held.metadata;
    try {
      await cluster.delete(leaseRef(name), {
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      });
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
    const live: KubeObject | undefined = await cluster.get(leaseRef(name));
    held = live !== undefined && sameHolder(live, lease) ? live : undefined;
  }
}

function whoHas(live: KubeObject | undefined): string {
  if (live === undefined) return 'was taken over and let go of again';
  return `is held by ${cleanLine(readLease(live).holder, 200) || 'nobody'} now`;
}

function moment(clock: Clock): Moment {
  return { monotonic: clock.monotonic(), wall: clock.now().getTime() };
}

function sameHolder(a: KubeObject, b: KubeObject): boolean {
  const [one, other] = [readLease(a), readLease(b)];
  return a.metadata.uid === b.metadata.uid && one.holder === other.holder;
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiError && (error.failure.status === 409 || error.failure.status === 404);
}

function isTaken(error: unknown): boolean {
  return error instanceof ApiError && error.failure.reason === 'AlreadyExists';
}

/** The server or the way to it failed: trying again may help. */
function isPassing(error: unknown): boolean {
  if (isConflict(error)) return true;
  if (error instanceof ApiError) return error.failure.status >= 500 || error.failure.status === 429;
  return error instanceof AppstoreError && error.code === 'CLUSTER_UNREACHABLE';
}

/** Creates the Lease, or takes the place of an abandoned one. Undefined where somebody else was first. */
export async function takeLease(
  { cluster, clock }: LockParts,
  lease: Omit<Parameters<typeof newLease>[0], 'now'>,
  signal: AbortSignal,
): Promise<TakenLease | undefined> {
  const asked = moment(clock);
  const object = newLease({ ...lease, now: clock.now() });
  try {
    const taken = await (lease.previous === undefined
      ? cluster.create(object, { signal })
      : cluster.replace(object, { signal }));
    return { object: taken, asked };
  } catch (error) {
    const first = lease.previous === undefined ? isTaken(error) : isConflict(error);
    if (first) return undefined;
    throw error;
  }
}
