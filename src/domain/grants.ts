import { isObject, type Json, type JsonObject } from './json.ts';
import { displayId, type KubeObject, refOf } from './objects.ts';
import type { Grant } from './plan.ts';

const rbacGroup = 'rbac.authorization.k8s.io';
/** Rules of a role that are told in full; the rest is counted. */
const rulesShown = 5;

/** Kubernetes' own roles whose rights are not in the package, in words. */
const knownRoles: Readonly<Record<string, string>> = {
  'cluster-admin': 'everything (cluster-admin)',
  admin: 'everything in namespaces, roles included (admin)',
  edit: 'change everything in namespaces, Secrets included (edit)',
  view: 'read everything in namespaces but Secrets (view)',
  'system:auth-delegator': 'ask the API server who somebody is and what they may do (system:auth-delegator)',
};

/** Labels that add a ClusterRole to a role that people have (Kubernetes documentation, "Aggregated ClusterRoles"). */
const aggregatedTo: Readonly<Record<string, string>> = {
  [`${rbacGroup}/aggregate-to-admin`]: 'admin',
  [`${rbacGroup}/aggregate-to-edit`]: 'edit',
  [`${rbacGroup}/aggregate-to-view`]: 'view',
};

/** Rights over the whole cluster, or over another namespace than the installation's, that these objects give away. */
export function grantsOf(objects: readonly KubeObject[], namespace: string): Grant[] {
  const roles = new Map(
    objects.filter((object) => isRbac(object, /Role$/)).map((role) => [displayId(refOf(role)), role]),
  );
  return objects.flatMap((object) => {
    if (isRbac(object, /^ClusterRoleBinding$/)) return [bindingGrant(object, roles, 'in the whole cluster')];
    if (isRbac(object, /^RoleBinding$/)) return foreignBinding(object, roles, namespace);
    return isRbac(object, /^ClusterRole$/) ? aggregationGrants(object) : [];
  });
}

function isRbac(object: KubeObject, kind: RegExp): boolean {
  return refOf(object).group === rbacGroup && kind.test(object.kind);
}

function foreignBinding(
  binding: KubeObject,
  roles: ReadonlyMap<string, KubeObject>,
  namespace: string,
): Grant[] {
  const own = binding.metadata.namespace ?? namespace;
  return own === namespace ? [] : [bindingGrant(binding, roles, `in namespace ${own}`)];
}

function bindingGrant(binding: KubeObject, roles: ReadonlyMap<string, KubeObject>, where: string): Grant {
  const role = isObject(binding.roleRef) ? binding.roleRef : {};
  const kind = String(role.kind ?? '');
  const name = String(role.name ?? '');
  const namespace = kind === 'Role' ? (binding.metadata.namespace ?? '') : '';
  const found = roles.get(displayId({ kind, namespace, name }));
  const rights =
    found === undefined
      ? ((kind === 'ClusterRole' ? knownRoles[name] : undefined) ?? `what ${kind} ${name} allows`)
      : rulesText(found);
  return {
    by: displayId(refOf(binding)),
    rights: `${rights} ${where}, to ${subjectsText(binding.subjects)}`,
  };
}

function aggregationGrants(role: KubeObject): Grant[] {
  const by = displayId(refOf(role));
  const names = Object.entries(aggregatedTo)
    .filter(([label]) => role.metadata.labels?.[label] === 'true')
    .map(([, name]) => name);
  const who = new Intl.ListFormat('en', { type: 'disjunction' }).format(names);
  const added =
    names.length === 0 ? [] : [{ by, rights: `${rulesText(role)}, to everybody who has the role ${who}` }];
  if (!isObject(role.aggregationRule)) return added;
  return [...added, { by, rights: 'what every ClusterRole that its aggregation rule selects allows' }];
}

function rulesText(role: KubeObject): string {
  const rules: readonly unknown[] = Array.isArray(role.rules) ? role.rules : [];
  const texts = rules.filter(isObject).map(ruleText);
  if (texts.length === 0) return 'nothing yet';
  const more = texts.length - rulesShown;
  return [...texts.slice(0, rulesShown), ...(more > 0 ? [`${more} more rules`] : [])].join('; ');
}

function ruleText(rule: JsonObject): string {
  const verbs = words(rule.verbs, 'all verbs');
  if (Array.isArray(rule.nonResourceURLs)) return `${verbs} on ${words(rule.nonResourceURLs, 'all paths')}`;
  const groups = words(rule.apiGroups, 'every group', 'core');
  const resources = words(rule.resources, 'all resources');
  const names = Array.isArray(rule.resourceNames) ? ` named ${words(rule.resourceNames, '*')}` : '';
  return `${verbs} on ${resources}${groups === 'core' ? '' : ` (${groups})`}${names}`;
}

function words(value: Json | undefined, all: string, empty: string = ''): string {
  const list = Array.isArray(value) ? value.map(String) : [];
  return list.includes('*') ? all : list.map((word) => (word === '' ? empty : word)).join(', ');
}

function subjectsText(value: unknown): string {
  const subjects = Array.isArray(value) ? value.filter(isObject) : [];
  const texts = subjects.map((subject) =>
    subject.namespace === undefined
      ? `${subject.kind} ${subject.name}`
      : `${subject.kind} ${subject.namespace}/${subject.name}`,
  );
  return texts.length === 0 ? 'nobody' : texts.join(', ');
}
