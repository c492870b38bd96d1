import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppstoreError } from '../../../src/domain/errors.ts';
import type { ObjectId, ObjectRef } from '../../../src/domain/objects.ts';
import type { Cluster, LogOptions } from '../../../src/services/ports.ts';
import { needKind } from './backend.ts';
import { runControllers } from './controllers.ts';
import { createGate } from './gate.ts';
import type { MemoryCluster, MemoryOptions } from './options.ts';
import { openPodPort } from './pod-port.ts';
import { readSide } from './read-side.ts';
import { notFound } from './refusals.ts';
import { seed } from './seed.ts';
import { createStore } from './store.ts';
import { createWatches } from './watch.ts';
import type { View, World } from './world.ts';
import { writeSide, writeStatus } from './write-side.ts';

export type { MemoryCluster, MemoryOptions } from './options.ts';

/** A Kubernetes API in memory that passes the same contract suite as a real one (test/contract/cluster.ts). */
export function createMemoryCluster(options: MemoryOptions = {}): MemoryCluster {
  const now = options.now ?? (() => new Date());
  const store = createStore();
  seed(store, now, options.simulate === true);
  const settle = runControllers(store, now, options.simulate === true);
  return look({ store, watches: createWatches(store), settle, now }, options);
}

function look(world: World, options: MemoryOptions): MemoryCluster {
  const gate = createGate(options);
  const view: View = { ...world, gate, options };
  return {
    ...readSide(view),
    ...writeSide(view),
    ...podSide(view),
    target: { context: 'memory', server: 'memory', namespace: 'default', simulated: true, ...options.target },
    version: async () => options.version ?? { major: 1, minor: 36, gitVersion: 'v1.36.3' },
    forgetDiscovery: () => undefined,
    expectWatches: () => undefined,
    async access(questions) {
      await nextTurn();
      return questions.map(gate.allows);
    },
    close: async () => world.watches.end(),
    requests: gate.requests,
    fail: gate.fail,
    as: (user, access) => look(world, { ...options, user, access }),
    setStatus: (ref, status) => writeStatus(view, ref, status),
    settle: world.settle,
    compact: () => world.store.compact(),
    bookmark: () => world.watches.bookmark(),
    endWatches: () => world.watches.end(),
    openWatches: () => world.watches.count(),
  };
}

function podSide({ store, gate, options }: View): Pick<Cluster, 'logs' | 'followLogs' | 'portForward'> {
  const linesOf = (pod: ObjectId, { container, previous, tailLines }: LogOptions): string => {
    const name = `${pod.namespace}/${pod.name}/${container}${previous === true ? ' previous' : ''}`;
    const text = options.logs?.[name] ?? '';
    return tailLines === undefined ? text : text.split('\n').slice(-tailLines).join('\n');
  };
  return {
    async logs(pod, how) {
      await gate.pass('log', needKind(store, podRef(pod)), pod, { signal: how.signal });
      return linesOf(pod, how);
    },
    async *followLogs(pod, how) {
      const kind = needKind(store, podRef(pod));
      await gate.pass('log', kind, pod, { signal: how.signal });
      if (store.get(pod) === undefined) throw notFound({ kind, namespace: pod.namespace, name: pod.name });
      yield* linesOf(pod, how).trimEnd().split('\n');
      if (how.signal.aborted) return;
      await new Promise((ended) => how.signal.addEventListener('abort', ended, { once: true }));
    },
    async portForward(pod, port, how) {
      await gate.pass('portforward', needKind(store, podRef(pod)), pod);
      return openPodPort(port, how);
    },
  };
}

function podRef(pod: ObjectId): ObjectRef {
  if (pod.kind !== 'Pod') throw new AppstoreError('INTERNAL', `${pod.kind}/${pod.name} is no pod`);
  return { ...pod, version: 'v1' };
}
