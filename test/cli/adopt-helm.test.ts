import { beforeAll, expect, inject, test, vi } from 'vitest';
import { lazyChartRenderer } from '../../src/adapters/render/helm/lazy-renderer.ts';
import { cli, cliError, cliJson, packageFolder } from '../support/cli.ts';
import { chartFolder, type Helm, realHelm, webChart } from '../support/helm-cli.ts';
import { engineOptions } from '../support/helm-engine.ts';
import { eventually, freshNamespace, kube } from '../support/sandbox.ts';
import { configMapResource, tinyApp } from '../support/tiny-app.ts';

interface Live {
  readonly metadata: {
    readonly uid: string;
    readonly name: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields: readonly { readonly manager: string; readonly operation: string }[];
  };
  readonly spec?: unknown;
}

// Each runs Helm a dozen times, and a busy machine must not fail a test.
vi.setConfig({ testTimeout: 300_000 });

let helm: Helm;
let chart: string;
let engine: Awaited<ReturnType<typeof engineOptions>>;
// Building Helm and the engine takes some minutes where they were never built.
beforeAll(async () => {
  [helm, chart, engine] = await Promise.all([
    realHelm(),
    chartFolder(webChart),
    engineOptions(inject('sandbox').cache),
  ]);
}, 900_000);

const read = async (path: string) => (await kube('GET', path)) as unknown as Live;
const list = async (path: string) =>
  (await kube('GET', path)) as unknown as { readonly items: readonly Live[] };

/** All that must stay the same when hands change. */
async function untouched(namespace: string) {
  const [web, db, claim, service] = await Promise.all([
    read(`/apis/apps/v1/namespaces/${namespace}/deployments/web`),
    read(`/apis/apps/v1/namespaces/${namespace}/statefulsets/web-db`),
    read(`/api/v1/namespaces/${namespace}/persistentvolumeclaims/web`),
    read(`/api/v1/namespaces/${namespace}/services/web`),
  ]);
  const { items } = await list(`/api/v1/namespaces/${namespace}/pods`);
  return {
    objects: [web, db, claim, service].map(({ metadata, spec }) => [metadata.uid, metadata.generation, spec]),
    pods: items.map(({ metadata }) => [metadata.uid, metadata.labels?.['pod-template-hash']]).sort(),
  };
}

async function installed(...flags: readonly string[]): Promise<string> {
  const namespace = await freshNamespace();
  await helm('install', 'web', chart, '-n', namespace, ...flags);
  await helm('upgrade', 'web', chart, '-n', namespace, '--set', 'replicas=3', ...flags);
  await eventually(async () => (await list(`/api/v1/namespaces/${namespace}/pods`)).items.length === 4);
  return namespace;
}

const helmList = async (namespace: string) =>
  JSON.parse(await helm('list', '-n', namespace, '-o', 'json')) as unknown[];
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => 'did not fail',
    (error: Error) => error.message,
  );

