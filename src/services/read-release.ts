import { AppstoreError, isForbidden } from '../domain/errors.ts';
import { readFacts } from './facts.ts';
import { pastRevision } from './helm-revisions.ts';
import type { HelmReleases, HelmRevisionRef, PastRevision } from './ports.ts';
import type { ClusterDeps, InstallationName } from './requests.ts';

/**
 * A revision of a release that Helm manages, as one of ours; without a number the one that is deployed. Undefined where Helm has no release of that
 * name, or none that may be seen. Reads only.
 *
 * @throws AppstoreError REVISION_NOT_FOUND, HELM_RELEASE_INVALID
 */
export async function readRelease(
  { cluster, helm }: Pick<ClusterDeps, 'cluster'> & { readonly helm: HelmReleases },
  { namespace, name, revision }: InstallationName & { readonly revision?: number },
  signal: AbortSignal = new AbortController().signal,
): Promise<PastRevision | undefined> {
  const history = await helm.history(namespace, name, signal).catch(nothingSeen);
  const refs = history.filter(({ adopted }) => !adopted);
  if (refs.length === 0) return undefined;
  const ref =
    revision === undefined
      ? (refs.findLast(({ status }) => status === 'deployed') ?? refs.at(-1))
      : refs.find(({ version }) => version === revision);
  if (ref === undefined)
    throw new AppstoreError('REVISION_NOT_FOUND', `Helm has no revision ${revision} of ${name}`, {
      hint: `There are ${refs.map(({ version }) => version).join(', ')}.`,
    });
  const [release, facts] = await Promise.all([helm.read(ref, signal), readFacts(cluster, signal)]);
  return pastRevision(release, { facts, digestKey: '' });
}

/** Who may not list Secrets asks for an installation: that there is none is the answer, not what else they may not do. */
function nothingSeen(error: unknown): readonly HelmRevisionRef[] {
  if (isForbidden(error)) return [];
  throw error;
}
