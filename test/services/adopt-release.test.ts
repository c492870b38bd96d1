import { beforeEach, describe, expect, test } from 'vitest';
import { AppstoreError } from '../../src/domain/errors.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import { change } from '../../src/services/change.ts';
import { drift } from '../../src/services/drift.ts';
import { remove } from '../../src/services/remove.ts';
import type { ChangeDeps, ChangeRequest, RemoveRequest, Session } from '../../src/services/requests.ts';
import {
  helmProcess,
  installAsHelm,
  releaseObjects,
  secretsKind,
  shopWeb,
  stateOf,
} from '../support/helm-cluster.ts';
import { releaseObject } from '../support/helm-samples.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';

const deployment = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
const config = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'web-config' };
const newest = { ...secretsKind, namespace: 'shop', name: 'sh.helm.release.v1.web.v2' };
const session: Session = { emit: () => {}, signal: new AbortController().signal };

let cluster: MemoryCluster;
beforeEach(async () => {
  cluster = createMemoryCluster();
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
});

const changeDeps = (): ChangeDeps => ({ ...helmProcess(cluster).deps, catalogs: [], renderers: [] });
const changeRequest = (over: Partial<ChangeRequest>): ChangeRequest => ({
  ...shopWeb,
  operation: 'rollback',
  given: { values: {}, secretRefs: [] },
  resetValues: false,
  createNamespace: false,
  wait: false,
  timeout: 30_000,
  dryRun: false,
  keep: 10,
  holder: 'test',
  ...over,
});
const removal: RemoveRequest = {
  ...shopWeb,
  wait: false,
  timeout: 30_000,
  dryRun: false,
  confirmed: true,
  purgeData: false,
  holder: 'test',
};

async function refusal(work: Promise<unknown>): Promise<AppstoreError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof AppstoreError) return error;
    throw error;
  }
  throw new Error('not refused');
}

const messages = (plan: { readonly warnings: readonly { readonly message: string }[] }) =>
  plan.warnings.map(({ message }) => message).join('\n');

/** A revision 2 with other content. */
const withRelease = (over: JsonObject, more: { readonly objects?: KubeObject[] } = {}) =>
  installAsHelm(cluster, { over: { over }, ...more });

