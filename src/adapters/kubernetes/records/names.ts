import { checkInstallationName } from '../../../domain/names.ts';
import type { GroupVersionKind, ObjectMeta, ObjectRef } from '../../../domain/objects.ts';
import { applySetId, indexName, ownershipKeys } from '../../../domain/ownership.ts';

export const configMapKind: GroupVersionKind = { group: '', version: 'v1', kind: 'ConfigMap' };
export const secretKind: GroupVersionKind = { group: '', version: 'v1', kind: 'Secret' };

/** What an object of the record is; the value of the label `appstore.dev/record`. */
export type RecordPart = 'index' | 'inventory' | 'revision' | 'blob' | 'generated' | 'helm';

/** Label that every object of a record carries: one selector finds them all. */
export const partLabel = 'appstore.dev/record';
/** Label with the name of the installation. */
export const installationLabel = ownershipKeys.installation;

/** Annotations of the index: all that `list` shows, because a metadata request returns no data. */
export const annotations = {
  format: 'appstore.dev/format',
  catalog: 'appstore.dev/catalog',
  app: 'appstore.dev/app',
  version: 'appstore.dev/version',
  appVersion: 'appstore.dev/app-version',
  revision: 'appstore.dev/revision',
  state: 'appstore.dev/state',
  updatedAt: 'appstore.dev/updated-at',
  tooling: ownershipKeys.tooling,
  groupKinds: 'applyset.kubernetes.io/contains-group-kinds',
  namespaces: 'applyset.kubernetes.io/additional-namespaces',
} as const;

/** Where a record lies. */
export interface RecordPlace {
  readonly namespace: string;
  readonly name: string;
}

export function revisionName(name: string, number: number, id: string): string {
  return `${indexName(name)}.r${number}.${id.slice(0, 10)}`;
}

export function blobName(name: string, id: string, part: number): string {
  return `${indexName(name)}.b.${id}.${part}`;
}

export function spillName(name: string, digest: string): string {
  return `${indexName(name)}.i.${digest.slice(0, 32)}`;
}

/** The installation whose index has this name; undefined where it is not the name of an index. */
export function installationOf(objectName: string): string | undefined {
  const name = objectName.startsWith('appstore.') ? objectName.slice('appstore.'.length) : '';
  // Names have no dots, so that `appstore.<name>.r1` can never be the index of another installation
  return checkInstallationName(name) === undefined ? name : undefined;
}

export function reference(kind: GroupVersionKind, namespace: string, name: string): ObjectRef {
  return { ...kind, namespace, name };
}

/** Metadata of an object of the record. Only the index carries the ApplySet id: it alone is the parent. */
export function partMetadata(place: RecordPlace, part: RecordPart, objectName: string): ObjectMeta {
  return {
    name: objectName,
    namespace: place.namespace,
    labels: {
      [partLabel]: part,
      [installationLabel]: place.name,
      [ownershipKeys.managedBy]: 'appstore',
      ...(part === 'index' ? { [ownershipKeys.applySetId]: applySetId(place.namespace, place.name) } : {}),
    },
  };
}
