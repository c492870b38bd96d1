import { formatAge } from '../domain/age.ts';
import { begun } from '../domain/begun.ts';
import { AppstoreError, isForbidden } from '../domain/errors.ts';
import { defaultLockSeconds, type LeaseState, leaseRef, readLease } from '../domain/lease.ts';
import { displayId } from '../domain/objects.ts';
import { cleanLine } from '../domain/text.ts';
import { guardedCluster } from './guarded-cluster.ts';
import { keepLock, type Lock, takeLease } from './lock.ts';
import type { ClusterDeps, InstallationName, Session, WriteDeps } from './requests.ts';

export interface ClaimRequest extends InstallationName {
  /** For people: who takes the lock. */
  readonly holder: string;
  /** Milliseconds to wait for a holder that lives. */
  readonly waitForLock?: number;
}

/** The way to the lock of an installation (NEEDS row 1). Expiry is judged by what is seen on our own clock alone. */
export interface Claim {
  /** Asks ahead, beside the planning, what `free` answers by: on the way there it then costs no round trip. */
  look(session: Session): void;
  /**
   * To be asked before the person is asked anything. `again`: somebody held the lock until now, so that what was read before
   * is stale. Throws INSTALLATION_LOCKED where the holder lives and is not waited for.
   */
  free(session: Session): Promise<'free' | 'again'>;
  /** Takes the lock; undefined where somebody else was faster. */
  take(session: Session): Promise<Lock | undefined>;
  /**
   * `again` where another operation changed the record between our reading of it and our lock, before anything was written.
   * Throws on every other failure, and this one too where it comes about over and over.
   */
  overtaken(error: unknown): 'again';
  /** True once `free` has found a Lease that a dead holder left. */
  abandoned(): boolean;
}

/** Nobody is overtaken so often by chance. */
const mostOvertakings = 20;

/** A claim to an installation; nothing is asked or written yet. */
export function createClaim(deps: WriteDeps, request: ClaimRequest): Claim {
  const seconds = deps.lockSeconds ?? defaultLockSeconds;
  const patience = deps.clock.monotonic() + (request.waitForLock ?? 0);
  const holder = `${request.holder} #${Buffer.from(deps.random.bytes(6)).toString('hex')}`;
  let vacant: LeaseState | undefined;
  let ahead: Promise<LeaseState | undefined> | undefined;
  let overtakings = 0;
  return {
    look(session) {
      // Its failure is that of `free`; a plan that is refused never asks.
      ahead = begun(readLive(deps, request, session.signal));
    },
    async free(session) {
      const live = await (ahead ?? readLive(deps, request, session.signal));
      ahead = undefined;
      if (live === undefined || live.holder === '' || live.version === vacant?.version) {
        vacant = live;
        return 'free';
      }
      vacant = await watch(deps, request, { live, patience }, session);
      return 'again';
    },
    async take({ signal }) {
      const { namespace, name } = request;
      const previous = vacant === undefined ? {} : { previous: vacant };
      const taken = await takeLease(deps, { namespace, name, holder, seconds, ...previous }, signal);
      vacant = undefined;
      return taken === undefined ? undefined : keepLock(deps, { namespace, name }, taken, seconds);
    },
    overtaken(error) {
      const first = error instanceof AppstoreError && error.code === 'OPERATION_RUNNING';
      if (!first || ++overtakings > mostOvertakings) throw error;
      return 'again';
    },
    abandoned: () => vacant !== undefined,
  };
}

/** Undefined where there is none, or where it may not be read: taking it then says what is missing. */
async function readLive(
  { cluster }: Pick<ClusterDeps, 'cluster'>,
  name: InstallationName,
  signal: AbortSignal,
): Promise<LeaseState | undefined> {
  try {
    const object = await cluster.get(leaseRef(name), signal);
    return object === undefined ? undefined : readLease(object);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

/**
 * Watches a Lease until it is let go of (undefined) or was not renewed for its whole duration (the abandoned Lease).
 * Throws INSTALLATION_LOCKED as soon as it is seen that the holder lives and our patience is over.
 */
async function watch(
  deps: WriteDeps,
  request: ClaimRequest,
  { live, patience }: { readonly live: LeaseState; readonly patience: number },
  session: Session,
): Promise<LeaseState | undefined> {
  const { clock } = deps;
  let seen = live;
  let since = clock.monotonic();
  let living = false;
  tell(session, seen);
  for (;;) {
    if (living && clock.monotonic() >= patience) throw locked(request, seen, clock.now());
    await clock.sleep(Math.min(1000, seen.duration / 10), session.signal);
    const next = await readLive(deps, request, session.signal);
    if (next === undefined || next.holder === '') return next;
    if (next.version === seen.version) {
      if (clock.monotonic() - since >= seen.duration) return seen;
      continue;
    }
    if (next.holder !== seen.holder) tell(session, next);
    living = true;
    seen = next;
    since = clock.monotonic();
  }
}

function tell({ emit }: Session, { holder, since }: LeaseState): void {
  emit({ type: 'locked', holder: cleanLine(holder, 200), since });
}

function locked(request: ClaimRequest, { holder, since }: LeaseState, now: Date): AppstoreError {
  return new AppstoreError(
    'INSTALLATION_LOCKED',
    `${displayId(leaseRef(request))}: ${request.name} is locked by ${cleanLine(holder, 200)} since ${timeOf(since, now)}; nothing was written`,
  );
}

/** When, to the second, and how long ago; Leases say it to the microsecond. */
function timeOf(since: string, now: Date): string {
  return since === ''
    ? 'an unknown time'
    : `${since.replace(/\.\d+(?=Z$)/, '')} (${formatAge(since, now)} ago)`;
}

/** Work that writes only as long as the lock is held, and lets go of it at the end whatever comes of it. */
export async function whileLocked<D extends ClusterDeps, T>(
  deps: D,
  lock: Lock,
  session: Session,
  work: (deps: D, session: Session) => Promise<T>,
): Promise<T> {
  const cluster = guardedCluster(deps.cluster, lock);
  // Every single write of the record too: one that slept amid its deletions must not go on with them.
  const guarded = { ...deps, cluster, records: deps.records.through(cluster) };
  const signal = AbortSignal.any([session.signal, lock.lost]);
  try {
    return await work(guarded, { ...session, signal });
  } catch (error) {
    // Everything else that went wrong then went wrong because of it.
    lock.lost.throwIfAborted();
    throw error;
  } finally {
    await lock.release();
  }
}
