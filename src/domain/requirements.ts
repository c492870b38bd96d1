import { coerce } from 'semver';
import type { ClusterFacts } from './app.ts';
import { inHelmRange, parseHelmRange } from './helm-version.ts';

/**
 * True where a Kubernetes version lies in a semver range, as Helm reads it (`kubeVersion` of charts). Vendors append to the version (`v1.34.1-gke.100`, `v1.33.2+k3s1`):
 * what they append is not a prerelease in semver's sense and does not count.
 */
export function kubernetesInRange(version: ClusterFacts['version'], range: string): boolean {
  const plain = coerce(version.gitVersion) ?? coerce(`${version.major}.${version.minor}`);
  const allowed = parseHelmRange(range);
  return plain !== null && allowed !== undefined && inHelmRange(plain, allowed);
}
