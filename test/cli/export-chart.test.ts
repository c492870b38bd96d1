import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../src/domain/objects.ts';
import { cli, cliError, cliJson, packageFolder } from '../support/cli.ts';
import { chartFolder, type Helm, realHelm, webChart } from '../support/helm-cli.ts';
import { eventually, freshNamespace, kube } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { configMapResource, tinyApp, workloadResource } from '../support/tiny-app.ts';

// Each runs Helm several times, and a busy machine must not fail a test.
vi.setConfig({ testTimeout: 300_000 });

let helm: Helm;
beforeAll(async () => {
  helm = await realHelm();
}, 900_000);

const text = (path: string) => readFile(path, 'utf8');

async function helmObjects(...args: readonly string[]): Promise<KubeObject[]> {
  const printed = await helm('template', ...args);
  return parseAllDocuments(printed).map((document) => document.toJS() as KubeObject);
}

async function manifestOf(name: string, namespace: string): Promise<KubeObject[]> {
  const { items } = (await cliJson(['get', name, 'manifest', '-n', namespace])) as { items: KubeObject[] };
  return items;
}

const byKind = (objects: readonly KubeObject[]) =>
  Object.fromEntries(objects.map((object) => [object.kind, object]));

test('an app that is no chart becomes one: Helm makes the same of it, and takes over what runs', async () => {
  const [namespace, out] = [await freshNamespace(), await temporaryFolder()];
  const secret = { type: 'string', 'x-generate': { length: 20 }, writeOnly: true };
  const app = tinyApp(
    [
      configMapResource('${name}', { url: 'db://me:${values.password}@db', text: '{{ .Values.none }}' }),
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: '${name}' },
        stringData: { key: '${values.password}' },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: '${name}' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
      workloadResource({}),
    ],
    { properties: { password: secret } },
  );
  await cliJson(['install', await packageFolder(app), 'my', '-n', namespace]);
  const live = () => kube('GET', `/apis/apps/v1/namespaces/${namespace}/deployments/my`);
  const pods = async () =>
    (await kube('GET', `/api/v1/namespaces/${namespace}/pods`)).items.map(
      ({ metadata }: KubeObject) => metadata.uid,
    );
  await eventually(async () => (await pods()).length === 1);
  const [before, podsBefore] = [await live(), await pods()];
  const manifest = byKind(await manifestOf('my', namespace));
  const { data } = await kube('GET', `/api/v1/namespaces/${namespace}/secrets/my`);
  const password = Buffer.from(data.key, 'base64').toString();

  const exported = await cliJson(['export', 'my', '--as-chart', '--out', out, '-n', namespace]);
  expect(exported).toMatchObject({ kind: 'ExportedChart', madeOfObjects: 'it is no chart', set: [] });
  const [chart, values] = [join(out, 'my', 'chart'), join(out, 'my', 'values.yaml')];
  for (const file of (exported as { files: string[] }).files)
    for (const form of [password, data.key]) expect(await text(join(chart, file))).not.toContain(form);
  expect((await stat(values)).mode & 0o777).toBe(0o600);

  const made = byKind(await helmObjects('my', chart, '-f', values, '-n', namespace));
  expect(made.ConfigMap?.data).toEqual({ url: `db://me:${password}@db`, text: '{{ .Values.none }}' });
  expect(made.Secret?.data).toEqual(data);
  expect(made.PersistentVolumeClaim?.spec).toEqual(manifest.PersistentVolumeClaim?.spec);
  expect(made.Deployment).toEqual(manifest.Deployment);
  await expect(helm('template', 'my', chart)).rejects.toThrow(
    /the values lack what is secret in \w+\/my data/,
  );

  await cli(['forget', 'my', '-n', namespace, '--yes']);
  await helm(
    ...['install', 'my', chart, '-f', values, '-n', namespace, '--take-ownership', '--force-conflicts'],
  );
  const after = await live();
  expect([after.metadata.uid, after.spec]).toEqual([before.metadata.uid, before.spec]);
  expect(await pods()).toEqual(podsBefore);
  await helm('uninstall', 'my', '-n', namespace);
  const claim = await kube('GET', `/api/v1/namespaces/${namespace}/persistentvolumeclaims/my`);
  expect(claim.metadata.deletionTimestamp).toBeUndefined();
});

