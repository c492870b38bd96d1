import { beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/domain/objects.ts';
import type { Plan } from '../../src/domain/plan.ts';
import type { RevisionContent } from '../../src/domain/release.ts';
import type { Rendered } from '../../src/domain/rendered.ts';
import { change } from '../../src/services/change.ts';
import { newOperation } from '../../src/services/operation.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap } from '../support/fixture-app.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';

// Whoever may edit the namespace may write a revision with digests that fit: the key lies in it.

const at = { namespace: 'shop', name: 'one' };
const rbac = 'rbac.authorization.k8s.io/v1';

let cluster: MemoryCluster;
let harness: ChangeHarness;

beforeEach(async () => {
  cluster = createMemoryCluster({ simulate: true });
  for (const name of [at.namespace, 'other'])
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  harness = changeHarness({
    cluster,
    ...at,
    app: { version: '1.0.0', objects: () => [configMap('one-config')] },
  });
  await harness.install();
});

/** Makes revision 2 by hand, with other objects than its package renders to. */
async function forge(rendered: unknown, result?: 'failed' | 'deployed', options: object = {}): Promise<void> {
  const { records } = harness.deps;
  const record = await records.read(at.namespace, at.name);
  if (record === undefined) throw new Error('no record');
  const { content, package: files } = await records.whole(record, 1);
  const begun = await records.begin({
    ...at,
    record,
    operation: newOperation(harness.deps, 'upgrade', 2, { holder: 'mallory' }),
    content: {
      ...content,
      number: 2,
      rendered: rendered as Rendered,
      options: { ...content.options, ...options },
    } as RevisionContent,
    package: files,
    inventory: record.inventory,
  });
  if (result === undefined) return;
  const finishedAt = new Date().toISOString();
  await records.finish(begun, { result, finishedAt, inventory: record.inventory, keep: 10 });
}

function renderedOf(...objects: unknown[]): unknown {
  const placed = objects.map((object) => ({
    object,
    source: { file: 'app.yaml' },
    phase: { kind: 'normal' },
  }));
  return { objects: placed, outputs: [], open: [], notes: '', problems: [] };
}

const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'mallory' }];
const binding = (kind: 'RoleBinding' | 'ClusterRoleBinding'): KubeObject => ({
  apiVersion: rbac,
  kind,
  metadata: { name: 'mallory' },
  roleRef,
  subjects,
});
const elsewhere: KubeObject = { ...configMap('mallory'), metadata: { name: 'mallory', namespace: 'other' } };

const beyond: readonly (readonly [string, KubeObject, string])[] = [
  [
    'a ClusterRoleBinding',
    binding('ClusterRoleBinding'),
    'ClusterRoleBinding/mallory: it is of the whole cluster',
  ],
  ['a RoleBinding', binding('RoleBinding'), 'RoleBinding/shop/mallory: it gives rights'],
  ['an object in another namespace', elsewhere, 'ConfigMap/other/mallory: it is in another namespace'],
];

const writes = () =>
  cluster.requests.filter(({ verb, dryRun }) => !dryRun && !['get', 'list', 'watch'].includes(verb));

