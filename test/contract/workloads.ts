import { beforeAll, expect, test } from 'vitest';
import type { GroupVersionKind, KubeObject } from '../../src/domain/objects.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { apiErrorOf, type ContractSetup, deployment, deploymentKind, refTo, unique, until } from './setup.ts';
import { part } from './with-setup.ts';

const ours = { fieldManager: 'appstore' };
const coreKind = (kind: string): GroupVersionKind => ({ group: '', version: 'v1', kind });
const appsKind = (kind: string): GroupVersionKind => ({ group: 'apps', version: 'v1', kind });

/** The shape of what controllers and kubelets write into statuses, on nodes that start every pod at once. */
export function workloadContract(title: string, make: () => Promise<ContractSetup>): void {
  part(`Workloads: ${title}`, make, (setup) => {
    let cluster: Cluster;
    let namespace: string;
    beforeAll(() => {
      ({ cluster, namespace } = setup());
    });

    const status = (kind: GroupVersionKind, name: string, wanted: (status: KubeObject) => boolean) =>
      until(async () => {
        const object = await cluster.get(refTo(kind, namespace, name));
        return object?.status !== undefined && wanted(object.status) ? object : undefined;
      });

    const podsOf = async (name: string) =>
      (await cluster.list(coreKind('Pod'), { namespace, labelSelector: `app=${name}` })).items;

    test('a Deployment becomes available through a ReplicaSet and pods, also after a change', async () => {
      const name = unique('web');
      await cluster.apply(deployment(namespace, name, 2), ours);
      const done = (generation: number) => (one: KubeObject) =>
        one.observedGeneration === generation &&
        one.updatedReplicas === 2 &&
        one.availableReplicas === 2 &&
        one.replicas === 2;
      const ready = await status(deploymentKind, name, done(1));
      expect(ready.status).toMatchObject({ readyReplicas: 2 });
      expect(ready.status.conditions).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' }),
          expect.objectContaining({ type: 'Progressing', status: 'True' }),
        ]),
      );
      const [pod] = await podsOf(name);
      expect(pod?.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'ReplicaSet', controller: true });
      expect(pod?.metadata.labels).toHaveProperty('pod-template-hash');
      expect(pod?.status).toMatchObject({ phase: 'Running' });
      expect(pod?.status.conditions).toContainEqual(
        expect.objectContaining({ type: 'Ready', status: 'True' }),
      );

      const changed = deployment(namespace, name, 2);
      changed.spec.template.spec.containers[0].image = 'registry.k8s.io/pause:3.9';
      await cluster.apply(changed, ours);
      await status(deploymentKind, name, done(2));
      const images = async () => (await podsOf(name)).map((one) => one.spec.containers[0].image);
      await until(async () => (await images()).every((image) => image === 'registry.k8s.io/pause:3.9'));
    });

    test('a StatefulSet has pods in order, each with its claim, which outlives it', async () => {
      const name = unique('db');
      const object = deployment(namespace, name, 2);
      const volumeMounts = [{ name: 'data', mountPath: '/data' }];
      object.spec.template.spec.containers[0].volumeMounts = volumeMounts;
      const resources = { requests: { storage: '1Gi' } };
      const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources } };
      const spec = { ...object.spec, serviceName: name, volumeClaimTemplates: [claim] };
      await cluster.apply({ ...object, kind: 'StatefulSet', spec }, ours);
      const ready = await status(appsKind('StatefulSet'), name, (one) => one.readyReplicas === 2);
      expect(ready.status).toMatchObject({ observedGeneration: 1, replicas: 2, currentReplicas: 2 });
      expect(ready.status.currentRevision).toBe(ready.status.updateRevision);
      expect((await podsOf(name)).map((pod) => pod.metadata.name)).toEqual([`${name}-0`, `${name}-1`]);
      const bound = await status(
        coreKind('PersistentVolumeClaim'),
        `data-${name}-0`,
        (one) => one.phase === 'Bound',
      );
      expect(bound.spec.volumeName).toBeTruthy();
      expect(bound.metadata.labels).toMatchObject({ app: name });
      await cluster.delete(refTo(appsKind('StatefulSet'), namespace, name));
      await until(async () => (await podsOf(name)).length === 0);
      expect(
        await cluster.get(refTo(coreKind('PersistentVolumeClaim'), namespace, `data-${name}-0`)),
      ).toBeDefined();
    });

    test('a DaemonSet has a pod on every node', async () => {
      const name = unique('agent');
      const { replicas: _replicas, ...spec } = deployment(namespace, name, 1).spec;
      await cluster.apply({ ...deployment(namespace, name, 1), kind: 'DaemonSet', spec }, ours);
      const nodes = (await cluster.listMetadata(coreKind('Node'), {})).items.length;
      const ready = await status(appsKind('DaemonSet'), name, (one) => one.numberAvailable === nodes);
      expect(ready.status).toMatchObject({
        observedGeneration: 1,
        desiredNumberScheduled: nodes,
        currentNumberScheduled: nodes,
        updatedNumberScheduled: nodes,
        numberReady: nodes,
      });
    });

    test('a Job completes', async () => {
      const name = unique('job');
      const { template } = deployment(namespace, name, 1).spec;
      const spec = { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } };
      const metadata = { name, namespace };
      await cluster.apply({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec }, ours);
      const jobKind = { group: 'batch', version: 'v1', kind: 'Job' };
      const done = await status(jobKind, name, (one) => one.completionTime !== undefined);
      expect(done.status.succeeded).toBe(1);
      expect(done.status.conditions).toContainEqual(
        expect.objectContaining({ type: 'Complete', status: 'True', reason: 'CompletionsReached' }),
      );
    });

    test('a log is followed until the signal, and one that is not there is refused', async () => {
      const name = unique('talks');
      await cluster.apply(deployment(namespace, name, 1), ours);
      await status(deploymentKind, name, (one) => one.availableReplicas === 1);
      const [pod] = await podsOf(name);
      const id = { group: '', kind: 'Pod', namespace, name: pod?.metadata.name ?? '' };
      const stop = new AbortController();
      const lines: string[] = [];
      for await (const line of cluster.followLogs(id, { container: 'web', signal: stop.signal })) {
        lines.push(line);
        stop.abort();
      }
      expect(lines).not.toEqual([]);
      expect(await cluster.logs({ ...id, name: 'gone' }, { container: 'web' })).toBe('');
      const gone = cluster.followLogs(
        { ...id, name: 'gone' },
        { container: 'web', signal: AbortSignal.timeout(9000) },
      );
      const error = await apiErrorOf(gone[Symbol.asyncIterator]().next());
      expect(error.failure.status).toBe(404);
    });

    test('what belongs to a Deployment goes with it', async () => {
      const name = unique('gone');
      await cluster.apply(deployment(namespace, name, 1), ours);
      await status(deploymentKind, name, (one) => one.availableReplicas === 1);
      expect(await cluster.delete(refTo(deploymentKind, namespace, name))).toBe('gone');
      await until(async () => (await podsOf(name)).length === 0);
      const sets = await cluster.list(appsKind('ReplicaSet'), { namespace, labelSelector: `app=${name}` });
      expect(sets.items).toEqual([]);
    });
  });
}
