import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../../src/domain/objects.ts';
import { invalid, type Target } from './refusals.ts';

/** Fields that may not change, by kind, with the words of the API server (pkg/apis/<group>/validation). */
const immutable: readonly {
  readonly kind: string;
  readonly path: string;
  readonly said?: string;
  readonly only?: (live: KubeObject) => boolean;
}[] = [
  { kind: 'Deployment', path: 'spec.selector' },
  { kind: 'DaemonSet', path: 'spec.selector' },
  { kind: 'ReplicaSet', path: 'spec.selector' },
  { kind: 'StatefulSet', path: 'spec.selector', said: statefulSet() },
  { kind: 'StatefulSet', path: 'spec.serviceName', said: statefulSet() },
  { kind: 'StatefulSet', path: 'spec.volumeClaimTemplates', said: statefulSet() },
  { kind: 'StatefulSet', path: 'spec.podManagementPolicy', said: statefulSet() },
  { kind: 'Job', path: 'spec.template' },
  { kind: 'Job', path: 'spec.selector' },
  { kind: 'RoleBinding', path: 'roleRef' },
  { kind: 'ClusterRoleBinding', path: 'roleRef' },
  { kind: 'StorageClass', path: 'provisioner' },
  { kind: 'Secret', path: 'type' },
  { kind: 'Secret', path: 'data', said: 'field is immutable when `immutable` is set', only: isImmutable },
  { kind: 'ConfigMap', path: 'data', said: 'field is immutable when `immutable` is set', only: isImmutable },
  {
    kind: 'ConfigMap',
    path: 'binaryData',
    said: 'field is immutable when `immutable` is set',
    only: isImmutable,
  },
  { kind: 'PersistentVolumeClaim', path: 'spec.accessModes', said: claim() },
  { kind: 'PersistentVolumeClaim', path: 'spec.storageClassName', said: claim() },
];

function statefulSet(): string {
  return "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
}

function claim(): string {
  return 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
}

function isImmutable(live: KubeObject): boolean {
  return live.immutable === true;
}

function at(object: KubeObject, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], object);
}

/** A DNS subdomain (RFC 1123), as most kinds want their names; RBAC allows more (path segments). */
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Throws 422 where the server would, for the little that is checked here: names, sizes, immutable fields. */
export function validate(target: Target, after: KubeObject, before: KubeObject | undefined): void {
  const named = target.kind.group === 'rbac.authorization.k8s.io' || subdomain.test(target.name);
  if (!named || target.name.length > 253) {
    const message = `Invalid value: "${target.name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`;
    throw invalid(target, [{ field: 'metadata.name', message, reason: 'FieldValueInvalid' }]);
  }
  checkSize(target, after);
  if (before === undefined) return;
  const causes = immutable
    .filter((row) => row.kind === target.kind.kind && (row.only?.(before) ?? true))
    .filter((row) => !isDeepStrictEqual(at(before, row.path), at(after, row.path)))
    .map((row) => ({
      field: row.said === undefined || row.path === 'data' ? row.path : 'spec',
      message: row.said === undefined ? 'Invalid value: field is immutable' : `Forbidden: ${row.said}`,
      reason: 'FieldValueInvalid',
    }));
  if (causes.length > 0) throw invalid(target, causes);
}

/** ConfigMaps and Secrets end at 1 MiB of decoded data. */
const largest = 1024 * 1024;

function checkSize(target: Target, object: KubeObject): void {
  if (target.kind.kind !== 'ConfigMap' && target.kind.kind !== 'Secret') return;
  const encoded = target.kind.kind === 'Secret' ? object.data : object.binaryData;
  const plain = target.kind.kind === 'Secret' ? {} : object.data;
  const sizes = [
    ...Object.values(encoded ?? {}).map((text) => Buffer.byteLength(String(text), 'base64')),
    ...Object.values(plain ?? {}).map((text) => Buffer.byteLength(String(text), 'utf8')),
  ];
  if (sizes.reduce((sum, size) => sum + size, 0) <= largest) return;
  const field = target.kind.kind === 'Secret' ? 'data' : '';
  const message = `Too long: may not be more than ${largest} bytes`;
  throw invalid(target, [{ field, message, reason: 'FieldValueTooLong' }]);
}
