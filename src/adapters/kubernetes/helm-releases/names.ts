import type { GroupVersionKind } from '../../../domain/objects.ts';
import type { HelmRevisionRef, PartialObject } from '../../../services/ports.ts';
import { configMapKind, installationLabel, partLabel, secretKind } from '../records/names.ts';

/** The kinds that Helm's drivers keep releases in; `sql` lies outside of the cluster (helm pkg/storage/driver). */
export const releaseKinds: Readonly<Record<HelmRevisionRef['kind'], GroupVersionKind>> = {
  Secret: secretKind,
  ConfigMap: configMapKind,
};

/** The format that Helm 3 and 4 write. */
export const helmFormat = 1;

export const ownerLabel = 'owner';
export const helmOwner = 'helm';
/** Stands in the place of `helm` once Helm has let go, so that Helm does not find it. */
export const adoptedOwner = 'appstore';

/** What hides a revision from Helm, and makes it a part of the record. */
export function adoptedLabels(name: string): Readonly<Record<string, string>> {
  return { [ownerLabel]: adoptedOwner, [partLabel]: 'helm', [installationLabel]: name };
}

/** `sh.helm.release.v<format>.<release>.v<version>` (helm pkg/storage/storage.go, makeKey). */
const objectName = /^sh\.helm\.release\.v(\d{1,4})\.([a-z0-9][-a-z0-9.]{0,252})\.v([1-9]\d{0,8})$/;

/** Names of releases (helm pkg/chart/v2/util/validate_name.go); no other text may get into a label selector. */
export const releaseName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Name of the object that holds a revision. */
export function revisionObjectName(name: string, version: number): string {
  return `sh.helm.release.v${helmFormat}.${name}.v${version}`;
}

/** A revision by its metadata alone; undefined where it is not named like one. Anybody may have written the labels. */
export function revisionOf(kind: HelmRevisionRef['kind'], item: PartialObject): HelmRevisionRef | undefined {
  const { metadata } = item;
  const parts = objectName.exec(metadata.name);
  if (parts === null) return undefined;
  const labels = metadata.labels ?? {};
  return {
    kind,
    namespace: metadata.namespace ?? '',
    name: parts[2] ?? '',
    version: Number(parts[3]),
    format: Number(parts[1]),
    object: metadata.name,
    status: labels.status ?? 'unknown',
    updatedAt: updatedAt(labels, metadata.creationTimestamp),
    adopted: labels[ownerLabel] === adoptedOwner,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
  };
}

/** Seconds since 1970 in labels; RFC 3339 in the metadata. */
function updatedAt(labels: Readonly<Record<string, string>>, created: string | undefined): string {
  const seconds = labels.modifiedAt ?? labels.createdAt ?? '';
  if (/^\d{1,11}$/.test(seconds)) return new Date(Number(seconds) * 1000).toISOString();
  return created ?? '';
}