test.each([
  ['server-side, as Helm 4 does', [], 'Apply'],
  ['client-side, as Helm 3 does', ['--server-side=false'], 'Update'],
])(
  'a release applied %s is taken over and given back, and no pod notices',
  async (_how, flags, operation) => {
    const namespace = await installed(...flags);
    const at = ['-n', namespace];
    const before = await untouched(namespace);

    const dry = await cli(['adopt', 'web', ...at, '--dry-run']);
    expect(dry.stdout).toContain('Adopt from Helm: web (demo 1.2.3)');
    expect(dry.stdout).toContain(
      `~ ConfigMap/${namespace}/web-hook  left behind by a hook; taken over as it is`,
    );
    expect(await helmList(namespace)).toHaveLength(1);

    expect(await cliJson(['adopt', 'web', ...at])).toMatchObject({
      kind: 'Adoption',
      outcome: 'adopted',
      revision: 2,
      plan: { operation: 'adopt', counts: { update: 7, conflict: 0 }, warnings: [] },
    });
    expect(await untouched(namespace)).toEqual(before);
    expect(await cliJson(['drift', 'web', ...at])).toMatchObject({ objects: [] });
    expect(await cliJson(['status', 'web', ...at])).toMatchObject({ notes: 'Thanks, web\n' });
    expect(await cliJson(['history', 'web', ...at])).toMatchObject({
      items: [
        { number: 2, operation: 'upgrade', result: 'deployed', version: '1.2.3' },
        { number: 1, operation: 'install', result: 'superseded' },
      ],
    });
    expect(await cliJson(['get', 'web', 'values', ...at])).toMatchObject({ values: { replicas: 3 } });
    expect(await cliJson(['adopt', 'web', ...at])).toMatchObject({ outcome: 'unchanged' });

    // Helm cannot find it, so that it cannot destroy it by accident.
    expect(await helmList(namespace)).toEqual([]);
    for (const command of ['status', 'uninstall'])
      expect(await failureOf(helm(command, 'web', ...at))).toContain('release: not found');
    expect(await failureOf(helm('install', 'web', chart, ...at))).toContain(
      'cannot be imported into the current release',
    );
    expect(await untouched(namespace)).toEqual(before);

    expect(await cliJson(['adopt', '--back', 'web', ...at])).toMatchObject({
      outcome: 'returned',
      revision: 2,
    });
    expect(await untouched(namespace)).toEqual(before);
    const service = await read(`/api/v1/namespaces/${namespace}/services/web`);
    expect(service.metadata.labels).toEqual({ 'app.kubernetes.io/managed-by': 'Helm' });
    expect(service.metadata.annotations).toEqual({
      'meta.helm.sh/release-name': 'web',
      'meta.helm.sh/release-namespace': namespace,
    });
    expect(service.metadata.managedFields[0]).toMatchObject({ manager: 'helm', operation });
    expect((await cliError(['status', 'web', ...at])).error.code).toBe('INSTALLATION_NOT_FOUND');

    expect(await helmList(namespace)).toMatchObject([{ name: 'web', revision: '2', status: 'deployed' }]);
    await helm('upgrade', 'web', chart, ...at, '--set', 'replicas=1', ...flags);
    await helm('rollback', 'web', '1', ...at);
    expect(JSON.parse(await helm('history', 'web', ...at, '-o', 'json'))).toMatchObject([
      { revision: 1 },
      { revision: 2, status: 'superseded' },
      { revision: 3, status: 'superseded' },
      { revision: 4, status: 'deployed', description: 'Rollback to 1' },
    ]);
    await helm('uninstall', 'web', ...at);
    const left = await list(`/api/v1/namespaces/${namespace}/secrets`);
    expect(left.items.map(({ metadata }) => metadata.name)).toEqual([]);
  },
);

test('what was changed meanwhile is a new revision of Helm, which goes on from there', async () => {
  const namespace = await installed();
  const at = ['-n', namespace];
  await cliJson(['adopt', 'web', ...at]);
  // The chart as Helm stored it renders the same: nothing to write, and then just what was asked for.
  const charts = { overrides: { renderers: [lazyChartRenderer(engine)] } };
  const upgrade = (replicas: number) =>
    cliJson(['upgrade', 'web', ...at, '--set', `replicas=${replicas}`, '--no-wait'], charts);
  expect(await upgrade(3)).toMatchObject({ outcome: 'unchanged' });
  expect(await upgrade(1)).toMatchObject({
    outcome: 'changed',
    revision: 3,
    plan: { counts: { update: 1, unchanged: 5, create: 0, delete: 0 } },
  });
  await cliJson(['rollback', 'web', '1', ...at, '--allow-cluster-scope']);
  const web = await read(`/apis/apps/v1/namespaces/${namespace}/deployments/web`);
  expect(web).toMatchObject({ spec: { replicas: 2 } });
  expect(Object.keys(web.metadata.annotations ?? {}).filter((key) => key.startsWith('meta.helm.sh'))).toEqual(
    [],
  );

  await cliJson(['adopt', '--back', 'web', ...at]);
  expect(JSON.parse(await helm('history', 'web', ...at, '-o', 'json'))).toMatchObject([
    { revision: 1, status: 'superseded' },
    { revision: 2, status: 'superseded' },
    {
      revision: 3,
      status: 'superseded',
      chart: 'demo-1.2.3',
      app_version: '9.1',
      description: 'Upgrade complete',
    },
    { revision: 4, status: 'deployed', chart: 'demo-1.2.3', description: 'Rollback to 1' },
  ]);
  expect(JSON.parse(await helm('get', 'values', 'web', ...at, '--all', '-o', 'json'))).toMatchObject({
    replicas: 2,
    image: 'nginx:1.27',
  });
  expect(await helm('get', 'hooks', 'web', ...at)).toContain('web-hook');
  await helm('upgrade', 'web', chart, ...at, '--reuse-values', '--set', 'replicas=1');
  expect(await read(`/apis/apps/v1/namespaces/${namespace}/deployments/web`)).toMatchObject({
    spec: { replicas: 1 },
  });
  await helm('rollback', 'web', '4', ...at);
  expect(await read(`/apis/apps/v1/namespaces/${namespace}/deployments/web`)).toMatchObject({
    spec: { replicas: 2 },
  });
});

