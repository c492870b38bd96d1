import { isForbidden } from '../domain/errors.ts';
import { recordAccess } from './check-access.ts';
import { readFacts } from './facts.ts';
import type { AccessQuestion, Cluster } from './ports.ts';
import type { ClusterDeps, Finding } from './requests.ts';

/** Server-side apply is stable since 1.22, aggregated discovery is served by default since 1.27. */
const oldestMinor = 27;
/** Above this a command of a few dozen requests in a row is felt as slow. */
const slowAnswer = 300;
const probes = 5;

const storageDefault = 'storageclass.kubernetes.io/is-default-class';

/** Version, latency, default classes, metrics, and whether the caller may install into a namespace. */
export async function clusterFindings(
  deps: ClusterDeps,
  namespace: string,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { cluster } = deps;
  const [facts, latency, storage, rights] = await Promise.all([
    readFacts(cluster, signal),
    medianAnswer(deps, signal),
    defaultStorageClasses(cluster, signal),
    missingRights(cluster, namespace, signal),
  ]);
  return [
    versionFinding(facts.version),
    latencyFinding(latency),
    storageFinding(storage),
    capabilityFinding(facts.capabilities.includes('ingress'), {
      check: 'ingress',
      there: facts.ingressClass === '' ? 'there are IngressClasses' : `IngressClass ${facts.ingressClass}`,
      missing: 'no IngressClass: apps are reached by `appstore open` alone',
      fix: 'Install an ingress controller, for example Traefik or ingress-nginx.',
    }),
    capabilityFinding(facts.capabilities.includes('metrics'), {
      check: 'metrics',
      there: 'the metrics API is served',
      missing: 'no metrics API: autoscaling by CPU or memory does nothing',
      fix: 'Install metrics-server.',
    }),
    rightsFinding(rights, namespace),
  ];
}

function versionFinding({
  major,
  minor,
  gitVersion,
}: {
  major: number;
  minor: number;
  gitVersion: string;
}): Finding {
  const base = { area: 'cluster', check: 'version' } as const;
  if (major > 1 || minor >= oldestMinor) return { ...base, state: 'ok', message: `Kubernetes ${gitVersion}` };
  return {
    ...base,
    state: 'problem',
    message: `Kubernetes ${gitVersion} is older than 1.${oldestMinor}`,
    fix: 'Upgrade the cluster: its own project supports the newest three minor versions only.',
  };
}

/** Milliseconds of one answer, the median of a few in a row. */
async function medianAnswer({ cluster, clock }: ClusterDeps, signal: AbortSignal): Promise<number> {
  const times: number[] = [];
  for (let probe = 0; probe < probes; probe++) {
    const started = clock.monotonic();
    await cluster.version(signal);
    times.push(clock.monotonic() - started);
  }
  return times.sort((a, b) => a - b)[Math.floor(probes / 2)] ?? 0;
}

function latencyFinding(milliseconds: number): Finding {
  const base = { area: 'cluster', check: 'latency' } as const;
  const message = `the API server answers in ${Math.max(1, Math.round(milliseconds))} ms`;
  if (milliseconds <= slowAnswer) return { ...base, state: 'ok', message };
  return {
    ...base,
    state: 'warning',
    message,
    fix: 'Look at the load of the control plane, or work from nearer to it (VPN, proxy).',
  };
}

/** Names of the default StorageClasses; undefined where they may not be listed. */
async function defaultStorageClasses(cluster: Cluster, signal: AbortSignal): Promise<string[] | undefined> {
  try {
    const kind = { group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass' };
    const { items } = await cluster.listMetadata(kind, { signal });
    return items
      .filter((item) => item.metadata.annotations?.[storageDefault] === 'true')
      .map((item) => item.metadata.name);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

function storageFinding(classes: readonly string[] | undefined): Finding {
  const base = { area: 'cluster', check: 'storage' } as const;
  if (classes === undefined) return { ...base, state: 'skipped', message: 'you may not list StorageClasses' };
  if (classes.length === 1) return { ...base, state: 'ok', message: `default StorageClass ${classes[0]}` };
  if (classes.length > 1) {
    return {
      ...base,
      state: 'warning',
      message: `several default StorageClasses: ${classes.join(', ')}; the newest is taken`,
      fix: `Take the annotation ${storageDefault} from all but one.`,
    };
  }
  return {
    ...base,
    state: 'warning',
    message: 'no default StorageClass: apps with volumes do not start',
    fix: `Mark one: kubectl annotate storageclass NAME ${storageDefault}=true`,
  };
}

interface Capability {
  readonly check: string;
  readonly there: string;
  readonly missing: string;
  readonly fix: string;
}

function capabilityFinding(served: boolean, { check, there, missing, fix }: Capability): Finding {
  return served
    ? { area: 'cluster', check, state: 'ok', message: there }
    : { area: 'cluster', check, state: 'warning', message: missing, fix };
}

/** What nearly every app has, beside the record. */
const usualKinds: readonly (readonly [group: string, resource: string])[] = [
  ['', 'services'],
  ['', 'serviceaccounts'],
  ['', 'persistentvolumeclaims'],
  ['apps', 'deployments'],
  ['apps', 'statefulsets'],
];

async function missingRights(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<string[]> {
  const questions: AccessQuestion[] = [
    ...recordAccess(namespace),
    ...usualKinds.flatMap(([group, resource]) =>
      ['create', 'delete', 'get', 'patch'].map((verb) => ({ verb, group, resource, namespace })),
    ),
  ];
  const answers = await cluster.access(questions, signal);
  return questions.flatMap(({ verb, resource }, index) =>
    answers[index]?.allowed === true ? [] : [`${verb} ${resource}`],
  );
}

function rightsFinding(missing: readonly string[], namespace: string): Finding {
  const base = { area: 'cluster', check: 'permissions' } as const;
  if (missing.length === 0)
    return { ...base, state: 'ok', message: `you may install into namespace ${namespace}` };
  return {
    ...base,
    state: 'warning',
    message: `in namespace ${namespace} you may not ${missing.slice(0, 6).join(', ')}${missing.length > 6 ? ` and ${missing.length - 6} more` : ''}`,
    fix: 'Ask an administrator for what `appstore rbac <app>` prints.',
  };
}