test('a chart comes back as it was, with what was given, and with what Helm has to be told', async () => {
  const [namespace, out] = [await freshNamespace(), await temporaryFolder()];
  await kube('POST', `/api/v1/namespaces/${namespace}/secrets`, {
    metadata: { name: 'vault' },
    stringData: { key: 'kept-elsewhere' },
  });
  const chart = await chartFolder({
    ...webChart,
    'templates/limit.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: limit}\ndata: {limit: "{{ .Values.limit }}"}\n',
  });
  const given = ['--set', 'limit=5000000,replicas=1', '--set-secret', 'password=secret/vault:key'];
  await cliJson(['install', chart, 'web', '-n', namespace, '--no-wait', ...given]);
  const exported = await cli(['export', 'web', '--as-chart', '-n', namespace], { cwd: out });
  expect(exported.stdout).toContain(
    `helm install web web/chart -f web/values.yaml --set 'limit=5000000' -n ${namespace}`,
  );
  expect(exported.stdout).toContain(`appstore adopt --back web -n ${namespace}`);
  const folder = join(out, 'web');
  for (const path of Object.keys(webChart))
    expect(await text(join(folder, 'chart', path))).toBe(await text(join(chart, path)));
  expect(parse(await text(join(folder, 'values.yaml')))).toEqual({
    limit: 5_000_000,
    replicas: 1,
    password: 'kept-elsewhere',
  });
  const flags = ['-f', join(folder, 'values.yaml'), '--set', 'limit=5000000', '-n', namespace];
  const made = await helmObjects('web', join(folder, 'chart'), ...flags);
  const limit = made.find(({ metadata }) => metadata.name === 'limit');
  expect(limit?.data).toEqual({ limit: '5000000' });

  const again = await cliError(['export', 'web', '--as-chart', '-n', namespace, '--out', out]);
  expect(again.error.code).toBe('FILE_UNWRITABLE');
  expect((await cliError(['export', 'web', '-n', namespace])).error.code).toBe('USAGE');
});

test('a release of Helm can be read, and written back where its chart was lost', async () => {
  const [namespace, out] = [await freshNamespace(), await temporaryFolder()];
  const chart = await chartFolder(webChart);
  await helm('install', 'web', chart, '-n', namespace, '--set', 'replicas=3,password=swordfish-swordfish');
  const values = await cli(['get', 'web', 'values', '-n', namespace]);
  expect(values.stdout).toContain('replicas: 3');
  expect(values.stdout).not.toContain('swordfish');
  expect(values.stderr).toContain('web is a release of Helm');
  expect((await cliError(['get', 'web', 'values', '-n', namespace, '--revision', '2'])).error.code).toBe(
    'REVISION_NOT_FOUND',
  );
  await cliJson(['export', 'web', '--as-chart', '-n', namespace, '--out', out]);
  const args = ['-f', join(out, 'web', 'values.yaml'), '-n', namespace];
  const installed = await helm('get', 'manifest', 'web', '-n', namespace);
  const [again, first] = [
    await helmObjects('web', join(out, 'web', 'chart'), ...args),
    parseAllDocuments(installed),
  ];
  expect(again.filter(({ metadata }) => metadata.name !== 'web-hook')).toEqual(
    first.map((each) => each.toJS()),
  );
  expect((await cliError(['upgrade', 'web', '-n', namespace])).error.hint).toContain('appstore adopt');
});

test('a chart that was patched is made of its objects', async () => {
  const [namespace, out] = [await freshNamespace(), await temporaryFolder()];
  const patch = join(await temporaryFolder(), 'patch.yaml');
  await writeFile(patch, 'kind: Service\nmetadata: {name: web}\nspec: {type: NodePort}\n');
  await cliJson([
    'install',
    await chartFolder(webChart),
    'web',
    '-n',
    namespace,
    '--no-wait',
    '--patch',
    patch,
  ]);
  const at = ['--as-chart', '-n', namespace, '--out', out];
  expect(await cliJson(['export', 'web', ...at])).toMatchObject({
    madeOfObjects: 'Helm does not know of patches',
  });
  const folder = join(out, 'web');
  const told = await cli(['export', 'web', '--as-chart', '-n', namespace], { cwd: await temporaryFolder() });
  expect(told.stdout).toContain('made of the objects, as Helm does not know of patches');
  expect(told.stdout).toContain(`appstore adopt --back web -n ${namespace}`);
  const made = await helmObjects('web', join(folder, 'chart'), '-f', join(folder, 'values.yaml'));
  expect(made.find(({ kind }) => kind === 'Service')?.spec?.type).toBe('NodePort');
  const hook = made.find(({ metadata }) => metadata.name === 'web-hook');
  expect(hook?.metadata.annotations).toMatchObject({ 'helm.sh/hook': 'post-install,post-upgrade' });
});
