import type { CauseCode } from './health.ts';

interface CauseEntry {
  /** What it means, one sentence. */
  readonly meaning: string;
  /** What to try, one or two sentences. */
  readonly fix: string;
  /**
   * Command lines that help, with `<name>`, `<namespace>`, `<app>` and `<object>` (a `Kind/name` of the installation) to be filled in;
   * words in capitals are for the reader to choose.
   */
  readonly commands: readonly string[];
}

const setValue = 'appstore upgrade <name> -n <namespace> --set PATH=VALUE';
const showLog = 'appstore logs <name> <object> -n <namespace>';
const showEvents = 'appstore events <name> -n <namespace>';
const showStatus = 'appstore status <name> -n <namespace>';
const again = 'appstore upgrade <name> -n <namespace>';

/** Every cause code there is. `docs/errors.md` is generated from this table. Codes are stable: never renamed. */
export const causeCodes: Readonly<Record<CauseCode, CauseEntry>> = {
  IMAGE_PULL_NOT_FOUND: {
    meaning: 'The registry does not have the image or its tag.',
    fix: 'Check name and tag of the image; `appstore images <app>` lists them. With `--image-registry`, check that the mirror holds it.',
    commands: ['appstore images <app>', 'appstore upgrade <name> -n <namespace> --image-registry MIRROR'],
  },
  IMAGE_PULL_AUTH: {
    meaning:
      'The registry does not let the cluster pull the image. Many registries answer so for a name that they do not have.',
    fix: 'Check the name of the image, then make a pull secret in the namespace and pass `--image-pull-secret NAME`.',
    commands: [
      'kubectl create secret docker-registry registry -n <namespace> --docker-server=HOST --docker-username=USER --docker-password=PASSWORD',
      'appstore upgrade <name> -n <namespace> --image-pull-secret registry',
    ],
  },
  IMAGE_PULL_NETWORK: {
    meaning:
      'The node cannot reach the registry, or the registry is busy. Nodes try again, so this is waited for.',
    fix: 'Check DNS, proxy and firewall of the nodes, or use a mirror with `--image-registry`.',
    commands: [showEvents, 'appstore upgrade <name> -n <namespace> --image-registry MIRROR'],
  },
  IMAGE_NAME_INVALID: {
    meaning: 'The name of the image is not one that can be parsed.',
    fix: 'Correct the values that the image is made of; `appstore template` shows the result.',
    commands: ['appstore get <name> manifest -n <namespace>', setValue],
  },
  CRASH_LOOP: {
    meaning: 'A container ends again and again soon after it starts.',
    fix: 'Read the last lines of its log in the evidence; most often a value, a Secret or something it connects to is wrong.',
    commands: [`${showLog} --previous`, setValue],
  },
  OOM_KILLED: {
    meaning: 'A container was killed because it used more memory than its limit.',
    fix: 'Raise the memory limit in the values of the app.',
    commands: ['appstore values <app>', setValue],
  },
  CONFIG_INVALID: {
    meaning:
      'A container cannot be started as it is described: a ConfigMap, Secret or key is missing, or the command does not exist.',
    fix: 'Create what the message names, or correct the value that names it.',
    commands: ['kubectl get configmaps,secrets -n <namespace>', showEvents, setValue],
  },
  PROBE_FAILING: {
    meaning: 'A container runs but does not answer its probe.',
    fix: 'Look at the log of the container. If it only starts slowly, raise `--timeout`.',
    commands: [showLog, 'appstore upgrade <name> -n <namespace> --timeout 15m'],
  },
  UNSCHEDULABLE_CPU: {
    meaning: 'No node has enough free CPU for a pod.',
    fix: 'Lower the CPU request in the values, free CPU, or add a node.',
    commands: ['kubectl describe nodes', setValue],
  },
  UNSCHEDULABLE_MEMORY: {
    meaning: 'No node has enough free memory for a pod.',
    fix: 'Lower the memory request in the values, free memory, or add a node.',
    commands: ['kubectl describe nodes', setValue],
  },
  UNSCHEDULABLE: {
    meaning: 'No node may run a pod: node selectors, taints, affinity or ports stand against it.',
    fix: 'Read the numbers of the scheduler in the evidence and correct the values or the nodes.',
    commands: ['kubectl get nodes --show-labels', setValue],
  },
  VOLUME_UNBOUND: {
    meaning: 'A volume claim of a pod is not bound, does not exist, or its volume cannot be mounted.',
    fix: 'Check the storage class (`kubectl get storageclass`) and the events of the claim, or set another class in the values.',
    commands: [
      'kubectl get storageclass',
      'kubectl describe persistentvolumeclaims -n <namespace>',
      setValue,
    ],
  },
  QUOTA_EXCEEDED: {
    meaning: 'A ResourceQuota of the namespace does not leave room for the pods.',
    fix: 'Lower the requests in the values, free resources in the namespace, or have the quota raised.',
    commands: ['kubectl describe resourcequota -n <namespace>', setValue],
  },
  ADMISSION_DENIED: {
    meaning: 'A policy or admission webhook of the cluster refuses the pods.',
    fix: 'Change the values so that the pods satisfy the policy (pod security, for example), or ask who runs it.',
    commands: [showEvents, 'kubectl get namespace <namespace> --show-labels', setValue],
  },
  FORBIDDEN: {
    meaning: 'The state of the object may not be read with these credentials.',
    fix: 'Ask for the permission to get, list and watch the kind.',
    commands: ['kubectl auth can-i --list -n <namespace>'],
  },
  JOB_FAILED: {
    meaning: 'A Job failed for good.',
    fix: 'Read the log of its pods in the evidence, correct the cause and run the command again.',
    commands: [showLog, again],
  },
  PROGRESS_DEADLINE: {
    meaning: 'A Deployment made no progress within its own deadline.',
    fix: 'Look at the pods in the evidence. The cluster keeps trying: `appstore status` shows how it goes on.',
    commands: [showLog, showStatus],
  },
  TERMINATING: {
    meaning: 'The object is being deleted and something (a finalizer) holds it.',
    fix: 'See which finalizers it has and whether their controller runs.',
    commands: [showStatus],
  },
  MISSING: {
    meaning: 'An object of the app was deleted by someone else.',
    fix: 'Run `appstore upgrade`: it creates again what is missing.',
    commands: [again],
  },
  NOT_READY: {
    meaning: 'The object is not ready yet and says no more than that.',
    fix: 'Look at `appstore status` again later, or raise `--timeout`.',
    commands: [showStatus, showEvents],
  },
  TIMEOUT: {
    meaning: 'The time for the operation ran out.',
    fix: 'Look at `appstore status`; run the command again, with a longer `--timeout` if it was only slow.',
    commands: [showStatus, 'appstore upgrade <name> -n <namespace> --timeout 15m'],
  },
  INTERRUPTED: {
    meaning: 'The operation was stopped before it was done.',
    fix: 'Run the same command again: it goes on where it stopped.',
    commands: [again],
  },
  CONFLICT: {
    meaning: 'Someone else changed the same object or installation.',
    fix: 'Look at the other manager that the message names, then run the command again.',
    commands: [showStatus, again],
  },
  ERROR: {
    meaning: 'Something else failed; the message says what.',
    fix: 'Read the message and the evidence.',
    commands: [showEvents, showStatus],
  },
};
