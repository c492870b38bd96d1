import { type Connection, LostConnection, type WireRequest, type WireResponse } from './connection.ts';
import { unlessAborted } from './deadline.ts';
import { semaphore } from './semaphore.ts';

/** Connections for one purpose. Requests wait while one is full, so that none hangs at the limit of the server. */
export interface Lane {
  /**
   * Sends a request when there is room, and keeps the room until `use` is done with the answer.
   * Throws DialFailure, LostConnection, or the reason of the signal.
   */
  exchange<T>(request: WireRequest, use: (response: WireResponse) => Promise<T>): Promise<T>;
  /** Makes a new connection for what comes next; what is under way ends on the old one. */
  renew(): void;
  close(): Promise<void>;
}

/** One connection at a time: the next is made when the server ended the one before. */
export function lane(open: () => Promise<Connection>): Lane {
  const opened = new Set<Connection>();
  const room = semaphore();
  let current: Promise<Connection> | undefined;

  const connect = async (): Promise<Connection> => {
    const attempt = open();
    current = attempt;
    try {
      const made = await attempt;
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
    renew: () => {
      current = undefined;
    },
    close: async () => {
      current = undefined;
      await Promise.all([...opened].map((made) => made.close()));
      opened.clear();
    },
  };
}

/** A lane for answers that never end: when a connection is full, another one is opened instead of waiting. */
export function growingLane(open: () => Promise<Connection>, perConnection: number): Lane {
  const lanes: { readonly lane: Lane; active: number }[] = [];
  return {
    exchange: async (request, use) => {
      let slot = lanes.find((entry) => entry.active < perConnection);
      if (slot === undefined) {
        slot = { lane: lane(open), active: 0 };
        lanes.push(slot);
      }
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
      await Promise.all(lanes.map((entry) => entry.lane.close()));
    },
  };
}
