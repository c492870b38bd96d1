import type { ConnectionLine } from '../services/cluster-directory.ts';
import type { Cluster } from '../services/ports.ts';
import type { ClusterDeps } from '../services/requests.ts';
import type { Caller } from './callers/caller.ts';
import type { Platform } from './platform.ts';

/** Connections that are kept at once, and how long one is kept that nobody uses, milliseconds. */
const mostKept = 200;
const longestIdle = 5 * 60_000;

interface Kept {
  readonly deps: Promise<ClusterDeps>;
  users: number;
  lastUsed: number;
}

/** Connections to clusters, one a cluster and caller: nobody's request ever goes over what another one opened. */
export interface ClusterPool {
  /** Works on a cluster as a caller. @throws AppstoreError CLUSTER_UNKNOWN, and what `work` throws */
  use<T>(cluster: string, caller: Caller, work: (deps: ClusterDeps) => Promise<T>): Promise<T>;
  /** A connection for one operation alone; whoever asks for it closes it. */
  open(cluster: string, caller: Caller, line: ConnectionLine): Promise<ClusterDeps>;
  /** Connections that are kept now. */
  size(): number;
  close(): Promise<void>;
}

export function clusterPool(platform: Platform): ClusterPool {
  const { clock } = platform;
  const kept = new Map<string, Kept>();
  const connect = async (
    cluster: string,
    caller: Caller,
    line: ConnectionLine = {},
  ): Promise<ClusterDeps> => {
    const opened = await platform.clusters.connect(cluster, caller.credential, line);
    const { lockSeconds } = platform;
    const records = await platform.records(opened);
    return { cluster: opened, records, clock, ...(lockSeconds === undefined ? {} : { lockSeconds }) };
  };
  const drop = (key: string, entry: Kept): void => {
    kept.delete(key);
    void closing(entry.deps);
  };
  /** Those that nobody uses: idle for too long, and, where there are too many, the ones that were used longest ago. */
  const tidy = (): void => {
    const now = clock.monotonic();
    const idle = [...kept]
      .filter(([, { users }]) => users === 0)
      .sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
    let surplus = kept.size - mostKept;
    for (const [key, entry] of idle)
      if (surplus-- > 0 || now - entry.lastUsed > longestIdle) drop(key, entry);
  };
  const timer = setInterval(tidy, 60_000);
  timer.unref();
  return {
    async use(cluster, caller, work) {
      const key = `${cluster}\n${caller.key}`;
      const entry = kept.get(key) ?? { deps: connect(cluster, caller), users: 0, lastUsed: 0 };
      kept.set(key, entry);
      entry.users++;
      try {
        return await work(await entry.deps);
      } catch (error) {
        // One that could not be made is made anew by the next request.
        entry.deps.catch(() => kept.get(key) === entry && kept.delete(key));
        throw error;
      } finally {
        entry.users--;
        entry.lastUsed = clock.monotonic();
        tidy();
      }
    },
    open: connect,
    size: () => kept.size,
    async close() {
      clearInterval(timer);
      const all = [...kept.values()];
      kept.clear();
      await Promise.all(all.map(({ deps }) => closing(deps)));
    },
  };
}

async function closing(deps: Promise<{ readonly cluster: Cluster }>): Promise<void> {
  await deps.then(({ cluster }) => cluster.close()).catch(() => undefined);
}
