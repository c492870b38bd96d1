import { AppstoreError, type Problem } from '../domain/errors.ts';
import { isObject } from '../domain/json.ts';
import { displayId, type KubeObject, type ObjectRef, parseApiVersion, refOf } from '../domain/objects.ts';
import type { PlannedConflict } from '../domain/plan.ts';
import type { RenderedObject } from '../domain/rendered.ts';
import type { Cluster } from './ports.ts';

/** A rendered object in its place in the cluster. */
export interface Located {
  readonly rendered: RenderedObject;
  /** With its namespace where it is namespaced, without one where it is not. */
  readonly object: KubeObject;
  readonly ref: ObjectRef;
  /** Plural name of the kind; lower-case kind plus `s` where it is not served yet. */
  readonly resource: string;
  /** False where the kind comes with a CRD of the package itself and is not served yet. */
  readonly served: boolean;
  /** Fields that were left to other managers before, and are left out of the object. */
  readonly yielded?: readonly PlannedConflict[];
}

/**
 * Gives every object its namespace, by what the cluster says of its kind or, for kinds that the package brings itself, by
 * its CRD. Throws KIND_UNKNOWN with every object whose kind nobody knows.
 */
export async function locate(
  cluster: Cluster,
  objects: readonly RenderedObject[],
  namespace: string,
  signal: AbortSignal,
): Promise<Located[]> {
  const brought = broughtKinds(objects);
  // A kind whose definition went a moment ago is known still.
  if (brought.size > 0) cluster.forgetDiscovery();
  const problems: Problem[] = [];
  const located: Located[] = [];
  for (const rendered of objects) {
    const { group, version } = parseApiVersion(rendered.object.apiVersion);
    const kind = { group, version, kind: rendered.object.kind };
    const type = await cluster.resourceType(kind, signal);
    const namespaced = type?.namespaced ?? brought.get(`${group}/${version}/${kind.kind}`);
    if (namespaced === undefined) {
      problems.push(unknownKind(rendered));
      continue;
    }
    const object = inNamespace(rendered.object, namespaced, namespace);
    const resource = type?.resource ?? `${kind.kind.toLowerCase()}s`;
    located.push({ rendered, object, ref: refOf(object), resource, served: type !== undefined });
  }
  if (problems.length > 0) {
    throw new AppstoreError('KIND_UNKNOWN', 'the cluster does not serve kinds that the package uses', {
      problems,
    });
  }
  return located;
}

function unknownKind(rendered: RenderedObject): Problem {
  const { apiVersion, kind, metadata } = rendered.object;
  return {
    message: `${displayId({ kind, namespace: '', name: metadata.name })}: the cluster does not serve ${apiVersion} ${kind}`,
    at:
      rendered.source.line === undefined
        ? rendered.source.file
        : `${rendered.source.file}:${rendered.source.line}`,
  };
}

function inNamespace(object: KubeObject, namespaced: boolean, fallback: string): KubeObject {
  const { namespace, ...metadata } = object.metadata;
  return { ...object, metadata: namespaced ? { ...metadata, namespace: namespace ?? fallback } : metadata };
}

/** `group/version/kind` -> namespaced, for the kinds that CRDs among the objects define. */
export function broughtKinds(objects: readonly RenderedObject[]): ReadonlyMap<string, boolean> {
  const kinds = new Map<string, boolean>();
  for (const { object } of objects) {
    if (object.kind !== 'CustomResourceDefinition' || !isObject(object.spec)) continue;
    const { group, names, scope, versions } = object.spec;
    if (typeof group !== 'string' || !isObject(names) || !Array.isArray(versions)) continue;
    for (const version of versions) {
      if (!isObject(version) || version.served === false) continue;
      kinds.set(`${group}/${String(version.name)}/${String(names.kind)}`, scope === 'Namespaced');
    }
  }
  return kinds;
}
