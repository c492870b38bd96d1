import { setTimeout as sleep } from 'node:timers/promises';
import { clusterRecords } from '../../src/adapters/kubernetes/records.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import type { AppstoreEvent } from '../../src/services/events.ts';
import { forget } from '../../src/services/forget.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { remove } from '../../src/services/remove.ts';
import { repair } from '../../src/services/repair.ts';
import type {
  ChangeDeps,
  ChangeRequest,
  ChangeResult,
  ForgetResult,
  RemoveRequest,
  RemoveResult,
  RepairResult,
  Session,
} from '../../src/services/requests.ts';
import { changeOrUndo } from '../../src/services/undo.ts';
import { type FixtureApp, fixtureCatalog, fixtureRenderer } from './fixture-app.ts';
import { hastyClock } from './hasty-clock.ts';

/** One installation of a fixture app on a cluster, with everything that is emitted kept. */
export interface ChangeHarness {
  readonly deps: ChangeDeps;
  readonly events: AppstoreEvent[];
  app: FixtureApp;
  /** The request that `install` and the others make when nothing is given. */
  request(operation: ChangeRequest['operation']): ChangeRequest;
  install(request?: Partial<ChangeRequest>, session?: Partial<Session>): Promise<ChangeResult>;
  upgrade(request?: Partial<ChangeRequest>, session?: Partial<Session>): Promise<ChangeResult>;
  /** Without an app: the next version, or what was cut. */
  upgradeBare(request?: Partial<ChangeRequest>, session?: Partial<Session>): Promise<ChangeResult>;
  rollback(request?: Partial<ChangeRequest>, session?: Partial<Session>): Promise<ChangeResult>;
  remove(request?: Partial<RemoveRequest>, session?: Partial<Session>): Promise<RemoveResult>;
  /** Takes drift back. */
  repair(): Promise<RepairResult>;
  forget(): Promise<ForgetResult>;
  get(apiVersion: string, kind: string, name: string): Promise<KubeObject | undefined>;
}

export interface HarnessOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly name: string;
  readonly app: FixtureApp;
  /** The clock of this process where it is not. */
  readonly clock?: ChangeDeps['clock'];
  /** Milliseconds for a command; half a minute where not said. */
  readonly timeout?: number;
  /** Comes after holders of the lock that are dead: what they left is not sat out in real time. */
  readonly hasty?: boolean;
  readonly lockSeconds?: number;
  /** `Renderer.pure` of the renderer. */
  readonly pure?: string;
}

/** The real time. */
export const realClock: ChangeDeps['clock'] = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal === undefined ? {} : { signal }),
};

/** The spine on a cluster, real or in memory. */
export function changeHarness(options: HarnessOptions): ChangeHarness {
  const { cluster, namespace, name } = options;
  const events: AppstoreEvent[] = [];
  const hasty = hastyClock(realClock);
  const emit: Session['emit'] = (event) => {
    events.push(event);
    if (event.type === 'locked') hasty.skip();
  };
  const session: Session = { emit, signal: new AbortController().signal };
  let seed = 1;
  // A stored package is rendered as the app that it was: every version that was set is kept.
  const apps = new Map([[options.app.version, options.app]]);
  let current = options.app;
  const harness: ChangeHarness = {
    get app() {
      return current;
    },
    set app(next) {
      current = next;
      apps.set(next.version, next);
    },
    events,
    deps: {
      cluster,
      records: clusterRecords(cluster),
      ...(options.lockSeconds === undefined ? {} : { lockSeconds: options.lockSeconds }),
      clock: options.clock ?? (options.hasty === true ? hasty : realClock),
      // Different at every call, the same in every run.
      random: {
        bytes(count) {
          const made = new Uint8Array(count);
          for (let index = 0; index < count; index++) {
            seed = (seed * 16807) % 2147483647;
            made[index] = seed % 256;
          }
          return made;
        },
      },
      catalogs: [fixtureCatalog(() => harness.app)],
      renderers: [fixtureRenderer((version) => apps.get(version) ?? harness.app, options.pure)],
    },
    request: (operation) => base(operation),
    install: (request, over) =>
      changeOrUndo(harness.deps, { ...base('install'), ...request }, { ...session, ...over }),
    upgrade: (request, over) =>
      changeOrUndo(harness.deps, { ...base('upgrade'), ...request }, { ...session, ...over }),
    upgradeBare: (request, over) =>
      changeOrUndo(harness.deps, { ...bare('upgrade'), ...request }, { ...session, ...over }),
    rollback: (request, over) =>
      changeOrUndo(harness.deps, { ...bare('rollback'), ...request }, { ...session, ...over }),
    repair: () => repair(harness.deps, { ...common, only: [], allowClusterScope: false }, session),
    forget: () => forget(harness.deps, { ...common, confirmed: true }, session),
    remove: (request, over) => remove(harness.deps, { ...removal, ...request }, { ...session, ...over }),
    get: (apiVersion, kind, object) => {
      const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
      return cluster.get({ group: group ?? '', version: version ?? '', kind, namespace, name: object });
    },
  };
  const common = {
    namespace,
    name,
    wait: true,
    timeout: options.timeout ?? 30_000,
    dryRun: false,
    holder: 'test',
  };
  const removal: RemoveRequest = { ...common, confirmed: true, purgeData: false };
  const bare = (operation: ChangeRequest['operation']): ChangeRequest => ({
    ...common,
    operation,
    given: { values: {}, secretRefs: [] },
    resetValues: false,
    createNamespace: false,
    keep: 10,
  });
  const base = (operation: ChangeRequest['operation']): ChangeRequest => ({
    ...bare(operation),
    app: { text: 'fixture', name: options.app.name ?? 'fixture' },
  });
  return harness;
}
