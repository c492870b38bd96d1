import { semaphore } from '../../domain/semaphore.ts';
import { type Connection, LostConnection, type WireRequest, type WireResponse } from './connection.ts';
import { unlessAborted } from './deadline.ts';

/** Connections for one purpose. Requests wait while one is full, so that none hangs at the limit of the server. */
export interface Lane {
  /**
   * Sends a request when there is room, and keeps the room until `use` is done with the answer.
   * Throws DialFailure, LostConnection, or the reason of the signal.
   */
  exchange<T>(request: WireRequest, use: (response: WireResponse) => Promise<T>): Promise<T>;
  /** Makes a new connection for what comes next; what is under way ends on the old one. */
  renew(): void;
  /** Ends every connection, the one that is being made too. Nothing is sent from then on. */
  close(): Promise<void>;
}

/** A lane whose connection can be made ahead. */
export interface EarlyLane extends Lane {
  /** Begins to connect, for a request that will come; where it fails, that request tries anew. */
  begin(): void;
}

/** Makes a connection, and gives up at once when it is not wanted any more. */
type Open = (ended: AbortSignal) => Promise<Connection>;

/** One connection at a time: the next is made when the server ended the one before. */
export function lane(open: Open): EarlyLane {
  const opened = new Set<Connection>();
  const room = semaphore();
  let current: Promise<Connection> | undefined;
  const end = new AbortController();

  const connect = async (): Promise<Connection> => {
    if (end.signal.aborted) throw closedHere();
    const attempt = open(end.signal);
    current = attempt;
    try {
      const made = await attempt;
      if (end.signal.aborted) {
        await made.close();
        throw closedHere();
      }
      for (const old of opened) if (!old.usable()) opened.delete(old);
      opened.add(made);
      return made;
    } catch (error) {
      if (current === attempt) current = undefined;
      throw error;
    }
  };
  const connection = async (): Promise<Connection> => {
    const found = current;
    const made = found === undefined ? undefined : await found;
    if (made?.usable()) return made;
    return current === found || current === undefined ? connect() : connection();
  };
  return {
    exchange: async (request, use) => {
      const { capacity } = await unlessAborted(connection(), request.signal);
      return room.run(capacity, async () => {
        const made = await connection();
        if (request.maySend?.() === false) throw new LostConnection('no', 'the write was held back');
        return use(await made.send(request));
      });
    },
    begin: () => void connection().catch(() => undefined),
    renew: () => {
      current = undefined;
    },
    close: async () => {
      end.abort();
      current = undefined;
      await Promise.all([...opened].map((made) => made.close()));
      opened.clear();
    },
  };
}

/** What still asks after the end is a reading that nobody waits for: a connection made for it would keep the process up. */
function closedHere(): LostConnection {
  return new LostConnection('no', 'it was closed here');
}

/** A lane for answers that never end: when a connection is full, another one is opened instead of waiting. */
export function growingLane(open: Open, perConnection: number): EarlyLane {
  const lanes: { readonly lane: EarlyLane; active: number }[] = [];
  let closed = false;
  const free = () => {
    const found = lanes.find((entry) => entry.active < perConnection);
    if (found !== undefined) return found;
    const made = { lane: lane(open), active: 0 };
    lanes.push(made);
    return made;
  };
  return {
    begin: () => {
      if (!closed) free().lane.begin();
    },
    exchange: async (request, use) => {
      if (closed) throw closedHere();
      const slot = free();
      slot.active++;
      try {
        return await slot.lane.exchange(request, use);
      } finally {
        slot.active--;
      }
    },
    renew: () => {
      for (const entry of lanes) entry.lane.renew();
    },
    close: async () => {
      closed = true;
      await Promise.all(lanes.map((entry) => entry.lane.close()));
    },
  };
}
