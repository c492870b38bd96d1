import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../../src/domain/objects.ts';
import { SANDBOX_BEHAVIOUR } from '../../../src/domain/sandbox.ts';
import { withDefaults } from './defaults.ts';
import { idOf, type Store } from './store.ts';

/** What a controller sees. */
interface Desk {
  readonly store: Store;
  readonly now: string;
}

/** One step of one controller for one object; true where it changed something. */
type Controller = (desk: Desk, object: KubeObject) => boolean;

const controllers: Readonly<Record<string, Controller>> = {
  Deployment: runDeployment,
  ReplicaSet: runReplicaSet,
  StatefulSet: runStatefulSet,
  DaemonSet: runDaemonSet,
  Job: runJob,
  Pod: runPod,
  PersistentVolumeClaim: bindClaim,
};

/**
 * One step of the built-in controllers, a scheduler and kubelets that start every pod at once: statuses as the real ones
 * write them. True where something changed, so that there may be more to do.
 */
export function simulate(store: Store, now: () => Date): boolean {
  const desk = { store, now: `${now().toISOString().slice(0, 19)}Z` };
  let changed = false;
  for (const object of store.all()) {
    const controller = controllers[object.kind];
    if (controller === undefined || object.metadata.deletionTimestamp !== undefined) continue;
    if (store.get(idOf(object))?.metadata.resourceVersion !== object.metadata.resourceVersion) continue;
    changed = controller(desk, object) || changed;
  }
  return changed;
}

function setStatus({ store }: Desk, object: KubeObject, status: Record<string, unknown>): boolean {
  const live = store.get(idOf(object));
  if (live === undefined || isDeepStrictEqual(live.status, status)) return false;
  store.put({ ...live, status });
  return true;
}

function condition(desk: Desk, object: KubeObject, type: string, reason: string): Record<string, unknown> {
  const before = (object.status?.conditions ?? []) as { type: string; lastTransitionTime: string }[];
  const since = before.find((one) => one.type === type)?.lastTransitionTime ?? desk.now;
  return { type, status: 'True', reason, message: '', lastTransitionTime: since, lastUpdateTime: since };
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 10);
}

function owned(store: Store, kind: string, owner: KubeObject): KubeObject[] {
  const group = kind === 'ReplicaSet' ? 'apps' : '';
  return store
    .all({ group, kind })
    .filter((one) => one.metadata.ownerReferences?.some((reference) => reference.uid === owner.metadata.uid));
}

function make(desk: Desk, owner: KubeObject, object: KubeObject): void {
  const { uid = '', name } = owner.metadata;
  const reference = { apiVersion: owner.apiVersion, kind: owner.kind, name, uid, controller: true };
  const ownerReferences = [{ ...reference, blockOwnerDeletion: true }];
  const born = { namespace: owner.metadata.namespace ?? '', uid: randomUUID(), creationTimestamp: desk.now };
  desk.store.put(
    withDefaults({ ...object, metadata: { ...object.metadata, ...born, generation: 1, ownerReferences } }),
  );
}

function makePod(desk: Desk, owner: KubeObject, name: string, labels: Record<string, string>): void {
  const template = owner.spec.template as KubeObject;
  const claims = (owner.spec.volumeClaimTemplates ?? []) as KubeObject[];
  const volumes = claims.map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: `${metadata.name}-${name}` },
  }));
  const spec = structuredClone(template.spec);
  if (volumes.length > 0) spec.volumes = [...(spec.volumes ?? []), ...volumes];
  make(desk, owner, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template.metadata, name, labels: { ...template.metadata?.labels, ...labels } },
    spec,
  });
}

function erase(desk: Desk, object: KubeObject): void {
  desk.store.remove(idOf(object));
}

function isReady(pod: KubeObject): boolean {
  const conditions = (pod.status?.conditions ?? []) as { type: string; status: string }[];
  return conditions.some((one) => one.type === 'Ready' && one.status === 'True');
}

function runDeployment(desk: Desk, deployment: KubeObject): boolean {
  const { spec, metadata } = deployment;
  const hash = hashOf(spec.template);
  const sets = owned(desk.store, 'ReplicaSet', deployment);
  const current = sets.find((set) => set.metadata.labels?.['pod-template-hash'] === hash);
  if (current === undefined) {
    makeReplicaSet(desk, deployment, hash);
    return true;
  }
  if (scale(desk, current, spec.replicas)) return true;
  const ready = current.status?.readyReplicas ?? 0;
  const old = sets.filter((set) => set !== current);
  if (ready === spec.replicas && old.some((set) => scale(desk, set, 0))) return true;
  const total = sets.reduce((sum, set) => sum + (set.status?.replicas ?? 0), 0);
  const done = ready === spec.replicas && total === spec.replicas;
  return setStatus(desk, deployment, {
    observedGeneration: metadata.generation,
    replicas: total,
    updatedReplicas: current.status?.replicas ?? 0,
    readyReplicas: ready,
    availableReplicas: ready,
    conditions: [
      ...(done ? [condition(desk, deployment, 'Available', 'MinimumReplicasAvailable')] : []),
      condition(desk, deployment, 'Progressing', done ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated'),
    ],
  });
}

function makeReplicaSet(desk: Desk, deployment: KubeObject, hash: string): void {
  const { spec, metadata } = deployment;
  const labels = { ...spec.template.metadata?.labels, 'pod-template-hash': hash };
  const template = { ...spec.template, metadata: { ...spec.template.metadata, labels } };
  make(desk, deployment, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: `${metadata.name}-${hash}`, labels },
    spec: { replicas: spec.replicas, selector: spec.selector, template },
  });
}

