import type { PathStep } from '../given.ts';
import { type PodSpec, podSpecOf, podSpecPaths } from '../images.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { KubeObject } from '../objects.ts';

/** A container with its place in the object. */
export interface ContainerView {
  readonly name: string;
  readonly spec: JsonObject;
  readonly path: readonly PathStep[];
  /** Runs before the others and ends. Those that stay (sidecars) count among the others. */
  readonly init: boolean;
}

/** The pods of an object. */
export interface PodView {
  readonly object: KubeObject;
  readonly spec: PodSpec;
  /** Where the pod spec stands in the object. */
  readonly path: readonly PathStep[];
  readonly containers: readonly ContainerView[];
}

/** The pods of an object; undefined where it has none. */
export function podView(object: KubeObject): PodView | undefined {
  const spec = podSpecOf(object);
  const path = podSpecPaths[object.kind];
  if (spec === undefined || path === undefined) return undefined;
  const containers = ['initContainers', 'containers'].flatMap((list) => containersIn(spec, path, list));
  return { object, spec, path, containers };
}

function containersIn(spec: PodSpec, path: readonly PathStep[], list: string): readonly ContainerView[] {
  const all: readonly unknown[] = Array.isArray(spec[list]) ? spec[list] : [];
  return all.flatMap((container, index) =>
    isObject(container)
      ? [
          {
            name: String(container.name),
            spec: container,
            path: [...path, list, index],
            init: list === 'initContainers' && container.restartPolicy !== 'Always',
          },
        ]
      : [],
  );
}

/** A map inside of a map; an empty one where there is none. */
export function mapAt(of: PodSpec, ...names: readonly string[]): PodSpec {
  return names.reduce<PodSpec>((at, name) => {
    const next = at[name];
    return isObject(next) ? next : {};
  }, of);
}

/** The maps of a list. */
export function mapsAt(of: PodSpec, name: string): readonly JsonObject[] {
  const list = of[name];
  return Array.isArray(list) ? list.filter(isObject) : [];
}
