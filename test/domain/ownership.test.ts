import { describe, expect, it } from 'vitest';
import type { InventoryEntry } from '../../src/domain/inventory.ts';
import type { KubeObject, ObjectMeta } from '../../src/domain/objects.ts';
import { applySetId, classifyOwner, ownershipKeys, stampOwnership } from '../../src/domain/ownership.ts';

const id = applySetId('apps', 'blog');
const entry: InventoryEntry = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  namespace: 'apps',
  name: 'blog',
  uid: 'u1',
  fields: 'd1',
  applied: '',
};
const label = { [ownershipKeys.partOf]: id };
const ourApply = [{ manager: 'appstore', operation: 'Apply', apiVersion: 'v1' }] as const;

type Row = [
  title: string,
  live: Partial<ObjectMeta> | undefined,
  entry: InventoryEntry | undefined,
  state: string,
  text?: string,
];

// DESIGN "Ownership and trust"; FACTS "Objects of another owner are refused unless adopted".
const rows: readonly Row[] = [
  ['nothing there', undefined, undefined, 'free'],
  ['recorded, labelled, same UID', { uid: 'u1', labels: label }, entry, 'ours'],
  ['pending entry without UID', { uid: 'u1', labels: label }, { ...entry, uid: '' }, 'ours'],
  [
    'recreated by a cut operation of ours',
    { uid: 'u2', labels: label, managedFields: [...ourApply] },
    entry,
    'ours',
  ],
  [
    'recreated by someone else with our label',
    { uid: 'u2', labels: label },
    entry,
    'adoptable',
    'created again',
  ],
  ['label alone', { uid: 'u1', labels: label }, undefined, 'adoptable', 'not in its record'],
  ['recorded, label lost', { uid: 'u1' }, entry, 'adoptable', 'lost the label'],
  ['no owner at all', { uid: 'u1' }, undefined, 'adoptable', 'no owner'],
  [
    'managed-by never decides',
    { labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
    undefined,
    'adoptable',
    'no owner',
  ],
  [
    'another installation',
    {
      labels: { [ownershipKeys.partOf]: applySetId('apps', 'other'), [ownershipKeys.instance]: 'other' },
      managedFields: [...ourApply],
    },
    undefined,
    'foreign',
    'appstore installation other',
  ],
  [
    'another ApplySet',
    { labels: { [ownershipKeys.partOf]: 'applyset-x-v1' } },
    entry,
    'foreign',
    'applyset-x-v1',
  ],
  [
    'Helm',
    { annotations: { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'prod' } },
    undefined,
    'foreign',
    'Helm release prod/web',
  ],
  [
    'our label does not hide a Helm release',
    { labels: label, annotations: { 'meta.helm.sh/release-name': 'web' } },
    undefined,
    'foreign',
    'Helm release web',
  ],
  [
    'Argo CD',
    { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/web' } },
    undefined,
    'foreign',
    'Argo CD application shop',
  ],
  [
    'Flux',
    {
      labels: {
        'kustomize.toolkit.fluxcd.io/name': 'infra',
        'kustomize.toolkit.fluxcd.io/namespace': 'flux',
      },
    },
    undefined,
    'foreign',
    'Flux Kustomization flux/infra',
  ],
  [
    'a controller',
    { ownerReferences: [{ apiVersion: 'v1', kind: 'Postgres', name: 'db', uid: 'u9', controller: true }] },
    undefined,
    'foreign',
    'Postgres db',
  ],
];

describe('ownership', () => {
  it.each(rows)('%s', (_title, live, known, state, text) => {
    const result = classifyOwner(live, { applySetId: id, entry: known });
    expect(result.state).toBe(state);
    expect(JSON.stringify(result)).toContain(text ?? state);
  });

  it('makes the id of KEP-3659 over name.namespace.kind.group of the parent', () => {
    // printf 'appstore.blog.apps.ConfigMap.' | openssl dgst -sha256 -binary | basenc --base64url
    expect(id).toBe('applyset-5mtN2LJlzZJmupbjPl1fRaFHPnNo97JzWwdwiYTpSN4-v1');
    expect(id.length).toBeLessThanOrEqual(63);
  });

  it('stamps metadata.labels only and leaves what the package sets', () => {
    const object: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels: { 'app.kubernetes.io/managed-by': 'web-team' } },
      spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } } } },
    };
    const before = structuredClone(object);
    const stamped = stampOwnership(object, { namespace: 'apps', name: 'blog' });
    expect(stamped.metadata.labels).toEqual({
      'app.kubernetes.io/managed-by': 'web-team',
      'app.kubernetes.io/instance': 'blog',
      [ownershipKeys.partOf]: id,
    });
    expect(stamped.spec).toEqual(before.spec);
    expect(object).toEqual(before);
  });
});
