import { coerce, satisfies } from 'semver';
import type { ClusterFacts } from './app.ts';

/**
 * True where a Kubernetes version lies in a semver range. Vendors append to the version (`v1.34.1-gke.100`, `v1.33.2+k3s1`):
 * what they append is not a prerelease in semver's sense and does not count.
 */
export function kubernetesInRange(version: ClusterFacts['version'], range: string): boolean {
  const plain = coerce(version.gitVersion) ?? coerce(`${version.major}.${version.minor}`);
  return plain !== null && satisfies(plain, range);
}