describe('a release', () => {
  test('is taken over as it is: its objects, its history, its values and its chart', async () => {
    await installAsHelm(cluster);
    const before = await stateOf(cluster);
    const { outcome, plan } = await helmProcess(cluster).adopt();
    expect([outcome, plan.revision, plan.warnings]).toEqual(['adopted', 2, []]);
    const after = await stateOf(cluster);
    expect(after.helm).toEqual([]);
    expect(after.record).toMatchObject({
      state: 'deployed',
      revision: 2,
      catalog: 'helm-release',
      app: 'demo',
    });
    expect(
      after.record?.revisions.map(({ number, operation, result, version }) => [
        number,
        operation,
        result,
        version,
      ]),
    ).toEqual([
      [1, 'install', 'superseded', '1.0.1'],
      [2, 'upgrade', 'deployed', '1.0.2'],
    ]);
    for (const [at, object] of after.objects.entries()) {
      const { uid, generation, spec, data } = before.objects[at] as typeof object;
      expect(object).toMatchObject({ uid, generation, managers: ['appstore'] });
      expect([object.spec, object.data]).toEqual([spec, data]);
      expect(object.labels?.['applyset.kubernetes.io/part-of']).toMatch(/^applyset-/);
    }
    // Where the chart writes the label itself, it stays as the chart has it.
    expect(after.objects.map(({ labels }) => labels?.['app.kubernetes.io/managed-by'])).toEqual([
      'appstore',
      'Helm',
    ]);
    const { records } = helmProcess(cluster).deps;
    const record = await records.read('shop', 'web');
    if (record === undefined) throw new Error('no record');
    expect((await records.revision(record, 2)).options.values).toEqual({ replicas: 2 });
    expect((await records.whole(record, 1)).package.files.map(({ path }) => path)).toContain(
      'templates/config.yaml',
    );
    expect((await drift(changeDeps(), shopWeb, session)).objects).toEqual([]);
    expect((await helmProcess(cluster).adopt()).outcome).toBe('unchanged');
  });

  test('is only looked at by a dry run', async () => {
    await installAsHelm(cluster);
    const before = await stateOf(cluster);
    const { outcome, plan } = await helmProcess(cluster).adopt({ dryRun: true });
    expect([outcome, plan.objects.map(({ action, ref }) => [action, ref.kind])]).toEqual([
      'planned',
      [
        ['update', 'ConfigMap'],
        ['update', 'Deployment'],
      ],
    ]);
    expect(await stateOf(cluster)).toEqual(before);
  });

  test('goes back as it was, to the byte', async () => {
    await installAsHelm(cluster);
    const before = await stateOf(cluster);
    await helmProcess(cluster).adopt();
    expect((await helmProcess(cluster).back()).outcome).toBe('returned');
    const after = await stateOf(cluster);
    expect(after).toEqual(before);
    expect((await cluster.list(secretsKind, { namespace: 'shop' })).items).toHaveLength(2);
  });

  test('in ConfigMaps is taken over and given back as well', async () => {
    for (const object of releaseObjects()) await cluster.apply(object, { fieldManager: 'helm' });
    const manifest = '';
    await cluster.create(
      releaseObject({ ...shopWeb, version: 1, status: 'deployed', kind: 'ConfigMap', over: { manifest } }),
    );
    await helmProcess(cluster).adopt();
    const { helm } = helmProcess(cluster).deps;
    expect((await helm.list({ fallback: 'shop' })).items).toEqual([]);
    await helmProcess(cluster).back();
    expect((await helm.list({ fallback: 'shop' })).items).toMatchObject([{ kind: 'ConfigMap', name: 'web' }]);
  });

  test('keeps as many revisions as are asked for, and Helm gets all of them back', async () => {
    await installAsHelm(cluster);
    const { plan } = await helmProcess(cluster).adopt({ keep: 1 });
    expect(messages(plan)).toContain('1 older revision is left out of the history');
    expect((await stateOf(cluster)).record?.revisions.map(({ number }) => number)).toEqual([2]);
    await helmProcess(cluster).back();
    expect((await stateOf(cluster)).helm.map(({ name }) => name)).toEqual([
      'sh.helm.release.v1.web.v1',
      'sh.helm.release.v1.web.v2',
    ]);
  });

  test('shows no value that is secret by its name', async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'url', namespace: 'shop' },
      data: { u: 'db://u:hunter2hunter2@h' },
    };
    await withRelease({ config: { db: { password: 'hunter2hunter2' } } }, { objects: [secret] });
    await cluster.mergePatch(
      { ...config, name: 'url' },
      { data: { u: 'hunter2hunter2-changed' } },
      { fieldManager: 'kubectl-edit' },
    );
    const { plan } = await helmProcess(cluster).adopt({ dryRun: true });
    expect(plan.objects[0]?.conflicts).toHaveLength(1);
    expect(JSON.stringify(plan)).not.toContain('hunter2');
  });
});

