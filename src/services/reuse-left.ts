import { isObject, type Json } from '../domain/json.ts';
import { displayId, type KubeObject, type ObjectRef } from '../domain/objects.ts';
import { secretData } from '../domain/opens-volumes.ts';
import { applySetId, fieldManager, ownershipKeys } from '../domain/ownership.ts';
import type { Rendered, RenderedObject } from '../domain/rendered.ts';
import type { Cluster, PartialObject } from './ports.ts';
import type { InstallationName } from './requests.ts';

/** Kinds that a removal leaves because of the data in the volumes. */
const leftKinds: ReadonlySet<string> = new Set(['PersistentVolumeClaim', 'Secret']);

/**
 * True for what an earlier installation of this name left when it was removed, so that the data is found again: of a kind that a removal
 * leaves, in the installation's own namespace, with its mark, and applied by this program. Asked only where nothing is recorded.
 */
export function wasLeft(
  ref: ObjectRef,
  live: Pick<PartialObject, 'metadata'>,
  { namespace, name }: InstallationName,
): boolean {
  const { labels, managedFields, deletionTimestamp } = live.metadata;
  return (
    ref.group === '' &&
    leftKinds.has(ref.kind) &&
    ref.namespace === namespace &&
    deletionTimestamp === undefined &&
    labels?.[ownershipKeys.partOf] === applySetId(namespace, name) &&
    managedFields?.some((entry) => entry.manager === fieldManager && entry.operation === 'Apply') === true
  );
}

/**
 * A first rendering with the passwords of an earlier installation in the place of those that were made by chance just now: what was
 * made with them, in the volumes, opens only with them. Charts that `lookup` their Secrets have them in place already.
 */
export async function reuseLeft(
  cluster: Cluster,
  name: InstallationName,
  rendered: Rendered,
  signal: AbortSignal,
): Promise<Rendered> {
  const opening = rendered.objects.filter(
    ({ phase }) => phase.kind === 'normal' && phase.opensVolumes === true,
  );
  if (opening.length === 0) return rendered;
  const known = new Map<string, string>();
  const found: string[] = [];
  await Promise.all(
    opening.map(async ({ object }) => {
      const ref = refIn(object, name.namespace);
      const live = await cluster.get(ref, signal);
      if (live === undefined || !wasLeft(ref, live, name)) return;
      found.push(displayId(ref));
      const old = secretData(live);
      for (const [key, made] of secretData(object)) {
        const before = old.get(key);
        if (before !== undefined && rendered.secrets?.includes(made) === true) known.set(made, before);
      }
    }),
  );
  if (found.length === 0) return rendered;
  const problems = found
    .sort()
    .map((id) => ({ message: `${id} of an earlier installation of this name is used again` }));
  return {
    ...rendered,
    objects: rendered.objects.map((one) => withKnown(one, known)),
    notes: replaced(rendered.notes, known),
    secrets: [...new Set([...(rendered.secrets ?? []), ...known.values()])],
    problems: [...rendered.problems, ...problems],
  };
}

function refIn({ metadata }: KubeObject, namespace: string): ObjectRef {
  return {
    group: '',
    version: 'v1',
    kind: 'Secret',
    namespace: metadata.namespace ?? namespace,
    name: metadata.name,
  };
}

function withKnown(one: RenderedObject, known: ReadonlyMap<string, string>): RenderedObject {
  if ([...known].every(([made, before]) => made === before)) return one;
  const { object } = one;
  const changed = inAll(object as unknown as Json, known) as unknown as KubeObject;
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return { ...one, object: changed };
  const data = Object.fromEntries(
    [...secretData(object)].map(([key, text]) => [
      key,
      Buffer.from(replaced(text, known)).toString('base64'),
    ]),
  );
  return {
    ...one,
    object: { ...changed, data: { ...(isObject(object.data) ? object.data : {}), ...data } } as KubeObject,
  };
}

function inAll(value: Json, known: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') return replaced(value, known);
  if (Array.isArray(value)) return value.map((item) => inAll(item, known));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inAll(item as Json, known)]));
}

function replaced(text: string, known: ReadonlyMap<string, string>): string {
  return [...known].reduce((rest, [made, before]) => rest.replaceAll(made, () => before), text);
}
