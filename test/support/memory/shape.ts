import { isObject } from '../../../src/domain/json.ts';

/** How a value is merged: field by field, as one, as a set of scalars, or as a list of items with keys. */
type Shape =
  | { readonly type: 'granular' }
  | { readonly type: 'atomic' }
  | { readonly type: 'set' }
  | { readonly type: 'keyed'; readonly keys: readonly string[] };

/** The shape of the value at a path of field names, for example `spec.template.spec.containers`. */
export type ShapeOf = (path: string, value: unknown) => Shape;

const granular: Shape = { type: 'granular' };
const atomic: Shape = { type: 'atomic' };
const set: Shape = { type: 'set' };
const keyed = (...keys: string[]): Shape => ({ type: 'keyed', keys });

/** Where a pod's spec stands, in pods and in everything that has a pod template. */
const pod = '^(?:spec\\.)(?:jobTemplate\\.spec\\.)?(?:template\\.spec\\.)?';
const container = `${pod}(?:containers|initContainers|ephemeralContainers)`;

/**
 * The `x-kubernetes-list-type` and `map-type` of the built-in types (api/openapi-spec of Kubernetes), as far as apps use them.
 * The first row that fits counts; what no row names is granular where it is a map and atomic where it is a list.
 */
const rows: readonly { readonly at: RegExp; readonly shape: Shape }[] = [
  { at: /^metadata\.finalizers$/, shape: set },
  { at: /^metadata\.ownerReferences$/, shape: keyed('uid') },
  { at: new RegExp(`${container}$`), shape: keyed('name') },
  { at: new RegExp(`${container}\\.env$`), shape: keyed('name') },
  { at: new RegExp(`${container}\\.ports$`), shape: keyed('containerPort', 'protocol') },
  { at: new RegExp(`${container}\\.volumeMounts$`), shape: keyed('mountPath') },
  { at: new RegExp(`${container}\\.volumeDevices$`), shape: keyed('devicePath') },
  { at: new RegExp(`${container}\\.resizePolicy$`), shape: atomic },
  { at: new RegExp(`${container}\\.resources\\.claims$`), shape: keyed('name') },
  { at: /\.(?:secretKeyRef|configMapKeyRef|fieldRef|resourceFieldRef)$/, shape: atomic },
  { at: new RegExp(`${pod}volumes$`), shape: keyed('name') },
  { at: new RegExp(`${pod}imagePullSecrets$`), shape: keyed('name') },
  { at: new RegExp(`${pod}hostAliases$`), shape: keyed('ip') },
  { at: new RegExp(`${pod}topologySpreadConstraints$`), shape: keyed('topologyKey', 'whenUnsatisfiable') },
  { at: new RegExp(`${pod}schedulingGates$`), shape: keyed('name') },
  { at: new RegExp(`${pod}(?:nodeSelector|affinity\\.nodeAffinity\\..*Execution)$`), shape: atomic },
  { at: /(?:^|\.)(?:labelSelector|namespaceSelector|podSelector|objectSelector)$/, shape: atomic },
  { at: /^spec\.(?:jobTemplate\.spec\.)?selector$/, shape: atomic },
  { at: /^spec\.ports$/, shape: keyed('port', 'protocol') },
  { at: /^imagePullSecrets$/, shape: atomic },
  { at: /^secrets$/, shape: keyed('name') },
  { at: /^roleRef$/, shape: atomic },
  { at: /^webhooks$/, shape: keyed('name') },
  { at: /^status\.conditions$/, shape: keyed('type') },
  { at: /^status\.loadBalancer$/, shape: atomic },
  { at: /^spec\.(?:scaleTargetRef|defaultBackend\.resource|names\.scope)$/, shape: atomic },
];

/** Defaults of keys (`x-kubernetes-list-map-keys` need a value): a port without a protocol is TCP. */
export const keyDefaults: Readonly<Record<string, string>> = { protocol: 'TCP' };

/** The shapes of built-in kinds. A pod selector of a Service is a map of its own type: `spec.selector` is atomic in all. */
export const builtInShape: ShapeOf = (path, value) =>
  rows.find((row) => row.at.test(path))?.shape ?? (Array.isArray(value) ? atomic : granular);

/** The shapes that the schema of a CustomResourceDefinition declares. */
export function schemaShape(schema: unknown): ShapeOf {
  return (path, value) => {
    if (path.startsWith('metadata')) return builtInShape(path, value);
    const node = schemaAt(schema, path === '' ? [] : path.split('.'));
    if (Array.isArray(value)) return listShape(node);
    return node?.['x-kubernetes-map-type'] === 'atomic' ? atomic : granular;
  };
}

function listShape(node: Record<string, unknown> | undefined): Shape {
  const keys = node?.['x-kubernetes-list-map-keys'];
  if (node?.['x-kubernetes-list-type'] === 'map' && Array.isArray(keys)) return keyed(...keys.map(String));
  return node?.['x-kubernetes-list-type'] === 'set' ? set : atomic;
}

function schemaAt(schema: unknown, path: readonly string[]): Record<string, unknown> | undefined {
  if (!isObject(schema)) return undefined;
  if (schema.type === 'array' && path.length > 0) return schemaAt(schema.items, path);
  const [first, ...rest] = path;
  if (first === undefined) return schema;
  const properties = isObject(schema.properties) ? schema.properties : {};
  return schemaAt(properties[first] ?? schema.additionalProperties, rest);
}
