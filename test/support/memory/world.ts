import type { Gate } from './gate.ts';
import type { MemoryOptions } from './options.ts';
import type { Store } from './store.ts';
import type { Watches } from './watch.ts';

/** One cluster; several users may look at it. */
export interface World {
  readonly store: Store;
  readonly watches: Watches;
  readonly settle: () => Promise<void>;
  readonly now: () => Date;
}

/** One user's view of a cluster. */
export interface View extends World {
  readonly gate: Gate;
  readonly options: MemoryOptions;
}
