import type { GroupVersionKind, KubeObject } from '../../../src/domain/objects.ts';
import type { WatchEvent, WatchOptions } from '../../../src/services/ports.ts';
import { served } from './backend.ts';
import type { ServedKind } from './kinds.ts';
import { expired } from './refusals.ts';
import { selects } from './selectors.ts';
import type { Change, Store } from './store.ts';

/** What a test can do to the watches that are open. */
export interface Watches {
  open(kind: ServedKind, options: WatchOptions): AsyncGenerator<WatchEvent<KubeObject>>;
  /** Sends a bookmark to each. */
  bookmark(): void;
  /** Ends each in good order, as a server does after some minutes. */
  end(): void;
  /** How many are open. */
  count(): number;
}

interface Open {
  readonly queue: WatchEvent<KubeObject>[];
  ended: boolean;
  wake: () => void;
}

export function createWatches(store: Store): Watches {
  const all = new Set<Open>();

  async function* open(kind: ServedKind, options: WatchOptions): AsyncGenerator<WatchEvent<KubeObject>> {
    const from = Number(options.resourceVersion);
    if (from < store.oldest) throw expired(kind, from, store.oldest);
    const watch: Open = { queue: [], ended: false, wake: () => undefined };
    const push = (change: Change) => {
      const event = eventOf(change, kind, options);
      if (event !== undefined) watch.queue.push(event);
      watch.wake();
    };
    for (const change of store.changesSince(from)) push(change);
    const stop = store.onChange(push);
    const abort = () => {
      watch.ended = true;
      watch.wake();
    };
    options.signal.addEventListener('abort', abort, { once: true });
    all.add(watch);
    try {
      yield* drain(watch, options.signal);
    } finally {
      stop();
      options.signal.removeEventListener('abort', abort);
      all.delete(watch);
    }
  }

  return {
    open,
    bookmark() {
      const resourceVersion = String(store.version);
      for (const watch of all) {
        watch.queue.push({ type: 'bookmark', resourceVersion });
        watch.wake();
      }
    },
    end() {
      for (const watch of all) {
        watch.ended = true;
        watch.wake();
      }
    },
    count: () => all.size,
  };
}

async function* drain(watch: Open, signal: AbortSignal): AsyncGenerator<WatchEvent<KubeObject>> {
  while (!signal.aborted) {
    const event = watch.queue.shift();
    if (event !== undefined) {
      yield event;
      continue;
    }
    if (watch.ended) return;
    await new Promise<void>((resolve) => {
      watch.wake = resolve;
    });
  }
}

/** What a change is to one watch: an object that comes to fit its selector is added, one that ceases to is deleted. */
function eventOf(
  { group, kind, before, after }: Change,
  watched: ServedKind & GroupVersionKind,
  options: WatchOptions,
): WatchEvent<KubeObject> | undefined {
  if (group !== watched.group || kind !== watched.kind) return undefined;
  const fitted = before !== undefined && selects(options, before);
  const fits = after !== undefined && selects(options, after);
  const object = structuredClone(after ?? before);
  if (object === undefined || (!fitted && !fits)) return undefined;
  if (!fits) return { type: 'deleted', object: served(object, watched) };
  return { type: fitted ? 'modified' : 'added', object: served(object, watched) };
}
