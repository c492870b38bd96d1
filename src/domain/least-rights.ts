import { isObject, type JsonObject } from './json.ts';
import type { KubeObject, ObjectRef } from './objects.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

/** An object that is written, with the plural of its kind as the API server knows it. */
export interface WrittenObject {
  readonly object: KubeObject;
  readonly ref: ObjectRef;
  readonly resource: string;
}

/** A rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** Rights in one namespace, or with `''` over what has none. */
export interface ScopedRules {
  readonly namespace: string;
  readonly rules: readonly PolicyRule[];
}

/**
 * What is done to objects of an app. Server-side apply creates with `create` and `patch` (Kubernetes documentation,
 * "Server-Side Apply", API access); waiting and `status` read. No names: an upgrade brings objects of other names.
 */
const objectVerbs = ['create', 'delete', 'get', 'list', 'patch', 'watch'];

/** What the record and the lock of an installation are made of (docs/record.md). */
const recordRules: readonly PolicyRule[] = [
  {
    apiGroups: [''],
    resources: ['configmaps', 'secrets'],
    verbs: ['create', 'delete', 'get', 'list', 'update'],
  },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'delete', 'get', 'update'] },
];

/** What tells why something is not ready, where the app has pods. */
const explainRules: readonly PolicyRule[] = [
  {
    apiGroups: [''],
    resources: ['events', 'pods', 'pods/log', 'resourcequotas'],
    verbs: ['get', 'list', 'watch'],
  },
  { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['get', 'list', 'watch'] },
];

/** Further rights that an object of a kind takes, beside those to write it. */
const furtherRules: Readonly<Record<string, (object: KubeObject) => readonly PolicyRule[]>> = {
  // The claims of its template stand in no manifest; removal finds them and deletes them with `--purge-data`.
  'apps/StatefulSet': () => [
    { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['delete', 'get', 'list', 'watch'] },
  ],
  // A role can only be given by who has its rights (escalation check, Kubernetes documentation, "Using RBAC").
  [`${rbacGroup}/Role`]: ownRules,
  [`${rbacGroup}/ClusterRole`]: ownRules,
};

function ownRules(role: KubeObject): readonly PolicyRule[] {
  return Array.isArray(role.rules) ? (role.rules as PolicyRule[]) : [];
}

/**
 * The least rights that install, watch, upgrade and remove an app, by namespace: to write its objects, to keep the record, to
 * say why something is not ready, and to give the rights that its own roles give.
 */
export function leastRights(
  objects: readonly WrittenObject[],
  { namespace, createNamespace }: { readonly namespace: string; readonly createNamespace: boolean },
): ScopedRules[] {
  const scopes = new Map<string, PolicyRule[]>([[namespace, [...recordRules]]]);
  const add = (scope: string, rules: readonly PolicyRule[]) =>
    scopes.set(scope, [...(scopes.get(scope) ?? []), ...rules]);
  if (createNamespace) add('', [{ apiGroups: [''], resources: ['namespaces'], verbs: ['create', 'get'] }]);
  for (const { object, ref, resource } of objects) {
    add(ref.namespace, [{ apiGroups: [ref.group], resources: [resource], verbs: objectVerbs }]);
    add(ref.namespace, furtherRules[`${ref.group}/${ref.kind}`]?.(object) ?? []);
    if (hasPods(object)) add(ref.namespace, explainRules);
    if (object.spec?.replicas !== undefined) add(ref.namespace, autoscalerRules);
    for (const rule of bindRules(object, objects)) add(ref.namespace, [rule]);
  }
  return [...scopes].map(([scope, rules]) => ({ namespace: scope, rules: mergeRules(rules) }));
}

/** Who sets `replicas` is asked before the field is applied (NEEDS row 8). */
const autoscalerRules: readonly PolicyRule[] = [
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['get', 'list'] },
];

function hasPods(object: KubeObject): boolean {
  return (
    object.kind === 'Pod' ||
    object.spec?.template?.spec !== undefined ||
    object.spec?.jobTemplate !== undefined
  );
}

/** A binding to a role that the app does not bring itself: its rights are not known here, so the right to bind it is asked for. */
function bindRules(object: KubeObject, objects: readonly WrittenObject[]): PolicyRule[] {
  if (!/^(Cluster)?RoleBinding$/.test(object.kind) || !isObject(object.roleRef)) return [];
  const { kind, name } = object.roleRef as JsonObject;
  if (objects.some((one) => one.ref.kind === kind && one.ref.name === name)) return [];
  const resource = kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  return [{ apiGroups: [rbacGroup], resources: [resource], resourceNames: [String(name)], verbs: ['bind'] }];
}

/** One rule a set of verbs and API group, without what another says already; sorted, so that equal apps give equal roles. */
function mergeRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const plain = new Map<string, Set<string>>();
  const others = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { resourceNames, ...rest } = rule;
    if (resourceNames !== undefined || 'nonResourceURLs' in rest) {
      others.set(JSON.stringify(rule), rule);
      continue;
    }
    for (const group of rule.apiGroups) {
      for (const resource of rule.resources) {
        const key = JSON.stringify([group, resource]);
        plain.set(key, new Set([...(plain.get(key) ?? []), ...rule.verbs]));
      }
    }
  }
  const byVerbs = Map.groupBy([...plain], ([key, verbs]) =>
    JSON.stringify([JSON.parse(key)[0], [...verbs].sort()]),
  );
  const merged = [...byVerbs].map(([key, entries]): PolicyRule => {
    const [group, verbs] = JSON.parse(key) as [string, string[]];
    return {
      apiGroups: [group],
      resources: entries.map(([one]) => String(JSON.parse(one)[1])).sort(),
      verbs,
    };
  });
  const text = (rule: PolicyRule) => `${rule.apiGroups.join()}/${rule.resources?.join()}`;
  return [...merged.sort((a, b) => (text(a) < text(b) ? -1 : 1)), ...others.values()];
}
