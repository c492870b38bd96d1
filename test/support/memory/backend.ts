import { AppstoreError } from '../../../src/domain/errors.ts';
import type { GroupKind } from '../../../src/domain/objects.ts';
import {
  formatApiVersion,
  type GroupVersionKind,
  type KubeObject,
  parseApiVersion,
} from '../../../src/domain/objects.ts';
import { builtInKinds, customKinds, type ServedKind } from './kinds.ts';
import { namespaceMissing, namespaceTerminating, type Target } from './refusals.ts';
import { builtInShape, type ShapeOf, schemaShape } from './shape.ts';
import type { Store } from './store.ts';

const crdKind = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' };

/** Built-in kinds and those of the CRDs that are there now. */
export function servedKinds(store: Store): ServedKind[] {
  const crds = store.all(crdKind).filter((crd) => crd.metadata.deletionTimestamp === undefined);
  return [...builtInKinds(), ...crds.flatMap((crd) => customKinds({ spec: crd.spec }))];
}

/** How a kind is served; its first version where none is named. */
export function findKind(
  store: Store,
  kind: GroupKind & { readonly version?: string },
): ServedKind | undefined {
  return servedKinds(store).find(
    (one) =>
      one.group === kind.group &&
      one.kind === kind.kind &&
      (kind.version === undefined || one.version === kind.version),
  );
}

/** The same; throws KIND_UNKNOWN. */
export function needKind(store: Store, kind: GroupVersionKind): ServedKind {
  const found = findKind(store, kind);
  if (found !== undefined) return found;
  const where = formatApiVersion(kind);
  throw new AppstoreError('KIND_UNKNOWN', `${kind.kind}: the cluster does not serve this kind in ${where}`);
}

/** How the fields of a kind are merged. */
export function shapesOf(store: Store, kind: ServedKind): ShapeOf {
  const crd = store.get({ ...crdKind, namespace: '', name: `${kind.resource}.${kind.group}` });
  if (crd === undefined) return memoized(builtInShape);
  const versions = crd.spec?.versions as { name: string; schema?: { openAPIV3Schema?: unknown } }[];
  const version = versions.find((one) => one.name === kind.version);
  return memoized(schemaShape(version?.schema?.openAPIV3Schema));
}

function memoized(shapeOf: ShapeOf): ShapeOf {
  const known = new Map<string, ReturnType<ShapeOf>>();
  return (path, value) => {
    const key = Array.isArray(value) ? `${path}[]` : path;
    const shape = known.get(key) ?? shapeOf(path, value);
    known.set(key, shape);
    return shape;
  };
}

/** The target of a write: namespaces are ignored for cluster-scoped kinds, and `default` where none is given. */
export function targetOf(store: Store, object: KubeObject): Target {
  const { group, version } = parseApiVersion(object.apiVersion);
  const kind = needKind(store, { group, version, kind: object.kind });
  const { namespace, name } = object.metadata;
  return { kind, namespace: kind.namespaced ? (namespace ?? '') : '', name };
}

/** Throws where nothing can be created in a namespace. */
export function checkNamespace(store: Store, target: Target): void {
  if (!target.kind.namespaced) return;
  const ref = { group: '', kind: 'Namespace', namespace: '', name: target.namespace };
  const namespace = store.get(ref);
  if (namespace === undefined) throw namespaceMissing(target);
  if (namespace.metadata.deletionTimestamp !== undefined) throw namespaceTerminating(target);
}

/** An object under the API version that was asked for. */
export function served(object: KubeObject, kind: ServedKind): KubeObject {
  return { ...object, apiVersion: formatApiVersion(kind), kind: kind.kind };
}
