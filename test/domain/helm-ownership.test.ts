import { describe, expect, it } from 'vitest';
import {
  givingPatch,
  isMarkPath,
  isOfRelease,
  isTaken,
  takingPatch,
} from '../../src/domain/helm-ownership.ts';
import type { ManagedFieldsEntry } from '../../src/domain/objects.ts';

const entry = (
  manager: string,
  operation: ManagedFieldsEntry['operation'] = 'Apply',
  more: Partial<ManagedFieldsEntry> = {},
): ManagedFieldsEntry => ({ manager, operation, apiVersion: 'v1', fieldsV1: { 'f:data': {} }, ...more });

const left = (managedFields: ManagedFieldsEntry[], kind = 'ConfigMap', apiVersion = 'v1') =>
  takingPatch({ apiVersion, kind, metadata: { managedFields } });

describe('taking', () => {
  it.each([
    ['helm', true],
    ['Helm', true],
    ['helm.exe', true],
    ['helm3', true],
    ['helm-4.3.1', true],
    ['terraform-provider-helm_v2.1_x5', true],
    ['helm-controller', false],
    ['helmfile', false],
    ['kubectl-edit', false],
    ['appstore', false],
  ])('%s is Helm: %s', (manager, isHelm) => {
    expect(left([entry(manager)]).managedFields).toHaveLength(isHelm ? 0 : 1);
  });

  it('leaves what was written through a subresource', () => {
    expect(left([entry('helm', 'Update', { subresource: 'scale' })]).managedFields).toHaveLength(1);
  });

  it('takes the annotations away, but of a Deployment, where that would be a new generation: there they become ours', () => {
    expect(left([]).annotations).toEqual({
      'meta.helm.sh/release-name': null,
      'meta.helm.sh/release-namespace': null,
    });
    const patch = left([entry('appstore')], 'Deployment', 'apps/v1');
    expect(patch.annotations).toBeUndefined();
    expect(patch.managedFields).toMatchObject([
      {
        manager: 'appstore',
        fieldsV1: {
          'f:data': {},
          'f:metadata': {
            'f:annotations': { 'f:meta.helm.sh/release-name': {}, 'f:meta.helm.sh/release-namespace': {} },
          },
        },
      },
    ]);
  });

  it('is done where our label and our apply are there and Helm has nothing any more', () => {
    const labels = { 'applyset.kubernetes.io/part-of': 'set' };
    const name = 'x';
    expect(isTaken({ name, labels, managedFields: [entry('appstore')] }, 'set')).toBe(true);
    expect(isTaken({ name, labels, managedFields: [entry('appstore'), entry('helm')] }, 'set')).toBe(false);
    expect(isTaken({ name, labels, managedFields: [] }, 'set')).toBe(false);
    expect(isTaken({ name, managedFields: [entry('appstore')] }, 'set')).toBe(false);
  });
});

describe('giving', () => {
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } };
  const ours = entry('appstore', 'Apply', {
    fieldsV1: {
      'f:data': { 'f:a': {} },
      'f:metadata': { 'f:labels': { 'f:applyset.kubernetes.io/part-of': {}, 'f:app': {} } },
    },
  });
  const give = (applyMethod: 'ssa' | 'csa', entries: ManagedFieldsEntry[], marked = true) =>
    givingPatch({ managedFields: entries }, manifest, {
      namespace: 'shop',
      name: 'web',
      applyMethod,
      marked,
    });

  it.each([
    ['ssa', 'Apply'],
    ['csa', 'Update'],
  ] as const)('by %s makes our entry one of Helm by %s, without our labels', (method, operation) => {
    const theirs = entry('helm', operation, { fieldsV1: { 'f:data': { 'f:b': {} } } });
    expect(
      give(method, [
        ours,
        theirs,
        entry('appstore-replicas', 'Apply', { fieldsV1: {} }),
        entry('kubectl-edit', 'Update'),
      ]),
    ).toEqual({
      labels: {
        'applyset.kubernetes.io/part-of': null,
        'app.kubernetes.io/instance': null,
        'app.kubernetes.io/managed-by': 'Helm',
      },
      annotations: { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'shop' },
      managedFields: [
        {
          ...ours,
          manager: 'helm',
          operation,
          fieldsV1: { 'f:data': { 'f:a': {}, 'f:b': {} }, 'f:metadata': { 'f:labels': { 'f:app': {} } } },
        },
        entry('kubectl-edit', 'Update'),
      ],
    });
  });

  it('puts no marks on what a hook left behind', () => {
    const patch = give('ssa', [ours], false);
    expect(patch.annotations).toBeUndefined();
    expect(patch.labels).toMatchObject({ 'app.kubernetes.io/managed-by': null });
  });
});

it('knows the marks of a release and their paths', () => {
  const annotations = { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'shop' };
  expect(isOfRelease({ annotations }, { namespace: 'shop', name: 'web' })).toBe(true);
  expect(isOfRelease({ annotations }, { namespace: 'bank', name: 'web' })).toBe(false);
  expect(isMarkPath('.metadata.annotations.meta.helm.sh/release-name', 'web')).toBe(true);
  expect(isMarkPath('.metadata.annotations', annotations)).toBe(true);
  expect(isMarkPath('.metadata.annotations', { ...annotations, other: 'x' })).toBe(false);
});
