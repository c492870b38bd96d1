import type { JsonObject } from './json.ts';
import { type KubeObject, parseApiVersion } from './objects.ts';
import { fieldsAt, lineOf, listOf, numberOr } from './status-of.ts';

type Part = { readonly spec: JsonObject; readonly status: JsonObject };

const readyReplicas = ({ spec, status }: Part): string =>
  `${numberOr(status.readyReplicas, 0)}/${numberOr(spec.replicas, 1)} ready`;

/** What `status` shows of a kind beside its health. */
const details: Readonly<Record<string, (part: Part) => string>> = {
  'apps/Deployment': readyReplicas,
  'apps/StatefulSet': readyReplicas,
  'apps/ReplicaSet': readyReplicas,
  'apps/DaemonSet': ({ status }) =>
    `${numberOr(status.numberReady, 0)}/${numberOr(status.desiredNumberScheduled, 0)} ready`,
  'batch/Job': ({ spec, status }) =>
    `${numberOr(status.succeeded, 0)}/${numberOr(spec.completions, 1)} completed`,
  'batch/CronJob': ({ spec }) => `${lineOf(spec.schedule)}${spec.suspend === true ? ', suspended' : ''}`,
  '/Pod': ({ status }) => lineOf(status.phase),
  '/PersistentVolumeClaim': ({ spec, status }) => {
    const size = fieldsAt(status, 'capacity').storage ?? fieldsAt(spec, 'resources', 'requests').storage;
    return [lineOf(status.phase), lineOf(size)].filter((word) => word !== '').join(' ');
  },
  '/Service': serviceDetail,
  'networking.k8s.io/Ingress': ({ spec, status }) => {
    const hosts = listOf(spec.rules).map((rule) => lineOf(rule.host) || '*');
    const addresses = addressesOf(status);
    return `${[...new Set(hosts)].join(', ')}${addresses === '' ? '' : ` at ${addresses}`}`;
  },
  'autoscaling/HorizontalPodAutoscaler': ({ spec, status }) =>
    `${numberOr(status.currentReplicas, 0)} of ${numberOr(spec.minReplicas, 1)}-${numberOr(spec.maxReplicas, 1)}`,
};

function serviceDetail({ spec, status }: Part): string {
  const type = lineOf(spec.type) || 'ClusterIP';
  const ports = listOf(spec.ports).map((port) => `${port.port}`);
  const at = ports.length === 0 ? '' : ` ${ports.join(', ')}`;
  if (type !== 'LoadBalancer') return `${type}${at}`;
  return `${type}${at}, ${addressesOf(status) || 'no external address yet'}`;
}

function addressesOf(status: JsonObject): string {
  return listOf(fieldsAt(status, 'loadBalancer').ingress)
    .map((address) => lineOf(address.hostname) || lineOf(address.ip))
    .filter((address) => address !== '')
    .join(', ');
}

/** A few words on an object, for example `2/2 ready`, `Bound 8Gi`, an address; `''` where there is nothing to say. */
export function detailOf(object: KubeObject): string {
  const { group } = parseApiVersion(object.apiVersion);
  const detail = details[`${group}/${object.kind}`];
  return detail?.({ spec: fieldsAt(object, 'spec'), status: fieldsAt(object, 'status') }) ?? '';
}
