import type { JsonObject } from './json.ts';
import type { KubeObject } from './objects.ts';
import { addQuantities, formatQuantity, negate, parseQuantity, type Quantity } from './quantity.ts';
import { fieldsAt, listOf } from './status-of.ts';

/** What a scheduler counts. */
export type RoomKind = 'cpu' | 'memory';

/** How much of something one node has left. */
export interface NodeRoom {
  readonly node: string;
  readonly free: Quantity;
  readonly total: Quantity;
}

const none: Quantity = { nano: 0n, format: 'decimal' };

/**
 * What a pod asks a node for, as the scheduler counts it (k8s.io/component-helpers/resource `PodRequests`): the sum of its
 * containers and of the init containers that keep running, or what one init container asks for where that is more.
 */
export function requestOf(pod: KubeObject, kind: RoomKind): Quantity {
  const spec = fieldsAt(pod, 'spec');
  const inits = listOf(spec.initContainers);
  const sidecars = inits.filter((container) => container.restartPolicy === 'Always');
  const running = sum([...listOf(spec.containers), ...sidecars].map((one) => asked(one, kind)));
  const starting = inits.map((one) => asked(one, kind));
  const most = starting.reduce((largest, one) => (one.nano > largest.nano ? one : largest), running);
  return addQuantities(most, quantityAt(fieldsAt(spec, 'overhead'), kind));
}

function asked(container: JsonObject, kind: RoomKind): Quantity {
  const requests = fieldsAt(container, 'resources', 'requests');
  return quantityAt(
    requests[kind] === undefined ? fieldsAt(container, 'resources', 'limits') : requests,
    kind,
  );
}

function quantityAt(from: JsonObject, kind: RoomKind): Quantity {
  const value = from[kind];
  return (
    parseQuantity(typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '') ?? none
  );
}

function sum(quantities: readonly Quantity[]): Quantity {
  const [first = none, ...rest] = quantities;
  return rest.reduce(addQuantities, first);
}

/** What a node has for pods. */
export function allocatable(node: KubeObject, kind: RoomKind): Quantity {
  return quantityAt(fieldsAt(node, 'status', 'allocatable'), kind);
}

/** What is left of a node beside the pods that run or are about to run on it. */
export function roomOf(node: KubeObject, pods: readonly KubeObject[], kind: RoomKind): NodeRoom {
  const total = allocatable(node, kind);
  const used = pods
    .filter((pod) => !['Succeeded', 'Failed'].includes(String(fieldsAt(pod, 'status').phase)))
    .map((pod) => requestOf(pod, kind));
  return { node: node.metadata.name, total, free: addQuantities(total, negate(sum(used))) };
}

/** True where the scheduler may use the node at all. */
export function takesPods(node: KubeObject): boolean {
  return fieldsAt(node, 'spec').unschedulable !== true;
}

/** The numbers in words: `asks for 10k CPU; of 3 nodes sandbox-1 has most left: 255950m of 256 CPU`. */
export function roomText(request: Quantity, rooms: readonly NodeRoom[], kind: RoomKind): string {
  const name = kind === 'cpu' ? 'CPU' : 'memory';
  const [first, ...rest] = rooms;
  const wants = `asks for ${formatQuantity(request)} ${name}`;
  if (first === undefined) return `${wants}; there is no node that takes pods`;
  const best = rest.reduce((most, one) => (one.free.nano > most.free.nano ? one : most), first);
  const count = rooms.length === 1 ? 'the one node' : `of ${rooms.length} nodes ${best.node}`;
  return `${wants}; ${count} has ${rooms.length === 1 ? '' : 'most '}left: ${amount(best.free)} of ${amount(best.total)} ${name}`;
}

const MEBI = 2n ** 20n * 1_000_000_000n;

/** Memory to the mebibyte: `1073741820Ki` says less than `1048575Mi`. */
function amount(quantity: Quantity): string {
  if (quantity.format !== 'binary') return formatQuantity(quantity);
  return formatQuantity({ nano: (quantity.nano / MEBI) * MEBI, format: 'binary' });
}
