import type { Problem } from './errors.ts';
import { isObject } from './json.ts';
import { displayId, type KubeObject, refOf } from './objects.ts';
import { addQuantities, formatQuantity, parseQuantity, type Quantity, quantityOf } from './quantity.ts';

/** An object that a change creates, with the plural name of its kind. */
export interface NewObject {
  readonly object: KubeObject;
  readonly resource: string;
}

type Demand = Map<string, Quantity>;

/**
 * What does not fit into the quotas of a namespace. A dry run checks each object alone, so that ten objects pass where only
 * three fit: the plan adds up what it creates, and the pods that its workloads will make. Scoped quotas are left to the
 * server: whether they count an object depends on what is not known yet.
 * @see https://kubernetes.io/docs/concepts/policy/resource-quotas/ for the names of what is counted
 */
export function quotaProblems(quotas: readonly KubeObject[], created: readonly NewObject[]): Problem[] {
  const demand = demandOf(created);
  return quotas.filter((quota) => !isScoped(quota)).flatMap((quota) => shortages(quota, demand));
}

function isScoped(quota: KubeObject): boolean {
  const spec: unknown = quota.spec;
  return (
    isObject(spec) &&
    (spec.scopeSelector !== undefined || (Array.isArray(spec.scopes) && spec.scopes.length > 0))
  );
}

function shortages(quota: KubeObject, demand: Demand): Problem[] {
  const status: unknown = quota.status;
  if (!isObject(status) || !isObject(status.hard)) return [];
  const used = isObject(status.used) ? status.used : {};
  return Object.entries(status.hard).flatMap(([name, limit]) => {
    const wanted = demand.get(name);
    const hard = parseQuantity(String(limit));
    const taken = parseQuantity(String(used[name] ?? '0'));
    if (wanted === undefined || hard === undefined || taken === undefined) return [];
    if (addQuantities(taken, wanted).nano <= hard.nano) return [];
    const figures = `needs ${formatQuantity(wanted)}, ${formatQuantity(taken)} of ${formatQuantity(hard)} are used`;
    return [{ message: `${displayId(refOf(quota))}: ${name}: the app ${figures}` }];
  });
}

function demandOf(created: readonly NewObject[]): Demand {
  const demand: Demand = new Map();
  for (const { object, resource } of created) {
    const { group } = refOf(object);
    add(demand, `count/${group === '' ? resource : `${resource}.${group}`}`, 1n);
    if (group === '' && namedCounts.has(resource)) add(demand, resource, 1n);
    if (object.kind === 'Service') addService(demand, object);
    if (object.kind === 'PersistentVolumeClaim') addStorage(demand, object.spec, 1n);
    addPods(demand, object);
  }
  return demand;
}

/** Core kinds that quotas also count by their bare name. Claims are counted with their storage. */
const namedCounts: ReadonlySet<string> = new Set([
  'configmaps',
  'secrets',
  'services',
  'replicationcontrollers',
  'resourcequotas',
]);

function add(demand: Demand, name: string, count: bigint): void {
  addQuantity(demand, name, quantityOf(count));
}

function addQuantity(demand: Demand, name: string, quantity: Quantity): void {
  const before = demand.get(name);
  demand.set(name, before === undefined ? quantity : addQuantities(before, quantity));
}

function addService(demand: Demand, service: KubeObject): void {
  const type: unknown = service.spec?.type;
  if (type === 'LoadBalancer') add(demand, 'services.loadbalancers', 1n);
  if (type === 'LoadBalancer' || type === 'NodePort')
    add(demand, 'services.nodeports', BigInt(service.spec?.ports?.length ?? 0));
}

function addStorage(demand: Demand, spec: unknown, count: bigint): void {
  if (!isObject(spec)) return;
  add(demand, 'persistentvolumeclaims', count);
  const requests =
    isObject(spec.resources) && isObject(spec.resources.requests) ? spec.resources.requests : {};
  const size = parseQuantity(String(requests.storage ?? ''));
  if (size === undefined) return;
  addQuantity(demand, 'requests.storage', times(size, count));
  const className = spec.storageClassName;
  if (typeof className !== 'string') return;
  add(demand, `${className}.storageclass.storage.k8s.io/persistentvolumeclaims`, count);
  addQuantity(demand, `${className}.storageclass.storage.k8s.io/requests.storage`, times(size, count));
}

function times(quantity: Quantity, count: bigint): Quantity {
  return { ...quantity, nano: quantity.nano * count };
}

const replicated: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'ReplicaSet',
  'ReplicationController',
]);

function addPods(demand: Demand, object: KubeObject): void {
  const spec: unknown = object.spec;
  if (!isObject(spec)) return;
  if (object.kind === 'Pod' && object.apiVersion === 'v1') addPodSpec(demand, spec, 1n);
  if (object.kind === 'Job' && isObject(spec.template))
    addPodSpec(demand, spec.template.spec, countOf(spec.parallelism));
  if (!replicated.has(object.kind) || !isObject(spec.template)) return;
  const replicas = countOf(spec.replicas);
  addPodSpec(demand, spec.template.spec, replicas);
  const templates = Array.isArray(spec.volumeClaimTemplates) ? spec.volumeClaimTemplates : [];
  for (const template of templates) if (isObject(template)) addStorage(demand, template.spec, replicas);
}

function countOf(value: unknown): bigint {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? BigInt(value) : 1n;
}

function addPodSpec(demand: Demand, spec: unknown, count: bigint): void {
  if (!isObject(spec)) return;
  add(demand, 'pods', count);
  for (const container of Array.isArray(spec.containers) ? spec.containers : []) {
    if (!isObject(container) || !isObject(container.resources)) continue;
    addResources(demand, container.resources, count);
  }
}

/** A request that is not said is the limit (API server defaulting). `cpu` and `memory` are short for the requests. */
function addResources(demand: Demand, resources: Record<string, unknown>, count: bigint): void {
  const limits = isObject(resources.limits) ? resources.limits : {};
  const requests = { ...limits, ...(isObject(resources.requests) ? resources.requests : {}) };
  for (const [name, value] of Object.entries(limits)) addParsed(demand, [`limits.${name}`], value, count);
  for (const [name, value] of Object.entries(requests)) {
    const short = name === 'cpu' || name === 'memory' ? [name] : [];
    addParsed(demand, [`requests.${name}`, ...short], value, count);
  }
}

function addParsed(demand: Demand, names: readonly string[], value: unknown, count: bigint): void {
  const quantity = parseQuantity(String(value));
  if (quantity === undefined) return;
  for (const name of names) addQuantity(demand, name, times(quantity, count));
}
