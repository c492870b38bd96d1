import { describe, expect, test } from 'vitest';
import { adoptManagedFields, formerManagers, uniteFields } from '../../src/domain/managed-fields-rewrite.ts';
import { applyMergePatch, mergePatchOf } from '../../src/domain/merge-patch.ts';
import type { KubeObject, ManagedFieldsEntry } from '../../src/domain/objects.ts';
import { fieldsOfEntries, withoutOwned } from '../../src/domain/owned-fields.ts';

const entry = (given: Partial<ManagedFieldsEntry>): ManagedFieldsEntry => ({
  manager: 'kubectl-client-side-apply',
  operation: 'Update',
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:data': { '.': {}, 'f:a': {} } },
  ...given,
});

describe('the tools that an object may have been made with (row 18)', () => {
  test.each<[string, ManagedFieldsEntry['operation'], boolean]>([
    ['kubectl-client-side-apply', 'Update', true],
    ['kubectl', 'Apply', true],
    ['kubectl', 'Update', true],
    ['kubectl-create', 'Update', true],
    ['before-first-apply', 'Update', true],
    ['helm', 'Update', true],
    ['helm', 'Apply', true],
    ['Helm', 'Update', true],
    ['terraform-provider-helm_v2.17.0_x5', 'Update', true],
    ['kubectl-edit', 'Update', false],
    ['kubectl-patch', 'Update', false],
    ['kubectl-scale', 'Update', false],
    ['helm-controller', 'Update', false],
    ['kube-controller-manager', 'Update', false],
    ['appstore', 'Apply', false],
  ])('%s %s: %s', (manager, operation, expected) => {
    const managedFields = [entry({ manager, operation })];
    expect(formerManagers({ managedFields })).toEqual(expected ? [manager] : []);
    expect(adoptManagedFields(managedFields) !== undefined).toBe(expected);
  });

  test('what they wrote through a subresource stays theirs', () => {
    expect(adoptManagedFields([entry({ subresource: 'status' })])).toBeUndefined();
  });
});

describe('the entries after adoption', () => {
  test('the first former entry becomes ours, the others go into it, foreign ones stay (client-go csaupgrade)', () => {
    const scaler = entry({ manager: 'scaler', fieldsV1: { 'f:spec': { 'f:replicas': {} } } });
    const helm = entry({ manager: 'helm', fieldsV1: { 'f:metadata': { 'f:labels': { 'f:x': {} } } } });
    expect(adoptManagedFields([scaler, entry({}), helm])).toEqual([
      entry({
        manager: 'appstore',
        operation: 'Apply',
        fieldsV1: { 'f:data': { '.': {}, 'f:a': {} }, 'f:metadata': { 'f:labels': { 'f:x': {} } } },
      }),
      scaler,
    ]);
  });

  test('an entry of ours takes in what is of its version alone; the rest goes', () => {
    const ours = entry({ manager: 'appstore', operation: 'Apply', fieldsV1: { 'f:data': { 'f:b': {} } } });
    const old = entry({ manager: 'helm', apiVersion: 'v1beta1', fieldsV1: { 'f:old': {} } });
    expect(adoptManagedFields([old, entry({}), ours])).toEqual([
      { ...ours, fieldsV1: { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } } },
    ]);
  });

  test.each([
    [{ 'f:a': {} }, { 'f:a': {} }, { 'f:a': {} }],
    [{ 'f:a': {} }, { 'f:a': { 'f:b': {} } }, { 'f:a': { '.': {}, 'f:b': {} } }],
    [{ 'f:a': { 'f:b': {} } }, { 'f:a': { 'f:c': {} } }, { 'f:a': { 'f:b': {}, 'f:c': {} } }],
    [{ 'k:{"n":"x"}': { '.': {} } }, { 'v:1': {} }, { 'k:{"n":"x"}': { '.': {} }, 'v:1': {} }],
  ])('%j and %j are %j together', (a, b, both) => {
    expect(uniteFields(a, b)).toEqual(both);
    expect(uniteFields(b, a)).toEqual(both);
  });
});

describe('an object without what only a former tool owns', () => {
  const object = {
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'x', labels: { a: '1', b: '2' } },
    data: { a: '1', b: '2' },
    list: [{ name: 'one', image: 'i', port: 1 }, { name: 'two' }],
    set: ['p', 'q'],
    atomic: [1, 2],
  } as unknown as KubeObject;

  test.each([
    ['a field', { 'f:data': { 'f:a': {} } }, {}, { data: { b: '2' } }],
    ['a field that another owns too', { 'f:data': { 'f:a': {} } }, { 'f:data': { 'f:a': {} } }, {}],
    [
      'a map, of which others own a part',
      { 'f:data': { '.': {}, 'f:a': {} } },
      { 'f:data': { 'f:b': {} } },
      { data: { b: '2' } },
    ],
    [
      'a map that nobody else owns anything of',
      { 'f:data': { '.': {}, 'f:a': {} } },
      {},
      { data: undefined },
    ],
    [
      'an item',
      { 'f:list': { 'k:{"name":"two"}': { '.': {}, 'f:name': {} } } },
      {},
      { list: [{ name: 'one', image: 'i', port: 1 }] },
    ],
    [
      'a field of an item that stays',
      { 'f:list': { 'k:{"name":"one"}': { '.': {}, 'f:name': {}, 'f:port': {} } } },
      { 'f:list': { 'k:{"name":"one"}': { '.': {}, 'f:name': {}, 'f:image': {} } } },
      { list: [{ name: 'one', image: 'i' }, { name: 'two' }] },
    ],
    ['a member of a set', { 'f:set': { 'v:"p"': {} } }, {}, { set: ['q'] }],
    ['a list as a whole', { 'f:atomic': {} }, {}, { atomic: undefined }],
    ['what is not there', { 'f:none': { 'f:a': {} } }, {}, {}],
  ])('%s', (_name, gone, kept, expected) => {
    expect(withoutOwned(object, gone, kept)).toEqual(JSON.parse(JSON.stringify({ ...object, ...expected })));
  });

  test('all entries count together', () => {
    expect(fieldsOfEntries([entry({}), entry({ fieldsV1: { 'f:data': { 'f:b': {} } } })])).toEqual({
      'f:data': { '.': {}, 'f:a': {}, 'f:b': {} },
    });
  });
});

test.each([
  [{ a: 1, b: { c: 1, d: 1 } }, { a: 1, b: { c: 2 } }, { b: { c: 2, d: null } }],
  [{ a: [1, 2] }, { a: [2] }, { a: [2] }],
  [{ a: 1 }, {}, { a: null }],
  [{ a: { b: 1 } }, { a: { b: 1 } }, {}],
  [{ a: 'text' }, { a: { b: 1 } }, { a: { b: 1 } }],
])('the merge patch from %j to %j', (before, after, patch) => {
  expect(mergePatchOf(before, after)).toEqual(patch);
  expect(applyMergePatch(before, patch)).toEqual(after);
});