test('what somebody changed by hand stays, is told, and can be taken back', async () => {
  const namespace = await installed();
  const at = ['-n', namespace];
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/web`;
  const image = { name: 'web', image: 'nginx:by-hand' };
  await kube('PATCH', `${path}?fieldManager=kubectl-edit`, {
    spec: { template: { spec: { containers: [{ ...image, ports: [{ containerPort: 80 }] }] } } },
  });
  await kube('DELETE', `/api/v1/namespaces/${namespace}/services/web`);
  const before = await read(path);
  const adopted = await cli(['adopt', 'web', ...at]);
  expect(adopted.stdout).toContain('1 object differs from the release and stays so');
  expect(adopted.stdout).toContain(`Service/${namespace}/web: it is missing from the cluster`);
  const after = await read(path);
  expect([after.spec, after.metadata.generation]).toEqual([before.spec, before.metadata.generation]);
  const { objects } = (await cliJson(['drift', 'web', ...at])) as {
    objects: { ref: { kind: string }; state: string }[];
  };
  expect(objects.map(({ ref, state }) => [ref.kind, state]).sort()).toEqual([
    ['Deployment', 'changed'],
    ['Service', 'missing'],
  ]);
  await cliJson(['drift', 'web', ...at, '--repair', '--no-wait']);
  expect(JSON.stringify((await read(path)).spec)).toContain('nginx:1.27');
  expect(await cliJson(['drift', 'web', ...at])).toMatchObject({ objects: [] });
});

test('import-helm takes over what can be, and says with exit 1 what cannot', async () => {
  const namespace = await installed();
  // Its Service cannot have that name: the release is there all the same, and failed.
  await failureOf(helm('install', 'db.main', chart, '-n', namespace));
  const dry = await cli(['import-helm', '-n', namespace, '--dry-run']);
  expect(dry.code).toBe(1);
  expect(dry.stdout).toMatch(/web +2 +7 +would be taken over/);
  expect(await helmList(namespace)).toHaveLength(2);
  const all = await cli(['import-helm', '-n', namespace]);
  expect(all.code).toBe(1);
  expect(all.stdout).toMatch(/db\.main +1 +- +not taken over\nweb +2 +7 +adopted/);
  expect(all.stdout).toContain(`${namespace}/db.main: "db.main" is not a name for an installation`);
  expect(await helmList(namespace)).toMatchObject([{ name: 'db.main', status: 'failed' }]);
});

test('an app that is no chart is not given to Helm: what would do is told', async () => {
  const namespace = await freshNamespace();
  const app = await packageFolder(tinyApp([configMapResource('${name}', { a: 'b' })]));
  await cliJson(['install', app, 'plain', '-n', namespace]);
  const { error, exit } = await cliError(['adopt', '--back', 'plain', '-n', namespace, '--yes']);
  expect(exit).toBe(2);
  expect(error).toMatchObject({
    code: 'PACKAGE_INVALID',
    message: `plain in namespace ${namespace}: it is no Helm chart: it has no Chart.yaml`,
    hint: expect.stringContaining('appstore export <name>'),
  });
  expect(await cliJson(['status', 'plain', '-n', namespace])).toMatchObject({ health: 'healthy' });
});