describe('what differs from the release', () => {
  test.each<[string, JsonObject, string]>([
    ['a value', { spec: { replicas: 5 } }, '.spec.replicas'],
    ['a label that is gone', { metadata: { labels: { team: null } } }, '.metadata.labels.team'],
    [
      'a list of one piece',
      { spec: { template: { spec: { containers: [{ name: 'web', image: 'nginx:1', args: ['-x'] }] } } } },
      '.spec.template.spec.containers[name="web"]',
    ],
  ])('%s: stays, is told, and is drift afterwards', async (_what, patch, path) => {
    const objects = releaseObjects();
    const [, web] = objects as [KubeObject, KubeObject];
    web.metadata.labels = { ...web.metadata.labels, team: 'a' };
    web.spec.template.spec.containers[0].args = ['-a', '-b'];
    await installAsHelm(cluster, { objects });
    const edited = await cluster.mergePatch(deployment, patch, { fieldManager: 'kubectl-edit' });
    const { plan } = await helmProcess(cluster).adopt();
    expect(messages(plan)).toContain('1 object differs from the release and stays so');
    const planned = plan.objects.find(({ ref }) => ref.kind === 'Deployment');
    expect(planned?.conflicts.map(({ field }) => field).join(' ')).toContain(path);
    const live = await cluster.get(deployment);
    expect([live?.spec, live?.metadata.generation]).toEqual([edited.spec, edited.metadata.generation]);
    const found = await drift(changeDeps(), shopWeb, session);
    expect(found.objects.map(({ ref, state }) => [ref.kind, state])).toEqual([['Deployment', 'changed']]);
    expect(found.objects[0]?.fields.map((field) => field.path).join(' ')).toContain(path);
  });

  test('an object that is missing: is not made, is told, and is drift afterwards', async () => {
    await installAsHelm(cluster);
    await cluster.delete(config);
    const { plan } = await helmProcess(cluster).adopt();
    expect(messages(plan)).toContain(
      'ConfigMap/shop/web-config: it is missing from the cluster; the next upgrade makes it',
    );
    expect(await cluster.get(config)).toBeUndefined();
    const found = await drift(changeDeps(), shopWeb, session);
    expect(found.objects.map(({ ref, state }) => [ref.kind, state])).toEqual([['ConfigMap', 'missing']]);
  });
});

describe('refused, with nothing written', () => {
  const unchanged = async (work: () => Promise<unknown>): Promise<AppstoreError> => {
    const before = await stateOf(cluster);
    const error = await refusal(work());
    expect(await stateOf(cluster)).toEqual(before);
    return error;
  };

  test.each([
    ['pending-install', 'is pending-install, not deployed'],
    ['pending-upgrade', 'is pending-upgrade, not deployed'],
    ['pending-rollback', 'is pending-rollback, not deployed'],
    ['failed', 'its revision 2 failed'],
    ['uninstalling', 'Helm is uninstalling it'],
    ['uninstalled', 'it is uninstalled'],
    ['superseded', 'is superseded, not deployed'],
  ])('a release that is %s', async (status, why) => {
    await installAsHelm(cluster, { over: { status } });
    const error = await unchanged(() => helmProcess(cluster).adopt());
    expect(error.code).toBe('HELM_RELEASE_UNSETTLED');
    expect(error.message).toContain(why);
    expect(error.hint).not.toBe('');
  });

  test('no release', async () => {
    expect((await unchanged(() => helmProcess(cluster).adopt())).code).toBe('HELM_RELEASE_NOT_FOUND');
  });

  test('a name that no installation may have', async () => {
    expect((await unchanged(() => helmProcess(cluster).adopt({ name: 'web.v1' }))).code).toBe('NAME_INVALID');
  });

  test('an installation of ours that has the name', async () => {
    await installAsHelm(cluster);
    await helmProcess(cluster).adopt();
    await installAsHelmAgain();
    const error = await unchanged(() => helmProcess(cluster).adopt());
    expect(error.code).toBe('ALREADY_INSTALLED');
    expect(error.message).toContain('Helm has a release of the same name');
    expect((await unchanged(() => helmProcess(cluster).back())).code).toBe('ALREADY_INSTALLED');
  });

  const installAsHelmAgain = () =>
    cluster.create(releaseObject({ ...shopWeb, version: 3, status: 'deployed' }));

  test('who may not read Secrets', async () => {
    await installAsHelm(cluster);
    const reader = cluster.as('reader', ({ resource }) => resource !== 'secrets');
    expect((await unchanged(() => helmProcess(reader).adopt())).code).toBe('FORBIDDEN');
  });

  test('who may not change an object', async () => {
    await installAsHelm(cluster);
    const other = cluster.as(
      'other',
      ({ verb, resource }) => !(verb === 'patch' && resource === 'deployments'),
    );
    const error = await unchanged(() => helmProcess(other).adopt());
    expect([error.code, error.problems.length]).toEqual(['FORBIDDEN', 1]);
  });

  test('a newest revision that is damaged', async () => {
    await installAsHelm(cluster);
    await cluster.mergePatch(newest, { data: { release: 'AAAA' } });
    expect((await unchanged(() => helmProcess(cluster).adopt())).code).toBe('HELM_RELEASE_INVALID');
  });

  test('a format that is not known yet', async () => {
    await installAsHelm(cluster);
    const object = releaseObject({ ...shopWeb, version: 3, status: 'deployed' });
    object.metadata.name = 'sh.helm.release.v2.web.v3';
    await cluster.create(object);
    const error = await unchanged(() => helmProcess(cluster).adopt());
    expect([error.code, error.message]).toEqual([
      'HELM_RELEASE_INVALID',
      expect.stringContaining("it has format 2 of Helm's releases"),
    ]);
  });

  test.each([
    ['labels', 'helm.toolkit.fluxcd.io/name', 'Flux HelmRelease'],
    ['annotations', 'argocd.argoproj.io/tracking-id', 'Argo CD application'],
  ])('an object that somebody else has: %s %s', async (place, key, owner) => {
    await installAsHelm(cluster);
    await cluster.mergePatch(deployment, { metadata: { [place]: { [key]: 'x' } } });
    const error = await unchanged(() => helmProcess(cluster).adopt());
    expect([error.code, error.problems[0]?.message]).toEqual([
      'OBJECT_FOREIGN',
      expect.stringContaining(`Deployment/shop/web: it belongs to ${owner}`),
    ]);
  });
});

