import { AppstoreError } from '../domain/errors.ts';
import type { CatalogStore } from '../services/catalog-store.ts';
import { type UpdateResult, updateCatalogs } from '../services/catalogs.ts';
import type { Clock, Random } from '../services/ports.ts';

/** Pauses differ by a tenth either way: replicas that were started together do not come together for ever. */
const jitter = 0.1;
/** After a failure, milliseconds; sooner where the pause is shorter. */
const retry = 5 * 60_000;

export interface Refreshing {
  /** Milliseconds between two readings. */
  readonly every: number;
  readonly clock: Clock;
  readonly random: Random;
  store(): Promise<CatalogStore>;
  /** What came of each catalog. */
  told(result: UpdateResult): void;
  /** What kept all of them from being read, such as a configuration that is damaged. */
  failed(error: unknown): void;
}

/**
 * Brings what is kept of the added catalogs up to date for as long as the server runs, as `appstore catalog update` does: a server is asked
 * whether there is another index, and one that cannot be read leaves what was there. Begins with those that were not read for so long.
 *
 * @returns How to stop
 */
export function refreshCatalogs({ every, clock, random, ...deps }: Refreshing): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  /** Not those that somebody else has just read, as the command line on the same machine may. */
  const readOld = async (): Promise<readonly UpdateResult[]> => {
    const store = await deps.store();
    const before = clock.now().getTime() - every * (1 - 2 * jitter);
    const old = (await store.list())
      .filter(({ kind, checked }) => kind !== 'folder' && (checked?.getTime() ?? 0) <= before)
      .map(({ name }) => name);
    return old.length === 0 ? [] : updateCatalogs(store, old, signal);
  };
  const once = async (): Promise<boolean> => {
    try {
      const results = await readOld();
      for (const result of results) deps.told(result);
      return results.every(({ outcome }) => outcome !== 'failed');
    } catch (error) {
      signal.throwIfAborted();
      deps.failed(error);
      return false;
    }
  };
  const run = async (): Promise<void> => {
    for (;;) {
      const pause = (await once()) ? every : Math.min(every, retry);
      const [part = 0] = random.bytes(1);
      await clock.sleep(pause * (1 - jitter + (2 * jitter * part) / 255), signal);
    }
  };
  const ended = run().catch((error: unknown) => {
    if (!signal.aborted) deps.failed(error);
  });
  return async () => {
    stopping.abort(new AppstoreError('SERVER_STOPPING', 'the server is about to end'));
    await ended;
  };
}