describe('a revision that somebody edited', () => {
  it.each(beyond)('with %s is not gone back to without a yes', async (_what, object, message) => {
    await forge(renderedOf(object), 'failed');
    const before = writes().length;
    await expect(harness.rollback({ revision: 2 })).rejects.toMatchObject({
      code: 'CLUSTER_SCOPE_UNCONFIRMED',
      problems: [{ message }],
    });
    expect(writes()).toHaveLength(before);
  });

  it.each(beyond)('with %s is not gone on with either', async (_what, object, message) => {
    await forge(renderedOf(object));
    const before = writes().length;
    await expect(harness.upgradeBare()).rejects.toMatchObject({
      code: 'CLUSTER_SCOPE_UNCONFIRMED',
      problems: [{ message }],
    });
    expect(writes()).toHaveLength(before);
  });

  it('is shown to the person at the terminal, who decides', async () => {
    await forge(renderedOf(binding('ClusterRoleBinding')), 'failed');
    const shown: Plan[] = [];
    const ask = {
      values: () => Promise.reject(new Error('nothing is missing')),
      goOn: () => Promise.reject(new Error('no question')),
      adopt: () => Promise.reject(new Error('nothing to adopt')),
      conflict: () => Promise.reject(new Error('no conflict')),
      confirm: async (plan: Plan) => {
        shown.push(plan);
        return false;
      },
    };
    await expect(harness.rollback({ revision: 2 }, { ask })).rejects.toMatchObject({ code: 'DECLINED' });
    expect(shown[0]?.beyond).toMatchObject([{ ref: { kind: 'ClusterRoleBinding', name: 'mallory' } }]);
    expect(shown[0]?.grants[0]?.rights).toContain('cluster-admin');
    expect(shown[0]?.warnings[0]?.message).toContain('revision 2 failed');
  });

  it('does not take over what is not ours', async () => {
    await cluster.create({
      ...configMap('theirs', { whose: 'theirs' }),
      metadata: { name: 'theirs', namespace: 'shop' },
    });
    await forge(renderedOf(configMap('theirs', { whose: 'mallory' })), 'failed');
    await expect(harness.rollback({ revision: 2 })).rejects.toMatchObject({ code: 'OBJECT_ADOPTABLE' });
    expect((await harness.get('v1', 'ConfigMap', 'theirs'))?.data).toEqual({ whose: 'theirs' });
  });

  const damaged: readonly (readonly [string, unknown, string])[] = [
    ['an object that is none', renderedOf('text'), 'RECORD_INVALID'],
    ['no list of objects', { ...(renderedOf() as object), objects: [1] }, 'RECORD_INVALID'],
    [
      'an object without a phase',
      { ...(renderedOf() as object), objects: [{ object: {}, source: { file: 'a' } }] },
      'RECORD_INVALID',
    ],
    [
      'outputs that are no texts',
      { ...(renderedOf() as object), outputs: [{ name: 1, value: {} }] },
      'RECORD_INVALID',
    ],
    ['problems that are no texts', { ...(renderedOf() as object), problems: [{}] }, 'RECORD_INVALID'],
    ['no notes', { ...(renderedOf() as object), notes: 1 }, 'RECORD_INVALID'],
    ['a name that leads elsewhere', renderedOf(configMap('../../secrets/x')), 'OBJECT_INVALID'],
    ['an object without kind', renderedOf({ apiVersion: 'v1', metadata: { name: 'x' } }), 'OBJECT_INVALID'],
    ['the same object twice', renderedOf(configMap('x'), configMap('x')), 'OBJECT_INVALID'],
  ];
  it.each(damaged)('with %s is refused', async (_what, rendered, code) => {
    await forge(rendered, 'failed');
    const before = writes().length;
    await expect(harness.rollback({ revision: 2 })).rejects.toMatchObject({ code });
    expect(writes()).toHaveLength(before);
  });

  it('with integers that are no list of paths is refused', async () => {
    await forge(renderedOf(configMap('one-config')), 'deployed', { integers: { length: 1 } });
    const before = writes().length;
    await expect(harness.upgrade()).rejects.toMatchObject({ code: 'RECORD_INVALID' });
    expect(writes()).toHaveLength(before);
  });

  it('has nothing read from beyond the namespace where it has to be rendered again', async () => {
    const secret = (namespace: string) => ({ apiVersion: 'v1', kind: 'Secret', namespace, name: 'token' });
    for (const namespace of [at.namespace, 'other']) {
      const metadata = { name: 'token', namespace };
      await cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata, data: { key: 'c2VjcmV0' } });
    }
    const gone = { ...configMap('x'), apiVersion: 'gone.example.com/v1', kind: 'Gone' };
    await forge(renderedOf(gone), 'failed');
    const wanted = [
      secret('other'),
      { ...secret(''), name: '' },
      { apiVersion: 'v1', kind: 'Namespace', namespace: '', name: 'other' },
      secret(at.namespace),
    ];
    const seen: unknown[] = [];
    const [fixture] = harness.deps.renderers;
    if (fixture === undefined) throw new Error('no renderer');
    const looking: typeof fixture = {
      ...fixture,
      render: async (files, source, request, lookup, signal) => {
        for (const ref of wanted) seen.push(await lookup(ref));
        return fixture.render(files, source, request, lookup, signal);
      },
    };
    const session = { emit: () => undefined, signal: new AbortController().signal };
    const request = { ...harness.request('rollback'), revision: 2 };
    const { app: _named, ...rollback } = request;
    await change({ ...harness.deps, renderers: [looking] }, rollback, session);
    expect(seen).toMatchObject([undefined, undefined, undefined, { metadata: { namespace: at.namespace } }]);
  });

  it('is not believed to be the pending one where it is not the newest', async () => {
    await forge(renderedOf(configMap('one-config')));
    const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'appstore.one' };
    const index = await cluster.get(ref);
    if (index === undefined) throw new Error('no index');
    const pending = JSON.stringify({ ...JSON.parse(String(index.data?.pending)), revision: 1 });
    await cluster.replace({ ...index, data: { ...(index.data as object), pending } });
    await expect(harness.upgradeBare()).rejects.toMatchObject({ code: 'RECORD_INVALID' });
  });
});

describe('secrets of an older revision', () => {
  it('are masked in the plan of a rollback, although the Secret has another value by now (row 24)', async () => {
    const secret = (value: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'given', namespace: 'shop' },
      data: { key: Buffer.from(value).toString('base64') },
    });
    const schema = {
      type: 'object',
      properties: { password: { type: 'string', format: 'password' }, token: { type: 'string' } },
    } as const;
    const objects: ChangeHarness['app']['objects'] = ({ values }) => [
      configMap('one-config', { url: `db://${String(values.password)}`, token: String(values.token) }),
    ];
    const given = (password: string) => ({
      values: { password },
      secretRefs: [{ path: 'token', secret: 'given', key: 'key' }],
    });
    await cluster.create(secret('token-number-one'));
    harness.app = { version: '2.0.0', schema, objects };
    await harness.upgrade({ given: given('password-number-one') });
    await cluster.delete({ group: '', version: 'v1', kind: 'Secret', namespace: 'shop', name: 'given' });
    await cluster.create(secret('token-number-two'));
    harness.app = { version: '3.0.0', schema, objects };
    const upgraded = await harness.upgrade({ given: given('password-number-two') });
    const rolledBack = await harness.rollback();
    expect(rolledBack.plan.objects[0]?.changes.length).toBeGreaterThan(0);
    expect((await harness.get('v1', 'ConfigMap', 'one-config'))?.data?.token).toBe('token-number-one');
    const shown = JSON.stringify([upgraded, rolledBack, harness.events]);
    expect(shown).not.toMatch(/(token|password)-number-(one|two)/);
  });
});
