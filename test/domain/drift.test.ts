import { describe, expect, it } from 'vitest';
import { driftOf } from '../../src/domain/drift.ts';
import type { InventoryEntry } from '../../src/domain/inventory.ts';
import { fieldPaths, fieldsDigest, laterManagers, ownersOf } from '../../src/domain/managed-fields.ts';
import { idKey, type ManagedFieldsEntry, type ObjectMeta } from '../../src/domain/objects.ts';
import { applySetId, ownershipKeys } from '../../src/domain/ownership.ts';

/** As an API server 1.36 writes them. */
const fields = {
  'f:spec': {
    'f:replicas': {},
    'f:template': {
      'f:spec': {
        'f:containers': {
          'k:{"name":"web"}': { '.': {}, 'f:image': {}, 'f:name': {} },
          'k:{"name":"x","port":1}': {},
        },
      },
    },
  },
  'f:metadata': { 'f:labels': { 'f:app.kubernetes.io/name': {} }, 'f:finalizers': { 'v:"a/b"': {} } },
};

function managed(manager: string, time: string, more: Partial<ManagedFieldsEntry> = {}): ManagedFieldsEntry {
  return { manager, operation: 'Apply', apiVersion: 'apps/v1', time, fieldsV1: fields, ...more };
}

const ours = managed('appstore', '2026-01-01T00:00:05Z');
const { 'f:spec': spec, ...withoutSpec } = fields;

describe('managed fields', () => {
  it('writes paths as the API server does in its conflicts', () => {
    expect(fieldPaths(fields)).toEqual([
      '.metadata.finalizers[="a/b"]',
      '.metadata.labels.app.kubernetes.io/name',
      '.spec.replicas',
      '.spec.template.spec.containers[name="web"].image',
      '.spec.template.spec.containers[name="web"].name',
      '.spec.template.spec.containers[name="x",port=1]',
    ]);
  });

  it('digests our entry alone, whatever the order and the time', () => {
    const again = { 'f:metadata': fields['f:metadata'], 'f:spec': spec };
    const other = managed('kubectl', '2027-01-01T00:00:00Z', { fieldsV1: {} });
    const later = managed('appstore', '2026-02-02T00:00:00Z', { fieldsV1: again });
    expect(fieldsDigest({ managedFields: [other, later] })).toBe(fieldsDigest({ managedFields: [ours] }));
    expect(fieldsDigest({ managedFields: [managed('appstore', '', { fieldsV1: withoutSpec })] })).not.toBe(
      fieldsDigest({ managedFields: [ours] }),
    );
    expect(fieldsDigest({ managedFields: [managed('appstore', '', { operation: 'Update' })] })).toBe('');
    expect(fieldsDigest({})).toBe('');
  });

  it('says who owns a path and who came later', () => {
    const hpa = managed('hpa', '2026-01-01T00:00:09Z', {
      operation: 'Update',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      subresource: 'scale',
    });
    const old = managed('helm', '2025-01-01T00:00:00Z');
    const status = managed('kcm', '2026-01-01T00:00:09Z', { subresource: 'status', fieldsV1: {} });
    const metadata = { managedFields: [old, ours, hpa, status] };
    expect(ownersOf(metadata, '.spec.replicas')).toEqual(['helm', 'appstore', 'hpa (scale)']);
    expect(laterManagers(metadata)).toEqual(['hpa (scale)']);
  });
});

describe('drift', () => {
  const id = applySetId('ns', 'blog');
  const entry: InventoryEntry = {
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
    namespace: 'ns',
    name: 'web',
    uid: 'u1',
    fields: fieldsDigest({ managedFields: [ours] }),
    applied: '',
  };
  const live: ObjectMeta = {
    name: 'web',
    namespace: 'ns',
    uid: 'u1',
    labels: { [ownershipKeys.partOf]: id },
    managedFields: [ours],
  };
  const edited = [
    { ...ours, fieldsV1: withoutSpec },
    managed('kubectl-edit', '2026-01-02T00:00:00Z', { operation: 'Update' }),
  ];

  // DESIGN "Applying": drift is found from metadata-only lists.
  it.each<[string, ObjectMeta | undefined, string, string[], Partial<InventoryEntry>?]>([
    ['nothing differs', live, 'same', []],
    ['a field changed hands', { ...live, managedFields: edited }, 'changed', ['kubectl-edit']],
    ['it was deleted', undefined, 'missing', []],
    ['it is being deleted', { ...live, deletionTimestamp: 'x' }, 'terminating', []],
    ['another object has the name', { ...live, uid: 'u2', managedFields: [] }, 'replaced', []],
    ['we made it anew and were cut before it was recorded', { ...live, uid: 'u2' }, 'changed', []],
    [
      'another owner',
      { ...live, labels: {}, annotations: { 'meta.helm.sh/release-name': 'r' } },
      'foreign',
      ['Helm release r'],
    ],
    ['it was never recorded as written', live, 'changed', [], { fields: '', uid: '' }],
  ])('%s', (_title, metadata, state, by, more = {}) => {
    const map = new Map(metadata === undefined ? [] : [[idKey(entry), metadata]]);
    expect(driftOf([{ ...entry, ...more }], map, id)).toMatchObject([{ state, by }]);
  });
});
