import { describe, expect, it } from 'vitest';
import type { CauseCode } from '../../src/domain/health.ts';
import { healthOf } from '../../src/domain/health-of.ts';
import { type KubeObject, type ObjectRef, refOf } from '../../src/domain/objects.ts';
import { explain } from '../../src/services/explain.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'web:1' }] },
};
const spec = { selector: { matchLabels: { app: 'web' } }, template };

const logs = {
  'default/web-abc-1/web': 'this run',
  'default/web-abc-1/web previous': 'starting\n\u001b[31mno database\u001b[0m\n',
};

/** A Deployment with one pod in this state. */
async function world(
  podStatus: Record<string, unknown>,
): Promise<{ cluster: MemoryCluster; object: KubeObject; pod: ObjectRef }> {
  const cluster = createMemoryCluster({ logs });
  const metadata = (name: string) => ({ name, namespace: 'default' });
  const web = await cluster.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata('web'),
    spec,
  });
  const set = await cluster.create({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: metadata('web-abc'),
    spec,
  });
  const pod = await cluster.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata('web-abc-1'),
      labels: { app: 'web', 'pod-template-hash': 'abc' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'web-abc',
          uid: set.metadata.uid ?? '',
          controller: true,
        },
      ],
    },
    spec: template.spec,
  });
  cluster.setStatus(refOf(pod), podStatus);
  return { cluster, object: (await cluster.get(refOf(web))) ?? web, pod: refOf(pod) };
}

async function warn(
  cluster: MemoryCluster,
  about: KubeObject | undefined,
  reason: string,
  message: string,
): Promise<void> {
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `e-${reason.toLowerCase()}`, namespace: 'default' },
    involvedObject: {
      apiVersion: 'v1',
      kind: 'Pod',
      name: about?.metadata.name,
      namespace: 'default',
      uid: about?.metadata.uid,
    },
    reason,
    message,
    type: 'Warning',
  });
}

const looping = {
  phase: 'Running',
  containerStatuses: [
    {
      name: 'web',
      ready: false,
      restartCount: 2,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { reason: 'Error', exitCode: 1 } },
    },
  ],
};
const running = {
  phase: 'Running',
  containerStatuses: [{ name: 'web', ready: false, restartCount: 0, state: { running: {} } }],
};
const unready = { status: 'in-progress', reason: '0/1 ready' } as const;

describe('explaining', () => {
  it('finds the pod behind a Deployment, its warnings, and the log of the run that failed', async () => {
    const { cluster, object, pod } = await world(looping);
    await warn(cluster, await cluster.get(pod), 'BackOff', 'Back-off restarting failed container');
    const found = await explain(cluster, object, unready);
    expect(found.cause).toBe('CRASH_LOOP');
    expect(found.reason).toBe('0/1 ready; container web keeps ending (2 restarts, exit code 1)');
    expect(found.evidence.map(({ source, text }) => [source, text])).toEqual([
      ['event', 'BackOff: Back-off restarting failed container'],
      ['log', 'starting\nno database'],
    ]);
  });

  it('tells a failing probe from its events', async () => {
    const { cluster, object, pod } = await world(running);
    await warn(cluster, await cluster.get(pod), 'Unhealthy', 'Readiness probe failed: connection refused');
    expect((await explain(cluster, object, unready)).cause).toBe('PROBE_FAILING');
  });

  it('keeps a cause that is known already', async () => {
    const { cluster, object } = await world(looping);
    const health = { ...unready, cause: 'QUOTA_EXCEEDED' as CauseCode };
    expect((await explain(cluster, object, health)).cause).toBe('QUOTA_EXCEEDED');
  });

  it('shows conditions that say what is wrong', async () => {
    const { cluster, object } = await world(running);
    const conditions = [
      { type: 'Available', status: 'False', message: 'Deployment does not have minimum availability.' },
      { type: 'Progressing', status: 'True', message: 'fine' },
    ];
    const sick = { ...object, status: { conditions } };
    const texts = (await explain(cluster, sick, healthOf(sick))).evidence.map(({ text }) => text);
    expect(texts).toEqual(['Available=False: Deployment does not have minimum availability.', 'this run']);
  });

  it('leaves out what may not be read', async () => {
    const { cluster, object } = await world(looping);
    const found = await explain(
      cluster.as('reader', () => false),
      object,
      unready,
    );
    expect(found).toMatchObject({ cause: 'NOT_READY', reason: '0/1 ready', evidence: [], affects: [] });
  });

  it('stops with the reason of the signal', async () => {
    const { cluster, object } = await world(looping);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(explain(cluster, object, unready, { signal })).rejects.toThrow('enough');
  });
});

describe('a container between two crashes', () => {
  const between = (last: object, restartCount = 2) => ({
    phase: 'Running',
    containerStatuses: [
      { name: 'web', ready: false, restartCount, state: { running: {} }, lastState: { terminated: last } },
    ],
  });

  it('is in a crash loop, and the log of the run that ended is shown', async () => {
    const { cluster, object } = await world(between({ reason: 'Error', exitCode: 1 }));
    const found = await explain(cluster, object, unready);
    expect(found.cause).toBe('CRASH_LOOP');
    expect(found.evidence.at(-1)?.text).toBe('starting\nno database');
  });

  const others: readonly (readonly [string, object])[] = [
    ['ended once only', between({ exitCode: 1 }, 1)],
    ['was told to end by a probe', between({ exitCode: 143 })],
  ];
  it.each(others)('is in none where it %s', async (_name, status) => {
    const { cluster, object } = await world(status as Record<string, unknown>);
    expect((await explain(cluster, object, unready)).cause).toBe('NOT_READY');
  });
});
