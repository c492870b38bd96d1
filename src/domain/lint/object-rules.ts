import { isObject, type JsonObject } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import { mapAt, mapsAt } from './pod-view.ts';
import type { Hit, LintRule } from './rule.ts';

type ObjectRule = Extract<LintRule, { readonly of: 'object' }>;

/** APIs that are not served any more (https://kubernetes.io/docs/reference/using-api/deprecation-guide/): version, kinds, since when. */
const removedApis: readonly (readonly [apiVersion: string, kinds: RegExp, since: string, instead: string])[] =
  [
    ['extensions/v1beta1', /./, '1.22', 'apps/v1 or networking.k8s.io/v1'],
    ['apps/v1beta1', /./, '1.16', 'apps/v1'],
    ['apps/v1beta2', /./, '1.16', 'apps/v1'],
    ['networking.k8s.io/v1beta1', /^Ingress/, '1.22', 'networking.k8s.io/v1'],
    ['rbac.authorization.k8s.io/v1beta1', /./, '1.22', 'rbac.authorization.k8s.io/v1'],
    ['apiextensions.k8s.io/v1beta1', /./, '1.22', 'apiextensions.k8s.io/v1'],
    ['admissionregistration.k8s.io/v1beta1', /Webhook/, '1.22', 'admissionregistration.k8s.io/v1'],
    ['batch/v1beta1', /^CronJob$/, '1.25', 'batch/v1'],
    ['policy/v1beta1', /./, '1.25', 'policy/v1'],
    ['discovery.k8s.io/v1beta1', /./, '1.25', 'discovery.k8s.io/v1'],
    ['autoscaling/v2beta1', /./, '1.25', 'autoscaling/v2'],
    ['autoscaling/v2beta2', /./, '1.26', 'autoscaling/v2'],
    ['flowcontrol.apiserver.k8s.io/v1beta3', /./, '1.32', 'flowcontrol.apiserver.k8s.io/v1'],
  ];

