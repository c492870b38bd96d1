import { AppstoreError } from '../../domain/errors.ts';
import type { Clock } from '../../services/ports.ts';
import { lifetimeOf } from './id-token.ts';
import type { Issuer } from './oidc-issuer.ts';
import type { Session } from './session-cookie.ts';

/** A token is renewed so long before it ends, seconds, or when half of its time is over where that is later. */
const early = 300;
/** Seconds between two tries to renew a token that still holds. */
const again = 10;
/** Sessions that are remembered at once. */
const mostKept = 10_000;

export interface LiveSessions {
  /**
   * The newest state of a session that is known here, renewed where its token is about to end.
   * @throws AppstoreError UNAUTHENTICATED where it is over
   */
  current(session: Session): Promise<Session>;
  /** Ends it in this server: what is still at work with it gets no token any more. */
  end(session: Session): void;
}

interface Kept {
  newest: Session;
  renewing?: Promise<Session>;
  /** Seconds on the wall clock before which no renewal is tried again. */
  notBefore: number;
  ended: boolean;
}

/**
 * What was renewed and has not come to the browser yet: an operation may outlive its token while no answer is under way. Nothing here has to
 * last: any replica goes on from what the cookie has.
 * @param longest Seconds after which somebody has to log in again
 */
export function liveSessions(issuer: Issuer, clock: Clock, longest: number): LiveSessions {
  const kept = new Map<string, Kept>();
  const now = () => clock.now().getTime() / 1000;
  const entryOf = (session: Session): Kept => {
    const found = kept.get(session.id) ?? { newest: session, notBefore: 0, ended: false };
    // Another replica may have renewed it.
    if (lifetimeOf(session.idToken).to > lifetimeOf(found.newest.idToken).to) found.newest = session;
    kept.delete(session.id);
    kept.set(session.id, found);
    if (kept.size > mostKept) kept.delete(kept.keys().next().value ?? '');
    return found;
  };
  const renew = async (entry: Kept): Promise<Session> => {
    const { newest } = entry;
    const { refreshToken = '' } = newest;
    const { to } = lifetimeOf(newest.idToken);
    try {
      entry.newest = { ...newest, ...(await issuer.refresh(refreshToken)) };
      return entry.newest;
    } catch (cause) {
      entry.notBefore = now() + again;
      // Another replica may have been first with a token that counts once: the cookie that it wrote comes soon.
      if (to > now()) return newest;
      throw over('the login has ended and was not renewed', cause);
    }
  };
  return {
    async current(session) {
      const entry = entryOf(session);
      if (entry.ended || session.began + longest <= now()) throw over('the session is over');
      const { newest } = entry;
      const { from, to } = lifetimeOf(newest.idToken);
      const left = to - now();
      if (left > Math.min(early, (to - from) / 2)) return newest;
      if (newest.refreshToken === undefined) {
        if (left > 0) return newest;
        throw over('the login has ended');
      }
      if (left > 0 && entry.notBefore > now()) return newest;
      entry.renewing ??= renew(entry).finally(() => {
        delete entry.renewing;
      });
      return entry.renewing;
    },
    end(session) {
      entryOf(session).ended = true;
    },
  };
}

function over(what: string, cause?: unknown): AppstoreError {
  return new AppstoreError('UNAUTHENTICATED', what, { hint: 'Log in again.', cause });
}