describe('what a release says is not believed', () => {
  test('an object that does not carry its marks is never touched', async () => {
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bank' } });
    const theirs = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'vault', namespace: 'bank' },
      data: { a: 'b' },
    };
    const before = await cluster.create(theirs);
    await withRelease({ manifest: `---\n${JSON.stringify(theirs)}\n` });
    const { plan } = await helmProcess(cluster).adopt();
    expect(plan.objects).toEqual([]);
    expect(plan.kept.map(({ ref, reason }) => [ref.namespace, ref.name, reason])).toEqual([
      ['bank', 'vault', expect.stringContaining('it does not carry the marks of Helm release shop/web')],
    ]);
    expect(await cluster.get({ ...config, namespace: 'bank', name: 'vault' })).toEqual(before);
    await remove(changeDeps(), removal, session);
    expect(await cluster.get({ ...config, namespace: 'bank', name: 'vault' })).toEqual(before);
  });

  test('an older revision that is damaged is left out and told', async () => {
    await installAsHelm(cluster);
    await cluster.mergePatch({ ...newest, name: 'sh.helm.release.v1.web.v1' }, { data: { release: 'AAAA' } });
    const { plan } = await helmProcess(cluster).adopt();
    expect(messages(plan)).toContain(
      'revision 1 is left out of the history: Secret/shop/sh.helm.release.v1.web.v1',
    );
    expect((await stateOf(cluster)).record?.revisions.map(({ number }) => number)).toEqual([2]);
  });

  test('a release that Helm changes at that very moment stays with Helm', async () => {
    await installAsHelm(cluster);
    const process = helmProcess(cluster);
    const { helm } = process.deps;
    let once = true;
    const raced = {
      ...helm,
      through: () => ({
        ...helm,
        async hide(ref: Parameters<typeof helm.hide>[0]) {
          if (once)
            await cluster.create(releaseObject({ ...shopWeb, version: 3, status: 'pending-upgrade' }));
          once = false;
          await helm.hide(ref);
        },
      }),
    };
    Object.assign(process.deps, { helm: raced });
    const error = await refusal(process.adopt());
    expect([error.code, error.message]).toEqual([
      'HELM_RELEASE_UNSETTLED',
      expect.stringContaining('Helm changed it just now'),
    ]);
    const after = await stateOf(cluster);
    expect([after.record, after.helm.length, after.objects[1]?.managers]).toEqual([undefined, 3, ['helm']]);
  });
});