function scale({ store }: Desk, set: KubeObject, replicas: number): boolean {
  if (set.spec.replicas === replicas) return false;
  const generation = (set.metadata.generation ?? 0) + 1;
  store.put({ ...set, metadata: { ...set.metadata, generation }, spec: { ...set.spec, replicas } });
  return true;
}

function runReplicaSet(desk: Desk, set: KubeObject): boolean {
  const pods = owned(desk.store, 'Pod', set).filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const missing = set.spec.replicas - pods.length;
  for (let count = 0; count < missing; count++)
    makePod(desk, set, `${set.metadata.name}-${randomUUID().slice(0, 5)}`, {});
  for (const pod of pods.slice(set.spec.replicas)) erase(desk, pod);
  if (missing !== 0) return true;
  const ready = pods.filter(isReady).length;
  return setStatus(desk, set, {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    fullyLabeledReplicas: pods.length,
    ...(ready === 0 ? {} : { readyReplicas: ready, availableReplicas: ready }),
  });
}

function runStatefulSet(desk: Desk, set: KubeObject): boolean {
  const { spec, metadata } = set;
  const revision = `${metadata.name}-${hashOf(spec.template)}`;
  if (adoptPods(desk.store, set)) return true;
  const pods = owned(desk.store, 'Pod', set);
  const names = Array.from({ length: spec.replicas }, (_, at) => `${metadata.name}-${at}`);
  const stale = pods.filter(
    (pod) =>
      !names.includes(pod.metadata.name) || pod.metadata.labels?.['controller-revision-hash'] !== revision,
  );
  const missing = names.filter((name) => !pods.some((pod) => pod.metadata.name === name));
  for (const pod of stale) erase(desk, pod);
  for (const name of missing) {
    makeClaims(desk, set, name);
    makePod(desk, set, name, {
      'controller-revision-hash': revision,
      'statefulset.kubernetes.io/pod-name': name,
    });
  }
  if (stale.length + missing.length > 0) return true;
  const ready = pods.filter(isReady).length;
  return setStatus(desk, set, {
    observedGeneration: metadata.generation,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    currentReplicas: pods.length,
    updatedReplicas: pods.length,
    currentRevision: revision,
    updateRevision: revision,
    collisionCount: 0,
  });
}

/** Pods of its name and selector that belong to nobody become those of a StatefulSet. */
function adoptPods(store: Store, set: KubeObject): boolean {
  const { uid = '', name, namespace } = set.metadata;
  const wanted = Object.entries(set.spec.selector?.matchLabels ?? {});
  const orphans = store
    .all({ group: '', kind: 'Pod' })
    .filter((pod) => pod.metadata.namespace === namespace && pod.metadata.name.startsWith(`${name}-`))
    .filter((pod) => (pod.metadata.ownerReferences ?? []).length === 0)
    .filter((pod) => wanted.every(([key, value]) => pod.metadata.labels?.[key] === value));
  for (const pod of orphans) {
    const ownerReferences = [{ apiVersion: set.apiVersion, kind: set.kind, name, uid, controller: true }];
    store.put({ ...pod, metadata: { ...pod.metadata, ownerReferences } });
  }
  return orphans.length > 0;
}

/** Claims of a StatefulSet belong to nobody: they outlive it. */
function makeClaims({ store, now }: Desk, set: KubeObject, pod: string): void {
  for (const template of (set.spec.volumeClaimTemplates ?? []) as KubeObject[]) {
    const claim: KubeObject = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name: `${template.metadata.name}-${pod}`,
        namespace: set.metadata.namespace ?? '',
        uid: randomUUID(),
        creationTimestamp: now,
        labels: { ...template.metadata.labels, ...set.spec.selector?.matchLabels },
      },
      spec: structuredClone(template.spec),
    };
    if (store.get(idOf(claim)) === undefined) store.put(withDefaults(claim));
  }
}

