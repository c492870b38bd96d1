import { leastRights, type ScopedRules } from '../domain/least-rights.ts';
import type { KubeObject } from '../domain/objects.ts';
import { locate } from './locate.ts';
import type { BrowseDeps, ClusterDeps, RbacRequest, RbacSubject } from './requests.ts';
import { template } from './template.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

/**
 * The least Role and RoleBinding (and, where an app writes beyond its namespace, ClusterRole and ClusterRoleBinding) that let
 * somebody install, upgrade and remove an app with these values. Needs no right to write. For a service account of the
 * installation's namespace the account itself comes first.
 *
 * @throws AppstoreError as `template` does, and KIND_UNKNOWN.
 */
export async function rbac(
  deps: BrowseDeps & Pick<ClusterDeps, 'cluster'>,
  request: RbacRequest,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const { namespace, name, subject } = request;
  const rendered = await template(deps, request, signal);
  const located = await locate(deps.cluster, rendered.objects, namespace, signal);
  const scopes = leastRights(located, request);
  const roleName = `appstore-${name}`;
  return [
    ...accountOf(subject, namespace),
    ...scopes.flatMap((scope) => roleAndBinding(scope, { namespace, roleName, subject })),
  ];
}

function accountOf(subject: RbacSubject, namespace: string): KubeObject[] {
  if (subject.kind !== 'ServiceAccount') return [];
  return [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: subject.name, namespace } }];
}

interface Naming {
  readonly namespace: string;
  readonly roleName: string;
  readonly subject: RbacSubject;
}

function roleAndBinding({ namespace, rules }: ScopedRules, naming: Naming): KubeObject[] {
  const whole = namespace === '';
  // Cluster-wide names are shared by all namespaces.
  const name = whole ? `${naming.roleName}-${naming.namespace}` : naming.roleName;
  const metadata = { name, ...(whole ? {} : { namespace }) };
  const kind = whole ? 'ClusterRole' : 'Role';
  const apiVersion = `${rbacGroup}/v1`;
  return [
    { apiVersion, kind, metadata, rules },
    {
      apiVersion,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: rbacGroup, kind, name },
      subjects: [subjectOf(naming)],
    },
  ];
}

function subjectOf({ subject, namespace }: Naming): object {
  return subject.kind === 'ServiceAccount'
    ? { kind: subject.kind, name: subject.name, namespace }
    : { kind: subject.kind, name: subject.name, apiGroup: rbacGroup };
}
