/**
 * How pods may behave that ask for it (annotation SANDBOX_BEHAVIOUR on the pod template), as kubelet would report it.
 * Each is a little machine: a step is taken when its condition holds for the pod, after a while. Back-off is far shorter than
 * kubelet's (10 s to 5 min), so that nobody waits for it.
 */
export interface BehaviourStep {
  /** jq condition on the pod. */
  readonly when: string;
  /** Milliseconds until the step is taken. */
  readonly after: number;
  readonly phase?: 'Pending' | 'Running' | 'Failed';
  readonly containers: ContainerReport;
  /** Init containers; done where absent. */
  readonly initContainers?: ContainerReport;
  readonly event?: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };
}

export interface ContainerReport {
  readonly state: ContainerState;
  readonly lastState?: ContainerState;
  readonly ready?: boolean;
  /** Counts one restart more. */
  readonly restarted?: boolean;
}

export type ContainerState =
  | { readonly running: true }
  /** `message` is an expression of Go's templates, in which `.` is the container. */
  | { readonly waiting: string; readonly message?: string }
  | { readonly terminated: string; readonly exitCode: number };

const FRESH = '(.status.containerStatuses // [] | length) == 0';
const WAITING = '.status.containerStatuses[0].state.waiting.reason';
const RUNNING = '.status.containerStatuses[0].state.running != null';
const RESTARTS = '(.status.containerStatuses[0].restartCount // 0)';
const INIT_FRESH = '(.status.initContainerStatuses // [] | length) == 0';
const INIT_WAITING = '.status.initContainerStatuses[0].state.waiting.reason';
const INIT_RUNNING = '.status.initContainerStatuses[0].state.running != null';
const INIT_RESTARTS = '(.status.initContainerStatuses[0].restartCount // 0)';

/** Kubelet goes on for ever; here it rests after so many restarts. */
const MOST_RESTARTS = 6;

const running: ContainerReport = { state: { running: true } };
const ready: ContainerReport = { ...running, ready: true };
const notStarted: ContainerReport = { state: { waiting: 'PodInitializing' } };

/** containerd's words for the answer of a registry. */
const unpackFailed = (answer: string): string =>
  `printf "failed to pull and unpack image \\"%s\\": failed to resolve reference \\"%s\\": ${answer}" .image .image`;

const NOT_FOUND = unpackFailed('not found');
const UNAUTHORIZED = unpackFailed(
  'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
);
const UNREACHABLE = unpackFailed('failed to do request: Head: dial tcp: lookup registry: no such host');

function pull(message: string): readonly BehaviourStep[] {
  const failed: ContainerReport = { state: { waiting: 'ErrImagePull', message } };
  const backOff: ContainerReport = {
    state: {
      waiting: 'ImagePullBackOff',
      message: `printf "Back-off pulling image \\"%s\\": ErrImagePull: %s" .image (${message})`,
    },
  };
  const error = { type: 'Warning', reason: 'Failed', message: 'Error: ErrImagePull' } as const;
  const waits = { type: 'Normal', reason: 'BackOff', message: 'Back-off pulling image' } as const;
  return [
    { when: FRESH, after: 0, containers: failed, event: error },
    { when: `${WAITING} == "ErrImagePull"`, after: 500, containers: backOff, event: waits },
    { when: `${WAITING} == "ImagePullBackOff"`, after: 1500, containers: failed, event: error },
  ];
}

const CRASHED: ContainerState = { terminated: 'Error', exitCode: 1 };
const OUT_OF_MEMORY: ContainerState = { terminated: 'OOMKilled', exitCode: 137 };
const RESTARTING = {
  type: 'Warning',
  reason: 'BackOff',
  message: 'Back-off restarting failed container',
} as const;
const BACK_OFF: ContainerState = {
  waiting: 'CrashLoopBackOff',
  message: 'printf "back-off restarting failed container=%s" .name',
};

