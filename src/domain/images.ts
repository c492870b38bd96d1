import { isObject } from './json.ts';
import type { KubeObject } from './objects.ts';

/** Where the pod spec is, by kind (group left out: no other group has these kinds with another shape). */
export const podSpecPaths: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  ReplicationController: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  PodTemplate: ['template', 'spec'],
};

const containerLists = ['initContainers', 'containers', 'ephemeralContainers'];

/** An image and what uses it. */
export interface ImageUse {
  readonly image: string;
  /** `Kind/name container`, in the order of the objects. */
  readonly used: readonly string[];
}

/**
 * An image reference with its registry written out, as container runtimes resolve it: `nginx:1` is
 * `docker.io/library/nginx:1` (distribution/reference, ParseNormalizedNamed).
 */
export function parseImage(image: string): { readonly registry: string; readonly rest: string } {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  const isRegistry = first === 'localhost' || /[.:]/.test(first);
  const registry = isRegistry ? first : 'docker.io';
  const rest = isRegistry ? image.slice(slash + 1) : image;
  if (registry !== 'docker.io' && registry !== 'index.docker.io') return { registry, rest };
  return { registry: 'docker.io', rest: rest.includes('/') ? rest : `library/${rest}` };
}

/** The same image from a mirror: `nginx:1` is `mirror.example.com/library/nginx:1`. Already there, it stays. */
export function mirroredImage(image: string, mirror: string): string {
  const base = mirror.replace(/\/+$/, '');
  return image === '' || image.startsWith(`${base}/`) ? image : `${base}/${parseImage(image).rest}`;
}

/** The object with every image of its pods taken from a mirror; as it is where the mirror is ''. */
export function rewriteImages(object: KubeObject, mirror: string): KubeObject {
  if (mirror === '') return object;
  return onPodSpec(object, (spec) => {
    const lists = [...containerLists.filter((list) => Array.isArray(spec[list]))].map((list) => [
      list,
      (spec[list] as unknown[]).map((container) =>
        isObject(container) && typeof container.image === 'string'
          ? { ...container, image: mirroredImage(container.image, mirror) }
          : container,
      ),
    ]);
    const volumes = Array.isArray(spec.volumes)
      ? { volumes: spec.volumes.map((volume) => mirrorVolume(volume, mirror)) }
      : {};
    return { ...spec, ...Object.fromEntries(lists), ...volumes };
  });
}

/** The object with Secrets to pull images with added to its pods, after those that are there. */
export function addPullSecrets(object: KubeObject, names: readonly string[]): KubeObject {
  if (names.length === 0) return object;
  return onPodSpec(object, (spec) => {
    const there = Array.isArray(spec.imagePullSecrets) ? spec.imagePullSecrets : [];
    const known = new Set(there.map((entry) => (isObject(entry) ? entry.name : undefined)));
    return {
      ...spec,
      imagePullSecrets: [...there, ...names.filter((name) => !known.has(name)).map((name) => ({ name }))],
    };
  });
}

/** Every image that the objects use, sorted, with what uses it. */
export function listImages(objects: readonly KubeObject[]): ImageUse[] {
  const uses = new Map<string, string[]>();
  for (const object of objects) {
    const spec = podSpecOf(object);
    if (spec === undefined) continue;
    for (const list of containerLists) {
      const containers: readonly unknown[] = Array.isArray(spec[list]) ? spec[list] : [];
      for (const container of containers.filter(isObject)) {
        if (typeof container.image !== 'string') continue;
        const used = `${object.kind}/${object.metadata.name} ${String(container.name)}`;
        uses.set(container.image, [...(uses.get(container.image) ?? []), used]);
      }
    }
  }
  return [...uses.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([image, used]) => ({ image, used }));
}

/** Image volumes (Kubernetes 1.33). */
function mirrorVolume(volume: unknown, mirror: string): unknown {
  const image = isObject(volume) ? volume.image : undefined;
  if (!isObject(volume) || !isObject(image) || typeof image.reference !== 'string') return volume;
  return { ...volume, image: { ...image, reference: mirroredImage(image.reference, mirror) } };
}

export type PodSpec = Readonly<Record<string, unknown>>;

/** The spec of an object's pods; undefined where it has none. */
export function podSpecOf(object: KubeObject): PodSpec | undefined {
  const path = podSpecPaths[object.kind];
  const spec = path?.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), object);
  return isObject(spec) ? spec : undefined;
}

function onPodSpec(object: KubeObject, change: (spec: PodSpec) => PodSpec): KubeObject {
  const path = podSpecPaths[object.kind];
  if (path === undefined || podSpecOf(object) === undefined) return object;
  return setAt(object, path, change) as KubeObject;
}

function setAt(at: PodSpec, path: readonly string[], change: (spec: PodSpec) => PodSpec): PodSpec {
  const [key, ...rest] = path;
  if (key === undefined) return change(at);
  return { ...at, [key]: setAt(at[key] as PodSpec, rest, change) };
}
