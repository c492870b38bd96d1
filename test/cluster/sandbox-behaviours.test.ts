import { beforeAll, test } from 'vitest';
import { BEHAVIOURS, type Behaviour } from '../../src/adapters/sandbox/behaviours.ts';
import { SANDBOX_BEHAVIOUR, SANDBOX_DELAY } from '../../src/domain/sandbox.ts';
import { eventually, freshNamespace, kube } from '../support/sandbox.ts';

/** What the status of a pod has to hold some time: `waiting`, `restarts` ... are of its first container. */
interface Seen {
  readonly phase: string;
  readonly ready: boolean;
  readonly restarts: number;
  readonly running: boolean;
  readonly waiting?: string;
  readonly message?: string;
  readonly last?: string;
  readonly exitCode?: number;
}

const image = 'registry.example/team/app:1.2';

/** The state that each behaviour comes to. A new behaviour without a row does not compile. */
const wanted: Record<Behaviour, (seen: Seen, init: Seen) => boolean> = {
  'image-pull-not-found': ({ waiting, message }) =>
    waiting === 'ImagePullBackOff' && message?.includes(`"${image}": not found`) === true,
  'image-pull-auth': ({ waiting, message }) =>
    waiting === 'ErrImagePull' && message?.includes('authorization failed') === true,
  'image-pull-network': ({ waiting, message }) =>
    waiting === 'ErrImagePull' && message?.includes('no such host') === true,
  'image-name-invalid': ({ waiting }) => waiting === 'InvalidImageName',
  'config-missing': ({ waiting, message }) =>
    waiting === 'CreateContainerConfigError' && message === 'secret "absent" not found',
  'command-missing': ({ waiting }) => waiting === 'RunContainerError',
  'crash-loop': ({ waiting, restarts, last, exitCode }) =>
    waiting === 'CrashLoopBackOff' && restarts >= 3 && last === 'Error' && exitCode === 1,
  oom: ({ waiting, restarts, last, exitCode }) =>
    waiting === 'CrashLoopBackOff' && restarts >= 3 && last === 'OOMKilled' && exitCode === 137,
  'init-crash-loop': ({ waiting, phase }, init) =>
    phase === 'Pending' &&
    waiting === 'PodInitializing' &&
    init.waiting === 'CrashLoopBackOff' &&
    init.restarts >= 3,
  recovers: ({ ready, restarts }) => ready && restarts === 2,
  'never-ready': ({ phase, ready, running }) => phase === 'Running' && running && !ready,
  slow: ({ phase, ready }) => phase === 'Running' && ready,
  'job-running': ({ phase, ready }) => phase === 'Running' && ready,
  'job-failed': ({ phase, running }) => phase === 'Failed' && !running,
};

const behaviours = Object.keys(BEHAVIOURS) as Behaviour[];
let namespace = '';

const spec = { containers: [{ name: 'app', image }], initContainers: [{ name: 'prepare', image }] };

beforeAll(async () => {
  namespace = await freshNamespace();
  await Promise.all(
    behaviours.map((name) => {
      const annotations = { [SANDBOX_BEHAVIOUR]: name, [SANDBOX_DELAY]: '1s' };
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, annotations }, spec };
      return kube('POST', `/api/v1/namespaces/${namespace}/pods`, pod);
    }),
  );
});

// biome-ignore lint/suspicious/noExplicitAny: statuses as the server answers them
function look(pod: any, field: 'containerStatuses' | 'initContainerStatuses'): Seen {
  const status = pod.status[field]?.[0];
  return {
    phase: pod.status.phase,
    ready: status?.ready === true,
    restarts: status?.restartCount ?? 0,
    running: status?.state.running !== undefined,
    waiting: status?.state.waiting?.reason,
    message: status?.state.waiting?.message,
    last: status?.lastState?.terminated?.reason,
    exitCode: status?.lastState?.terminated?.exitCode,
  };
}

test.each(behaviours)('a pod that asks for %s shows it', async (name) => {
  await eventually(async () => {
    const pod = await kube('GET', `/api/v1/namespaces/${namespace}/pods/${name}`);
    return wanted[name](look(pod, 'containerStatuses'), look(pod, 'initContainerStatuses'));
  });
});

test('a failing pull and a failing probe leave their events', async () => {
  await eventually(async () => {
    const { items } = await kube('GET', `/api/v1/namespaces/${namespace}/events`);
    const has = (pod: string, reason: string) =>
      items.some(
        (event: { involvedObject: { name: string }; reason: string }) =>
          event.involvedObject.name === pod && event.reason === reason,
      );
    return (
      has('image-pull-auth', 'Failed') && has('never-ready', 'Unhealthy') && has('crash-loop', 'BackOff')
    );
  });
});

test('a pod that is not started again when it ends comes to its end, as those of charts that test something', async () => {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const spec = { restartPolicy: 'Never', containers: [{ name: 'check', image }] };
  await kube('POST', path, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'once' }, spec });
  await eventually(async () => (await kube('GET', `${path}/once`)).status.phase === 'Succeeded');
});

test('Jobs complete by themselves, fail on request and are slow on request', async () => {
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  const job = (name: string, behaviour?: Behaviour) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { annotations: behaviour ? { [SANDBOX_BEHAVIOUR]: behaviour, [SANDBOX_DELAY]: '1s' } : {} },
        spec: { restartPolicy: 'Never', containers: [{ name: 'work', image }] },
      },
    },
  });
  const jobs = [job('plain'), job('failing', 'job-failed'), job('slowly', 'slow')];
  await Promise.all(jobs.map((object) => kube('POST', path, object)));
  const ends = { plain: 'Complete', failing: 'Failed', slowly: 'Complete' };
  for (const [name, end] of Object.entries(ends)) {
    await eventually(async () => {
      const { status } = await kube('GET', `${path}/${name}`);
      return status.conditions?.some(
        (c: { type: string; status: string }) => c.type === end && c.status === 'True',
      );
    });
  }
});
