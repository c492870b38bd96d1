import type { KubeObject } from './objects.ts';

/** The annotation of Helm by which an object stays when its app goes (Helm `pkg/kube/resource_policy.go`). */
const policyKey = 'helm.sh/resource-policy';

/** Why an object stays in the cluster when it leaves the app or the app is removed; undefined where it goes. */
export function keepReasonOf(object: KubeObject): string | undefined {
  const policy = object.metadata.annotations?.[policyKey];
  return typeof policy === 'string' && policy.trim().toLowerCase() === 'keep'
    ? `its annotation ${policyKey} says keep`
    : undefined;
}
