import type { AppstoreEvent } from '../../services/events.ts';
import type { Api } from './client.ts';
import { createEventReader, type StreamEvent } from './event-stream.ts';
import { ApiProblem } from './problem.ts';
import type { Operation } from './types.ts';

/** What is told of an operation while it is followed. */
export interface Follower {
  event(event: AppstoreEvent): void;
  /** What is known of it as a whole: at the beginning, and now and then where somebody else carries it out. */
  state(operation: Operation): void;
  /** `lost`: the server does not answer, or the connection to it was cut. `resuming`: it was cut off, and is taken up again. */
  connection(state: 'open' | 'lost' | 'resuming'): void;
  end(operation: Operation): void;
}

export interface FollowOptions {
  readonly id: string;
  readonly api: Api;
  readonly signal: AbortSignal;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** False where whoever looks has stopped it: then it stays as it is. */
  readonly resumes: () => boolean;
}

/** Milliseconds between attempts to reach a server that is away; the last one goes on. */
const pauses = [250, 500, 1000, 2000, 5000] as const;

/**
 * Follows an operation to its end. A connection that is cut is opened again after the last event that came. Where whoever carried the
 * operation out is gone, it is taken up again with the rights of who looks at it. A server that does not answer, whichever of the two it
 * was asked for, is asked again for as long as somebody looks.
 *
 * @throws ApiProblem where the server refuses: there is no such operation, or it may not be seen or resumed.
 */
export async function followOperation(options: FollowOptions, follower: Follower): Promise<void> {
  let lastId: string | undefined;
  for (let attempt = 0; !options.signal.aborted; ) {
    const before = lastId;
    const ended = await listen(options, lastId, follower, (id) => {
      lastId = id;
    }).catch(passing);
    if (options.signal.aborted) return;
    if (ended !== undefined && !(ended.state === 'interrupted' && options.resumes()))
      return follower.end(ended);
    if (ended !== undefined) {
      follower.connection('resuming');
      const taken = await resume(options).catch(passing);
      if (options.signal.aborted) return;
      // What the one before told stays; the one that goes on counts anew.
      if (taken !== undefined) lastId = undefined;
      if (taken === 'by us') {
        attempt = 0;
        continue;
      }
      if (taken === undefined) follower.connection('lost');
    } else follower.connection('lost');
    attempt = lastId === before ? attempt + 1 : 0;
    await options.wait(pauses[Math.min(attempt, pauses.length - 1)] ?? 5000);
  }
}

/** Answers the operation with its last event; undefined where the stream ended before. */
async function listen(
  { api, id, signal }: FollowOptions,
  lastId: string | undefined,
  follower: Follower,
  seen: (id: string) => void,
): Promise<Operation | undefined> {
  const stream = await api.stream(`/operations/${encodeURIComponent(id)}/events`, lastId, signal);
  follower.connection('open');
  const read = createEventReader();
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      for (const event of read(decoder.decode(value, { stream: true }))) {
        if (event.id !== undefined) seen(event.id);
        const ended = told(event, follower);
        if (ended !== undefined) return ended;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function told({ type, data }: StreamEvent, follower: Follower): Operation | undefined {
  // `gap`: events of long ago are not kept; those that come tell enough.
  if (type === 'gap') return undefined;
  const value: unknown = JSON.parse(data);
  if (type === 'end') return value as Operation;
  if (type === 'state') follower.state(value as Operation);
  else follower.event(value as AppstoreEvent);
  return undefined;
}

/** Nobody else than the server that is away can be asked again; what the server refuses stays refused. */
function passing(error: unknown): undefined {
  if (error instanceof ApiProblem && error.status !== 0 && error.status < 500 && error.status !== 429)
    throw error;
  if (error instanceof SyntaxError) throw error;
  return undefined;
}

/** The yes to what it deletes was given when it was begun. Another page of the same person may have been faster: then it runs already. */
async function resume({ api, id, signal }: FollowOptions): Promise<'by us' | 'by others'> {
  try {
    await api.post(`/operations/${encodeURIComponent(id)}/resume`, { confirm: true }, { signal });
    return 'by us';
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 409) return 'by others';
    throw error;
  }
}