describe('what is not taken over is told', () => {
  test('definitions of crds/ and subcharts', async () => {
    const crd = 'kind: CustomResourceDefinition\nmetadata: {name: things.x.io}';
    await withRelease({
      chart: {
        metadata: { name: 'demo', version: '1.0.2', dependencies: [{ name: 'redis' }] },
        files: [{ name: 'crds/x.yaml', data: Buffer.from(crd).toString('base64') }],
      },
    });
    const { plan } = await helmProcess(cluster).adopt();
    expect(messages(plan)).toContain('the subcharts redis are not taken over: Helm does not store them');
    expect(messages(plan)).toContain(
      'CustomResourceDefinitions from crds/ stay as they are and belong to nobody: things.x.io',
    );
    const error = await refusal(
      change(
        changeDeps(),
        changeRequest({ operation: 'upgrade', given: { values: { a: 1 }, secretRefs: [] } }),
        session,
      ),
    );
    expect([error.code, error.message]).toEqual([
      'USAGE',
      expect.stringContaining('does not store subcharts (redis): name the chart'),
    ]);
  });
});

describe('what a hook left behind', () => {
  const hook = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'migrated', namespace: 'shop' },
    data: { a: 'b' },
  };
  const hooks = (object: KubeObject) => [
    {
      name: 'migrated',
      kind: 'ConfigMap',
      path: 'h.yaml',
      manifest: JSON.stringify(object),
      events: ['pre-upgrade'],
    },
  ];
  const migrated = { ...config, name: 'migrated' };

  test('is taken over as what hooks of ours make, and given back without marks', async () => {
    const before = await cluster.create(hook, { fieldManager: 'helm' });
    await withRelease({ hooks: hooks(hook) });
    const { plan } = await helmProcess(cluster).adopt();
    expect(plan.objects.map(({ ref, reason }) => [ref.name, reason])).toContainEqual([
      'migrated',
      'left behind by a hook; taken over as it is',
    ]);
    const { record } = await stateOf(cluster);
    expect(record?.inventory.find(({ name }) => name === 'migrated')).toMatchObject({ hook: true });
    expect(record?.revisions.map((line) => line.hooks)).toEqual([undefined, ['pre-upgrade']]);
    expect((await drift(changeDeps(), shopWeb, session)).objects).toEqual([]);
    await helmProcess(cluster).back();
    const after = await cluster.get(migrated);
    expect([after?.metadata.labels ?? {}, after?.metadata.annotations ?? {}, after?.data]).toEqual([
      {},
      {},
      before.data,
    ]);
    expect(after?.metadata.managedFields?.map(({ manager }) => manager)).toEqual(
      expect.arrayContaining(['helm']),
    );
  });

  test.each([
    ['of somebody else', hook, { 'argocd.argoproj.io/instance': 'x' }],
    ['in another namespace', { ...hook, metadata: { name: 'migrated', namespace: 'bank' } }, {}],
  ])('%s stays', async (_whose, object, labels) => {
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bank' } });
    const before = await cluster.create({ ...object, metadata: { ...object.metadata, labels } });
    await withRelease({ hooks: hooks(object) });
    const { plan } = await helmProcess(cluster).adopt();
    expect(plan.kept.map(({ ref }) => ref.name)).toEqual(['migrated']);
    expect(await cluster.get({ ...migrated, namespace: object.metadata.namespace })).toEqual(before);
  });
});

