import { describe, expect, it } from 'vitest';
import { type KubeObject, refOf } from '../../src/domain/objects.ts';
import type { Plan } from '../../src/domain/plan.ts';
import type { AppstoreEvent } from '../../src/services/events.ts';
import type { ClusterDeps } from '../../src/services/requests.ts';
import { unstickSets } from '../../src/services/unstick-sets.ts';
import { createTestClock } from '../support/clock.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';

const at = { namespace: 'shop' };
const labels = { app: 'db' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'db', image: 'db:1' }] } };

const creating = { phase: 'Pending', containerStatuses: [waiting('ContainerCreating')] };
const refused = { phase: 'Pending', containerStatuses: [waiting('ErrImagePull', 'manifest unknown')] };
const slow = { phase: 'Running', containerStatuses: [{ name: 'db', ready: false, state: { running: {} } }] };

function waiting(reason: string, message = '') {
  return { name: 'db', ready: false, restartCount: 0, state: { waiting: { reason, message } } };
}

/** A StatefulSet that was just changed back, and the pod that the change before left, in some state. */
async function world(status: Record<string, unknown>) {
  const cluster = createMemoryCluster();
  const clock = createTestClock();
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } });
  const set = await cluster.create({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', ...at },
    spec: { serviceName: 'db', replicas: 1, selector: { matchLabels: labels }, template },
  });
  const pod = await cluster.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...{ name: 'db-0', ...at, labels: { ...labels, 'controller-revision-hash': 'db-bad' } },
      ownerReferences: [
        {
          ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', controller: true },
          uid: set.metadata.uid ?? '',
        },
      ],
    },
    spec: template.spec,
  });
  const ref = refOf(set);
  cluster.setStatus(ref, { observedGeneration: 1, replicas: 1, readyReplicas: 0, updateRevision: 'db-good' });
  cluster.setStatus(refOf(pod), status);
  const plan = { objects: [{ ref, action: 'update', checked: 'server', desired: set }] } as unknown as Plan;
  return { cluster, clock, plan, pod: refOf(pod) };
}

function unstick({ cluster, clock, plan }: { cluster: MemoryCluster; clock: object; plan: Plan }) {
  const events: AppstoreEvent[] = [];
  const work = Promise.withResolvers<string>();
  const session = {
    emit: (event: AppstoreEvent) => void events.push(event),
    signal: new AbortController().signal,
  };
  const deps = { cluster, clock } as unknown as ClusterDeps;
  return { events, work, done: unstickSets(deps, plan, session, () => work.promise) };
}

const deletions = (cluster: MemoryCluster) =>
  cluster.requests.filter(({ verb }) => verb === 'delete').map(({ kind, name }) => `${kind}/${name}`);

describe('pods that a StatefulSet would wait for for ever', () => {
  it('are deleted also where their trouble shows only while they are waited for (rows 6, 30)', async () => {
    const made = await world(creating);
    const { events, work, done } = unstick(made);
    await made.clock.advance(3_000);
    expect(deletions(made.cluster)).toEqual([]);
    made.cluster.setStatus(made.pod, refused);
    await made.clock.advance(2_000);
    expect(deletions(made.cluster)).toEqual(['Pod/db-0']);
    expect(JSON.stringify(events)).toContain('Pod/shop/db-0 would never get ready');
    work.resolve('ready');
    expect(await done).toBe('ready');
    const requests = made.cluster.requests.length;
    await made.clock.advance(5_000);
    expect(made.cluster.requests).toHaveLength(requests);
  });

  it('are left where they are only slow: it may be a database that replays its log', async () => {
    const made = await world(slow);
    const { work, done } = unstick(made);
    await made.clock.advance(60_000);
    work.resolve('ready');
    await done;
    expect(deletions(made.cluster)).toEqual([]);
  });

  it('are named once to who may not delete them; what cannot be read meanwhile does not end the wait', async () => {
    const made = await world(refused);
    const cluster = made.cluster.as('reader', ({ verb }) => verb !== 'delete') as MemoryCluster;
    const { events, work, done } = unstick({ ...made, cluster });
    await made.clock.advance(3_000);
    const mayNotRead = made.cluster.as('nobody', () => false);
    made.cluster.fail(({ kind }) => kind === 'StatefulSet', await refusal(mayNotRead));
    await made.clock.advance(3_000);
    work.reject(new Error('the time is up'));
    await expect(done).rejects.toThrow('the time is up');
    const hints = events.flatMap((event) => (event.type === 'warning' ? [event.problem.hint] : []));
    expect(hints).toEqual(['You may not delete it. Somebody has to: kubectl delete pod db-0 -n shop']);
  });
});

/** What a server says to somebody without rights. */
async function refusal(cluster: Pick<MemoryCluster, 'get'>): Promise<Error> {
  const set = { group: 'apps', version: 'v1', kind: 'StatefulSet', ...at, name: 'db' };
  return cluster.get(set).then(
    (found: KubeObject | undefined) => new Error(`it was read: ${found?.kind}`),
    (error: Error) => error,
  );
}
