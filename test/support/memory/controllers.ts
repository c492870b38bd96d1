import { setImmediate as nextTurn } from 'node:timers/promises';
import { establishCrds } from './crds.ts';
import { collectGarbage } from './deletion.ts';
import { simulate } from './simulate.ts';
import type { Store } from './store.ts';

/** Runs controllers after every change, in a later turn. The answer waits until they rest. */
export function runControllers(store: Store, now: () => Date, simulated: boolean): () => Promise<void> {
  let running: Promise<void> | undefined;
  const step = () =>
    establishCrds(store) || collectGarbage(store, now) || (simulated && simulate(store, now));
  const run = async () => {
    await nextTurn();
    while (step()) await nextTurn();
    running = undefined;
  };
  store.onChange(() => {
    running ??= run();
  });
  return async () => {
    while (running !== undefined) await running;
  };
}