function crashes(last: ContainerState): readonly BehaviourStep[] {
  const backOff = { containers: { state: BACK_OFF, lastState: last }, event: RESTARTING };
  return [
    { when: FRESH, after: 0, phase: 'Running', containers: running },
    { when: RUNNING, after: 300, phase: 'Running', ...backOff },
    {
      when: `${WAITING} == "CrashLoopBackOff" and ${RESTARTS} < ${MOST_RESTARTS}`,
      after: 500,
      phase: 'Running',
      containers: { state: { running: true }, lastState: last, restarted: true },
    },
  ];
}

const initCrashes: readonly BehaviourStep[] = [
  { when: INIT_FRESH, after: 0, initContainers: running, containers: notStarted },
  {
    when: INIT_RUNNING,
    after: 300,
    initContainers: { state: BACK_OFF, lastState: CRASHED },
    containers: notStarted,
    event: RESTARTING,
  },
  {
    when: `${INIT_WAITING} == "CrashLoopBackOff" and ${INIT_RESTARTS} < ${MOST_RESTARTS}`,
    after: 500,
    initContainers: { state: { running: true }, lastState: CRASHED, restarted: true },
    containers: notStarted,
  },
];

/** Crashes twice, then is ready and stays so. */
const recovers: readonly BehaviourStep[] = [
  { when: FRESH, after: 0, phase: 'Running', containers: running },
  {
    when: `${RUNNING} and ${RESTARTS} < 2`,
    after: 300,
    phase: 'Running',
    containers: { state: BACK_OFF, lastState: CRASHED },
    event: RESTARTING,
  },
  {
    when: `${WAITING} == "CrashLoopBackOff" and ${RESTARTS} < 2`,
    after: 500,
    phase: 'Running',
    containers: { state: { running: true }, lastState: CRASHED, restarted: true },
  },
  {
    when: `${RUNNING} and ${RESTARTS} == 2 and .status.containerStatuses[0].ready == false`,
    after: 300,
    phase: 'Running',
    containers: { ...ready, lastState: CRASHED },
  },
];

/** Waits for ever with one reason. */
const stuck = (reason: string, message: string): readonly BehaviourStep[] => [
  {
    when: FRESH,
    after: 0,
    containers: { state: { waiting: reason, message } },
    event: { type: 'Warning', reason: 'Failed', message: `Error: ${reason}` },
  },
];

/** Every behaviour by the value of the annotation. `slow` waits as long as the annotation for the delay says. */
export const BEHAVIOURS = {
  'image-pull-not-found': pull(NOT_FOUND),
  'image-pull-auth': pull(UNAUTHORIZED),
  'image-pull-network': pull(UNREACHABLE),
  'image-name-invalid': stuck(
    'InvalidImageName',
    'printf "Failed to apply default image tag \\"%s\\": couldn\'t parse image name: invalid reference format" .image',
  ),
  'config-missing': stuck('CreateContainerConfigError', '"secret \\"absent\\" not found"'),
  'command-missing': stuck(
    'RunContainerError',
    '"failed to create containerd task: exec: \\"absent\\": executable file not found in $PATH"',
  ),
  'crash-loop': crashes(CRASHED),
  oom: crashes(OUT_OF_MEMORY),
  'init-crash-loop': initCrashes,
  recovers,
  'never-ready': [
    {
      when: FRESH,
      after: 0,
      phase: 'Running',
      containers: running,
      event: {
        type: 'Warning',
        reason: 'Unhealthy',
        message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
      },
    },
  ],
  slow: [
    { when: FRESH, after: 0, containers: { state: { waiting: 'ContainerCreating' } } },
    { when: `${WAITING} == "ContainerCreating"`, after: 3000, phase: 'Running', containers: ready },
  ],
  'job-running': [{ when: FRESH, after: 0, phase: 'Running', containers: ready }],
  'job-failed': [
    { when: FRESH, after: 0, phase: 'Running', containers: running },
    { when: RUNNING, after: 300, phase: 'Failed', containers: { state: CRASHED } },
  ],
} as const satisfies Record<string, readonly BehaviourStep[]>;

export type Behaviour = keyof typeof BEHAVIOURS;
