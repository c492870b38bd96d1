import type { KubeObject } from './objects.ts';
import type { Phase } from './rendered.ts';

/** The annotation of Helm by which an object stays when its app goes (Helm `pkg/kube/resource_policy.go`). */
const policyKey = 'helm.sh/resource-policy';

/** Helm never deletes what it installs from `crds/` (https://helm.sh/docs/chart_best_practices/custom_resource_definitions/). */
export const definitionStays = 'definitions of crds/ stay; --purge-crds deletes them';

/** Why an object stays in the cluster when it leaves the app or the app is removed; undefined where it goes. */
export function keepReasonOf(object: KubeObject, phase?: Phase): string | undefined {
  if (phase?.kind === 'crd' && phase.stays === true) return definitionStays;
  const policy = object.metadata.annotations?.[policyKey];
  return typeof policy === 'string' && policy.trim().toLowerCase() === 'keep'
    ? `its annotation ${policyKey} says keep`
    : undefined;
}
