import type { EvidenceLine } from '../domain/diagnosis.ts';
import { AppstoreError } from '../domain/errors.ts';
import { allocatable, type RoomKind, requestOf, roomOf, roomText, takesPods } from '../domain/node-room.ts';
import { type KubeObject, refOf } from '../domain/objects.ts';
import { inParallel } from './parallel.ts';
import type { Cluster } from './ports.ts';

/** Nodes that are counted, the largest: a request each. */
const mostNodes = 40;
const nodesAtOnce = 10;

/** Nodes and what runs on them, read once however many pods are explained. */
export interface NodeRooms {
  /** How much a pod asks for and what the nodes have left; undefined where that may not be read. */
  explain(pod: KubeObject, kind: RoomKind): Promise<EvidenceLine | undefined>;
}

interface Occupied {
  readonly node: KubeObject;
  readonly pods: readonly KubeObject[];
}

/** Counts on demand. Nothing is read before the first pod is explained. */
export function nodeRooms(cluster: Cluster, signal: AbortSignal | undefined): NodeRooms {
  const read = new Map<RoomKind, Promise<readonly Occupied[]>>();
  const occupied = (kind: RoomKind) => {
    const known = read.get(kind) ?? readNodes(cluster, kind, signal);
    read.set(kind, known);
    return known;
  };
  return {
    explain: async (pod, kind) => {
      try {
        const rooms = (await occupied(kind)).map(({ node, pods }) => roomOf(node, pods, kind));
        return { ref: refOf(pod), source: 'nodes', text: roomText(requestOf(pod, kind), rooms, kind) };
      } catch (error) {
        // Nodes and the pods of others are often not for everyone to read.
        if (error instanceof AppstoreError) return undefined;
        throw error;
      }
    },
  };
}

async function readNodes(
  cluster: Cluster,
  kind: RoomKind,
  signal: AbortSignal | undefined,
): Promise<readonly Occupied[]> {
  const more = signal === undefined ? {} : { signal };
  const { items } = await cluster.list({ group: '', version: 'v1', kind: 'Node' }, more);
  const size = (node: KubeObject) => allocatable(node, kind).nano;
  const largest = items
    .filter(takesPods)
    .sort((a, b) => (size(b) > size(a) ? 1 : size(b) < size(a) ? -1 : 0))
    .slice(0, mostNodes);
  return inParallel(largest, nodesAtOnce, async (node) => {
    const fieldSelector = `spec.nodeName=${node.metadata.name}`;
    const pods = await cluster.list({ group: '', version: 'v1', kind: 'Pod' }, { fieldSelector, ...more });
    return { node, pods: pods.items };
  });
}
