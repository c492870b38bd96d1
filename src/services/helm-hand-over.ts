import { AppstoreError } from '../domain/errors.ts';
import { displayId } from '../domain/objects.ts';
import type { InstallationRecord } from '../domain/release.ts';
import type { HelmReleases, HelmRevisionRef, Records } from './ports.ts';

interface HandOver {
  readonly record: InstallationRecord;
  /** Every revision of the release as it was read, oldest first. */
  readonly refs: readonly HelmRevisionRef[];
}

/**
 * Lets Helm find the release no more. The newest revision goes last: until then Helm sees the release as it is, and it is Helm's.
 * Helm has no lock: where it did something meanwhile, it keeps the release, and the record that was just begun is forgotten.
 */
export async function hideFromHelm(
  { records, helm }: { readonly records: Records; readonly helm: HelmReleases },
  { record, refs }: HandOver,
  signal: AbortSignal,
): Promise<void> {
  const visible = refs.some(({ adopted }) => !adopted);
  try {
    for (const ref of refs) if (!ref.adopted) await helm.hide(ref, signal);
    const after = await helm.history(record.namespace, record.name, signal);
    // Of an adoption that goes on Helm has let go before: what it does since then is another release.
    if (!visible || after.every(({ adopted }) => adopted)) return;
  } catch (error) {
    if (!(error instanceof AppstoreError && error.code === 'API_CONFLICT')) throw error;
  }
  await showToHelm(helm, await helm.history(record.namespace, record.name, signal), signal);
  await records.forget(record, { purgeGenerated: false }, signal);
  const id = displayId({ kind: 'Release', namespace: record.namespace, name: record.name });
  throw new AppstoreError(
    'HELM_RELEASE_UNSETTLED',
    `${id}: Helm changed it just now; it keeps it, and nothing of it was taken over`,
  );
}

/** Lets Helm find the release again, the newest revision first: from then on it is Helm's, with all that Helm needs. */
export async function showToHelm(
  helm: HelmReleases,
  refs: readonly HelmRevisionRef[],
  signal: AbortSignal,
): Promise<void> {
  for (const ref of [...refs].sort((a, b) => b.version - a.version))
    if (ref.adopted) await helm.show(ref, signal);
}