function runDaemonSet(desk: Desk, set: KubeObject): boolean {
  const revision = hashOf(set.spec.template);
  const nodes = desk.store.all({ group: '', kind: 'Node' }).map((node) => node.metadata.name);
  const pods = owned(desk.store, 'Pod', set);
  const stale = pods.filter((pod) => pod.metadata.labels?.['controller-revision-hash'] !== revision);
  for (const pod of stale) erase(desk, pod);
  const missing = nodes.filter(
    (node) => !pods.some((pod) => pod.metadata.name === `${set.metadata.name}-${node}`),
  );
  for (const node of missing)
    makePod(desk, set, `${set.metadata.name}-${node}`, { 'controller-revision-hash': revision });
  if (stale.length + missing.length > 0) return true;
  const ready = pods.filter(isReady).length;
  return setStatus(desk, set, {
    observedGeneration: set.metadata.generation,
    desiredNumberScheduled: nodes.length,
    currentNumberScheduled: pods.length,
    updatedNumberScheduled: pods.length,
    numberReady: ready,
    numberAvailable: ready,
    numberMisscheduled: 0,
  });
}

function runJob(desk: Desk, job: KubeObject): boolean {
  if (job.spec.suspend === true) {
    return setStatus(desk, job, { conditions: [condition(desk, job, 'Suspended', 'JobSuspended')] });
  }
  if (job.status?.completionTime !== undefined) return false;
  const pods = owned(desk.store, 'Pod', job);
  if (pods.length === 0) {
    makePod(desk, job, `${job.metadata.name}-${randomUUID().slice(0, 5)}`, {
      'batch.kubernetes.io/job-name': job.metadata.name,
    });
    return true;
  }
  if (pods.some((pod) => pod.status?.phase === 'Failed')) {
    if (job.status?.failed !== undefined) return false;
    return setStatus(desk, job, {
      startTime: desk.now,
      failed: pods.length,
      ready: 0,
      conditions: [
        condition(desk, job, 'FailureTarget', 'BackoffLimitExceeded'),
        condition(desk, job, 'Failed', 'BackoffLimitExceeded'),
      ],
    });
  }
  if (!pods.every((pod) => pod.status?.phase === 'Succeeded')) return false;
  return setStatus(desk, job, {
    startTime: desk.now,
    completionTime: desk.now,
    succeeded: pods.length,
    ready: 0,
    conditions: [
      condition(desk, job, 'SuccessCriteriaMet', 'CompletionsReached'),
      condition(desk, job, 'Complete', 'CompletionsReached'),
    ],
  });
}

function runPod(desk: Desk, pod: KubeObject): boolean {
  if (pod.status?.phase !== 'Pending') return false;
  const node = desk.store.all({ group: '', kind: 'Node' })[0]?.metadata.name ?? 'node-1';
  const placed = desk.store.put({ ...pod, spec: { ...pod.spec, nodeName: pod.spec.nodeName ?? node } });
  const finite = pod.spec.restartPolicy !== 'Always';
  const containers = (pod.spec.containers ?? []) as { name: string; image: string }[];
  // As the sandbox has it (src/adapters/sandbox/behaviours.ts).
  const fails = finite && pod.metadata.annotations?.[SANDBOX_BEHAVIOUR] === 'job-failed';
  const end = fails ? { exitCode: 1, reason: 'Error' } : { exitCode: 0, reason: 'Completed' };
  const state = finite
    ? { terminated: { ...end, startedAt: desk.now, finishedAt: desk.now } }
    : { running: { startedAt: desk.now } };
  const ready = (type: string) => ({
    type,
    status: finite && type !== 'PodScheduled' ? 'False' : 'True',
    lastTransitionTime: desk.now,
  });
  setStatus(desk, placed, {
    phase: finite ? (fails ? 'Failed' : 'Succeeded') : 'Running',
    podIP: '10.244.0.10',
    hostIP: '10.0.0.1',
    startTime: desk.now,
    conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map(ready),
    containerStatuses: containers.map(({ name, image }) => ({
      name,
      image,
      imageID: '',
      ready: !finite,
      started: !finite,
      restartCount: 0,
      state,
      lastState: {},
    })),
  });
  return true;
}

/** `standard` waits for the first consumer: a claim binds when a pod uses it. */
function bindClaim(desk: Desk, claim: KubeObject): boolean {
  if (claim.status?.phase === 'Bound') return false;
  const pods = desk.store.all({ group: '', kind: 'Pod' });
  const used = pods.some(
    (pod) =>
      pod.metadata.namespace === claim.metadata.namespace &&
      ((pod.spec.volumes ?? []) as KubeObject[]).some(
        (volume) => volume.persistentVolumeClaim?.claimName === claim.metadata.name,
      ),
  );
  if (!used) return false;
  const bound = desk.store.put({
    ...claim,
    spec: { ...claim.spec, volumeName: `pvc-${claim.metadata.uid}` },
  });
  return setStatus(desk, bound, {
    phase: 'Bound',
    accessModes: claim.spec.accessModes,
    capacity: claim.spec.resources?.requests,
  });
}
