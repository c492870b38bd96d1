import type { planOutput } from '../../outputs/plan.ts';
import type { AppstoreEvent } from '../../services/events.ts';

/** Events that are kept of one operation, and their text, bytes: who comes later or again sees these. */
const mostEvents = 2000;
const mostBytes = 512 * 1024;

/** An event as others see it: of a plan the documented output, without the objects themselves. */
type PublicEvent =
  | Exclude<AppstoreEvent, { readonly type: 'planned' }>
  | { readonly type: 'planned'; readonly plan: ReturnType<typeof planOutput> };

/** An event with its number, as it goes over the wire. */
interface NumberedEvent {
  readonly id: number;
  readonly type: AppstoreEvent['type'];
  readonly data: string;
}

/** The events of an operation: the latest of them, and whoever listens. */
export interface EventRing {
  add(event: PublicEvent): void;
  /** What came after that number, as far as it is kept. */
  after(id: number): readonly NumberedEvent[];
  /** Told of every event from now on, and of the end (undefined). Answers how to stop. */
  listen(listener: (event: NumberedEvent | undefined) => void): () => void;
  end(): void;
  /** True where events were dropped that came after that number. */
  lost(id: number): boolean;
}

export function eventRing(): EventRing {
  const kept: NumberedEvent[] = [];
  const listeners = new Set<(event: NumberedEvent | undefined) => void>();
  let last = 0;
  let bytes = 0;
  return {
    add(event) {
      const numbered = { id: ++last, type: event.type, data: JSON.stringify(event) };
      kept.push(numbered);
      bytes += numbered.data.length;
      while (kept.length > mostEvents || (bytes > mostBytes && kept.length > 1))
        bytes -= kept.shift()?.data.length ?? 0;
      for (const listener of listeners) listener(numbered);
    },
    after: (id) => kept.filter((event) => event.id > id),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    end() {
      for (const listener of listeners) listener(undefined);
      listeners.clear();
    },
    lost: (id) => (kept[0]?.id ?? last + 1) > id + 1,
  };
}
