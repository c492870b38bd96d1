import { clusterRecords } from '../../src/adapters/kubernetes/records.ts';
import type { Caller, Callers } from '../../src/server/callers/caller.ts';
import type { Platform, ServerSettings } from '../../src/server/platform.ts';
import { type AppServer, buildServer } from '../../src/server/server.ts';
import type { Clock, Cluster } from '../../src/services/ports.ts';
import type { BrowseDeps } from '../../src/services/requests.ts';
import { realClock } from './change-harness.ts';
import { type FixtureApp, fixtureCatalog, fixtureRenderer } from './fixture-app.ts';
import { createMemoryCluster } from './memory/cluster.ts';

/** A server on a cluster in memory, spoken to without a socket. */
export interface ServerHarness extends AppServer {
  readonly cluster: Cluster;
  /** Everything that was logged, one object a line. */
  readonly log: readonly Record<string, unknown>[];
  /** The app of the catalog. */
  app_: FixtureApp;
}

export interface ServerHarnessOptions {
  readonly app?: FixtureApp;
  readonly cluster?: Cluster;
  readonly settings?: Partial<ServerSettings>;
  readonly callers?: Callers;
  readonly clock?: Clock;
  readonly browse?: () => Promise<BrowseDeps>;
  /** Told of each connection that is closed. */
  readonly onClose?: () => void;
}

/** The name of a caller stands in the header; nobody where there is none. */
const namedCallers: Callers = {
  mode: 'token',
  async authenticate({ headers }) {
    const name = headers['x-test-caller'];
    if (typeof name !== 'string') return undefined;
    const caller: Caller = {
      mode: 'token',
      name,
      groups: ['testers'],
      key: name,
      credential: { kind: 'token', token: async () => name },
    };
    return caller;
  },
};

/** An app that makes one ConfigMap with what was given. */
const configApp: FixtureApp = {
  version: '1.0.0',
  objects: ({ values, installation: { name, namespace } }) => [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace },
      data: { greeting: String(values.greeting ?? 'hello') },
    },
  ],
};

/** Makes a server; stop it at the end of the test. */
export async function serverHarness(options: ServerHarnessOptions = {}): Promise<ServerHarness> {
  const cluster = options.cluster ?? createMemoryCluster({ simulate: true });
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } };
  await cluster.create(namespace).catch(() => undefined);
  const log: Record<string, unknown>[] = [];
  let app = options.app ?? configApp;
  const apps = new Map([[app.version, app]]);
  const platform: Platform = {
    version: '0.0.0',
    clock: options.clock ?? realClock,
    random: { bytes: (count) => crypto.getRandomValues(new Uint8Array(count)) },
    browse:
      options.browse ??
      (async () => ({
        catalogs: [fixtureCatalog(() => app)],
        renderers: [fixtureRenderer((version) => apps.get(version) ?? app)],
      })),
    catalogStates: async () => [
      { name: 'test', kind: 'folder', location: '/srv/catalogs/test', anonymous: true },
    ],
    clusters: {
      list: async () => [{ name: 'main', server: 'https://main:6443', default: true, simulated: false }],
      connect: async () => ({ ...cluster, close: async () => options.onClose?.() }),
    },
    records: async (one) => clusterRecords(one),
    callers: options.callers ?? namedCallers,
    host: 'test',
  };
  const server = await buildServer(platform, {
    origins: () => [],
    requestsPerMinute: 10_000,
    grace: 5_000,
    approvedBy: [],
    log: { write: (line) => void log.push(JSON.parse(line)) },
    logLevel: 'debug',
    ...options.settings,
  });
  return {
    ...server,
    cluster,
    log,
    get app_() {
      return app;
    },
    set app_(next) {
      app = next;
      apps.set(next.version, next);
    },
  };
}