describe('afterwards', () => {
  test('a rollback to a revision of Helm applies its manifest, runs its hooks, and takes the last marks away', async () => {
    const old = releaseObjects();
    (old[1] as KubeObject).spec.replicas = 7;
    const manifest = old.map((object) => `---\n${JSON.stringify(object)}\n`).join('');
    await installAsHelm(cluster);
    const first = releaseObject({
      ...shopWeb,
      version: 1,
      status: 'superseded',
      over: {
        manifest,
        hooks: [
          { manifest: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: hooked}', events: ['pre-rollback'] },
        ],
      },
    });
    await cluster.mergePatch({ ...newest, name: first.metadata.name }, { data: first.data });
    await helmProcess(cluster).adopt();
    await change(changeDeps(), changeRequest({ revision: 1 }), session);
    const live = await cluster.get(deployment);
    expect([live?.spec.replicas, Object.keys(live?.metadata.annotations ?? {})]).toEqual([7, []]);
    expect(await cluster.get({ ...config, name: 'hooked' })).toBeDefined();

    expect(messages((await helmProcess(cluster).back()).plan)).toContain(
      'Helm gets a new revision in its history: 3',
    );
    const { helm } = helmProcess(cluster).deps;
    const history = await helm.history('shop', 'web');
    expect(history.map(({ version, status, adopted }) => [version, status, adopted])).toEqual([
      [1, 'superseded', false],
      [2, 'superseded', false],
      [3, 'deployed', false],
    ]);
    const [, second, third] = await Promise.all(history.map((ref) => helm.read(ref)));
    expect(second?.status).toBe('superseded');
    expect(third).toMatchObject({
      version: 3,
      status: 'deployed',
      description: 'Rollback to 1',
      rollbackRevision: 1,
      applyMethod: 'ssa',
      config: { replicas: 2 },
    });
    expect(third?.chart.templates.map(({ name }) => name)).toEqual(['templates/config.yaml']);
    expect(third?.manifest).toContain('replicas: 7');
    expect((await stateOf(cluster)).objects.map(({ managers }) => managers)).toEqual([['helm'], ['helm']]);
  });

  test('removing it keeps what its policy says, and takes what Helm stored with it', async () => {
    const objects = releaseObjects();
    (objects[0] as KubeObject).metadata.annotations = { 'helm.sh/resource-policy': 'keep' };
    await installAsHelm(cluster, { objects });
    await helmProcess(cluster).adopt();
    const { left } = await remove(changeDeps(), removal, session);
    expect(left.map(({ ref, reason }) => [ref.name, reason])).toEqual([
      ['web-config', 'its annotation helm.sh/resource-policy says keep'],
    ]);
    expect(await cluster.get(deployment)).toBeUndefined();
    expect(await cluster.get(config)).toBeDefined();
    expect((await cluster.list(secretsKind, { namespace: 'shop' })).items).toEqual([]);
  });

  test('nothing else is done to it while it is taken over', async () => {
    await installAsHelm(cluster);
    const stuck = cluster.as(
      'stuck',
      ({ verb, resource }) => !(verb === 'patch' && resource === 'deployments'),
    );
    const process = helmProcess(stuck);
    const dry = { ...stuck, apply: cluster.apply };
    Object.assign(process.deps, { cluster: dry });
    expect((await refusal(process.adopt())).code).toBe('FORBIDDEN');
    expect((await stateOf(cluster)).record?.state).toBe('adopting');
    for (const work of [
      () => change(changeDeps(), changeRequest({ operation: 'upgrade' }), session),
      () => change(changeDeps(), changeRequest({}), session),
      () => remove(changeDeps(), removal, session),
    ]) {
      const error = await refusal(work());
      expect([error.code, error.hint]).toEqual([
        'OPERATION_RUNNING',
        'Finish with `appstore adopt web -n shop`.',
      ]);
    }
    await helmProcess(cluster).adopt();
    expect((await stateOf(cluster)).record?.state).toBe('deployed');
  });
});

test('every release of a namespace is taken over, those that cannot be are told and stop nobody', async () => {
  const db = { namespace: 'shop', name: 'db' };
  await installAsHelm(cluster);
  await installAsHelm(cluster, { release: db, over: { status: 'failed' } });
  await installAsHelm(cluster, { release: { namespace: 'shop', name: 'zoo.keeper' } });
  const dry = await helmProcess(cluster).importAll(true);
  expect(dry.items.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['db', 'failed'],
    ['web', 'planned'],
    ['zoo.keeper', 'failed'],
  ]);
  const { items } = await helmProcess(cluster).importAll();
  expect(items.map(({ name, outcome, objects, error }) => [name, outcome, objects, error?.code])).toEqual([
    ['db', 'failed', 0, 'HELM_RELEASE_UNSETTLED'],
    ['web', 'adopted', 2, undefined],
    ['zoo.keeper', 'failed', 0, 'NAME_INVALID'],
  ]);
  expect((await helmProcess(cluster).importAll()).items.map(({ name }) => name)).toEqual([
    'db',
    'zoo.keeper',
  ]);
});