/** Rules of objects. Names are stable; a row is a rule, with its reason. */
export const objectRules: readonly ObjectRule[] = [
  {
    of: 'object',
    name: 'no-cluster-admin',
    severity: 'error',
    reason: 'The app, and whoever gets into it, may do everything in the whole cluster.',
    fix: 'Write a Role (or ClusterRole) with what the app needs, and bind that.',
    check: (object) => {
      const { kind, name } = mapAt(object as unknown as JsonObject, 'roleRef');
      const admin =
        /^(Cluster)?RoleBinding$/.test(object.kind) && kind === 'ClusterRole' && name === 'cluster-admin';
      return admin ? [{ message: 'binds the role cluster-admin', path: ['roleRef', 'name'] }] : [];
    },
  },
  {
    of: 'object',
    name: 'no-wildcard-rights',
    severity: 'error',
    reason: 'Rights for `*` grow with every API that somebody installs later.',
    fix: 'Name the groups, resources and verbs that the app uses.',
    check: (object) => {
      if (!/^(Cluster)?Role$/.test(object.kind)) return [];
      return mapsAt(object as unknown as JsonObject, 'rules').flatMap((rule, index): Hit[] =>
        ['verbs', 'resources', 'apiGroups']
          .filter((name) => Array.isArray(rule[name]) && (rule[name] as unknown[]).includes('*'))
          .slice(0, 1)
          .map((name) => ({ message: `gives rights for any of ${name}`, path: ['rules', index, name] })),
      );
    },
  },
  {
    of: 'object',
    name: 'current-api',
    severity: 'error',
    reason: 'Kubernetes does not serve this version of the API any more.',
    fix: 'Write the object for the version that is served.',
    check: ({ apiVersion, kind }) => {
      const row = removedApis.find(([version, kinds]) => version === apiVersion && kinds.test(kind));
      if (row === undefined) return [];
      const [, , since, instead] = row;
      return [
        { message: `${apiVersion} ended with Kubernetes ${since}: write ${instead}`, path: ['apiVersion'] },
      ];
    },
  },
  {
    of: 'object',
    name: 'named-for-installation',
    severity: 'warning',
    reason:
      'The app cannot be installed twice in a namespace, or in two namespaces where the object belongs to the cluster.',
    fix: 'Begin the name with `${name}` (in a chart with its fullname).',
    check: ({ metadata, kind }, { installation, rendered }) => {
      const name = metadata.name ?? '';
      // The name of a definition is fixed by its group.
      const free =
        kind !== 'CustomResourceDefinition' &&
        !rendered.objects.some(({ object }) => isOwnKind(object, kind));
      if (!free || name.includes(installation.name)) return [];
      return [{ message: `is called \`${name}\` in every installation`, path: ['metadata', 'name'] }];
    },
  },
  {
    of: 'object',
    name: 'namespace-open',
    severity: 'warning',
    reason: 'Who installs the app chooses the namespace, and may have no rights in another one.',
    fix: 'Leave `metadata.namespace` out.',
    check: ({ metadata }, { installation }) => {
      const { namespace } = metadata;
      if (namespace === undefined || namespace === installation.namespace) return [];
      return [{ message: `lies in the namespace \`${namespace}\` always`, path: ['metadata', 'namespace'] }];
    },
  },
  {
    of: 'object',
    name: 'recommended-labels',
    severity: 'warning',
    reason:
      'Tools find what belongs together by them (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/).',
    fix: 'Label it with `app.kubernetes.io/name` and `app.kubernetes.io/instance`.',
    check: ({ metadata }, _all, { phase }) => {
      if (phase.kind !== 'normal') return [];
      const missing = ['name', 'instance']
        .map((name) => `app.kubernetes.io/${name}`)
        .filter((label) => metadata.labels?.[label] === undefined);
      return missing.length === 0
        ? []
        : [{ message: `has no label ${missing.join(' and no ')}`, path: ['metadata', 'labels'] }];
    },
  },
  {
    of: 'object',
    name: 'service-internal',
    severity: 'warning',
    reason: 'The app is open to outside, and may cost money, before anybody asked for it.',
    fix: 'Let `type: ClusterIP` be the default, and the user choose another one.',
    check: (object) => {
      const { type } = mapAt(object as unknown as JsonObject, 'spec');
      const open = object.kind === 'Service' && (type === 'LoadBalancer' || type === 'NodePort');
      return open ? [{ message: `is a ${type} unless told otherwise`, path: ['spec', 'type'] }] : [];
    },
  },
  {
    of: 'object',
    name: 'service-selects',
    severity: 'error',
    reason: 'A Service that selects no pod of the app answers nobody.',
    fix: 'Let `spec.selector` be labels of the pod template.',
    check: (object, { rendered }) => {
      const selector = Object.entries(mapAt(object as unknown as JsonObject, 'spec', 'selector'));
      if (object.kind !== 'Service' || selector.length === 0) return [];
      const all = rendered.objects
        .map((one) => labelsOf(one.object))
        .filter((labels) => labels !== undefined);
      // Where an operator makes the pods, nobody can tell.
      const found =
        all.length === 0 || all.some((labels) => selector.every(([key, value]) => labels[key] === value));
      return found ? [] : [{ message: 'selects no pod of the app', path: ['spec', 'selector'] }];
    },
  },
];

/** True where the app brings the kind: its objects are the operator's to name. */
function isOwnKind(object: KubeObject, kind: string): boolean {
  return (
    object.kind === 'CustomResourceDefinition' &&
    mapAt(object as unknown as JsonObject, 'spec', 'names').kind === kind
  );
}

function labelsOf(object: KubeObject): Readonly<Record<string, unknown>> | undefined {
  if (object.kind === 'Pod') return object.metadata.labels ?? {};
  const spec = object.kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec'] : ['spec'];
  const template = mapAt(object as unknown as JsonObject, ...spec).template;
  if (!isObject(template) || !isObject(template.spec)) return undefined;
  return mapAt(template, 'metadata', 'labels');
}
