import { randomBytes } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { KubeObject } from '../../src/domain/objects.ts';
import { chartArchive } from '../support/chart.ts';
import { chartFolder } from '../support/charts/life.ts';
import { cli, cliError, cliJson, textFile } from '../support/cli.ts';
import { freshNamespace, kube, kubeAnswer, userKubeconfig } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Every command does for a chart what it does for an app. */

const print = async (...argv: string[]) => (await cli(argv)).stdout;

async function dataOf(namespace: string, kind: 'configmaps' | 'secrets', name: string) {
  return (await kube('GET', `/api/v1/namespaces/${namespace}/${kind}/${name}`)).data as Record<
    string,
    string
  >;
}

interface Change {
  readonly outcome: string;
  readonly revision: number;
  readonly plan: { readonly objects: readonly { readonly kind: string; readonly name: string }[] };
}

test('a saved plan is carried out as it was planned, with what chance made of it', async () => {
  const namespace = await freshNamespace();
  const file = join(await temporaryFolder(), 'plan');
  const planned = (await cliJson([
    'plan',
    chartFolder('rolling'),
    'app',
    '-n',
    namespace,
    '--out',
    file,
  ])) as Change;
  const done = (await cliJson(['install', '--plan', file])) as Change;
  const secrets = ({ plan }: Change) =>
    plan.objects.flatMap(({ kind, name }) => (kind === 'Secret' ? [name] : []));
  expect(secrets(done)).toEqual(secrets(planned));
  expect(await dataOf(namespace, 'secrets', secrets(planned)[0] ?? '')).toHaveProperty('token');
});

test('a saved plan runs its hooks', async () => {
  const namespace = await freshNamespace();
  const file = join(await temporaryFolder(), 'plan');
  await cliJson(['plan', chartFolder('hooks'), 'app', '-n', namespace, '--out', file]);
  const shown = await print('plan', '--show', file);
  for (const name of ['app-pre-install', 'app-post-install']) expect(shown).toContain(name);
  expect(await cliJson(['install', '--plan', file])).toMatchObject({ outcome: 'changed', revision: 1 });
  const jobs = await kube('GET', `/apis/batch/v1/namespaces/${namespace}/jobs`);
  const succeeded = jobs.items.map(({ metadata, status }: KubeObject) => [metadata.name, status?.succeeded]);
  expect(succeeded).toEqual([['app-pre-install', 1]]);
  const again = await cliError(['install', '--plan', file]);
  expect(again.error.code).toBe('ALREADY_INSTALLED');
});

test('the rights that `rbac` prints for a chart are enough for its hooks and tests, from install to removal', async () => {
  const namespace = await freshNamespace();
  const user = `chart-${randomBytes(4).toString('hex')}`;
  const chart = chartFolder('hooks');
  const { items } = (await cliJson(['rbac', chart, 'app', '-n', namespace, '--user', user])) as {
    items: KubeObject[];
  };
  const plural: Record<string, string> = { Role: 'roles', RoleBinding: 'rolebindings' };
  for (const item of items) {
    const group = `/apis/${item.apiVersion}/namespaces/${namespace}`;
    await kube('POST', `${group}/${plural[item.kind]}`, item);
  }
  const as = ['-n', namespace, '--kubeconfig', await userKubeconfig({ user, namespace })];
  const changed = { outcome: 'changed' };
  expect(await cliJson(['install', chart, 'app', ...as])).toMatchObject(changed);
  expect(await cliJson(['upgrade', 'app', chart, '--set', 'note=second', ...as])).toMatchObject(changed);
  expect((await cli(['test', 'app', ...as])).code).toBe(0);
  expect(await cliJson(['rollback', 'app', '1', ...as])).toMatchObject(changed);
  expect(await cliJson(['remove', 'app', '--yes', ...as])).toMatchObject({ outcome: 'removed' });
  expect((await kube('GET', `/apis/batch/v1/namespaces/${namespace}/jobs`)).items).toEqual([]);
});

test('credentials are what stands in the Secrets of a chart, and stay the same through upgrade and loss', async () => {
  const namespace = await freshNamespace();
  const where = ['-n', namespace];
  const chart = chartFolder('database');
  await cliJson(['install', chart, 'db', ...where]);
  expect(await print('credentials', 'db', ...where)).toBe('db-database/password\n');
  const password = await print('credentials', 'db', 'db-database/password', ...where);
  expect(password).toMatch(/^[A-Za-z0-9]{24}$/);
  const { password: stored = '' } = await dataOf(namespace, 'secrets', 'db-database');
  expect(Buffer.from(stored, 'base64').toString()).toBe(password);

  await cliJson(['upgrade', 'db', chart, '--set', 'replicas=1', ...where]);
  expect(await print('credentials', 'db', 'db-database/password', ...where)).toBe(password);
  await kube('DELETE', `/api/v1/namespaces/${namespace}/secrets/db-database`);
  await cliJson(['upgrade', 'db', chart, ...where]);
  expect(await print('credentials', 'db', 'db-database/password', ...where)).toBe(password);

  const plan = await print(
    'upgrade',
    'db',
    chart,
    '--set',
    'auth.password=changed-it',
    '--dry-run',
    '-v',
    ...where,
  );
  expect(plan).toContain('Secret/');
  expect(plan).not.toMatch(new RegExp(`changed-it|${password}|${stored}`));
  expect(await print('get', 'db', 'manifest', ...where)).not.toMatch(new RegExp(`${password}|${stored}`));
});

test('status, open, images, drift and why see a chart as they see an app', async () => {
  const namespace = await freshNamespace();
  const where = ['-n', namespace];
  const chart = chartFolder('web');
  const values = await textFile(
    'values.yaml',
    JSON.stringify({ replicaCount: 2, ingress: { enabled: true } }),
  );
  const installed = await cliJson(['install', chart, 'app', '--values', values, ...where]);
  expect(installed).toMatchObject({ open: [{ url: 'http://chart.example.com/' }] });
  expect(await cliJson(['status', 'app', ...where])).toMatchObject({ health: 'healthy' });
  expect(await print('open', 'app', '--no-browser', ...where)).toBe('http://chart.example.com/\n');
  expect(await print('get', 'app', 'notes', ...where)).toContain('http://chart.example.com/');
  expect(await cliJson(['get', 'app', 'values', ...where])).toMatchObject({ values: { replicaCount: 2 } });
  expect(await print('images', chart)).toContain('registry.k8s.io/pause:1.0');

  expect((await cli(['drift', 'app', '--exit-code', ...where])).code).toBe(0);
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/app-web`;
  await kube('PATCH', `${path}?fieldManager=somebody`, { spec: { replicas: 5 } });
  const drift = await cli(['drift', 'app', '--exit-code', ...where]);
  expect([drift.code, drift.stdout]).toEqual([3, expect.stringContaining('Deployment/')]);
  await cliJson(['drift', 'app', '--repair', ...where]);
  expect((await kube('GET', path)).spec.replicas).toBe(2);

  const bad = ['--set', 'podAnnotations.sandbox\\.appstore\\.dev/behaviour=image-pull-not-found'];
  const failed = await cliError(['upgrade', 'app', chart, ...bad, ...where]);
  expect(failed.error).toMatchObject({ code: 'UNHEALTHY' });
  expect(await print('why', 'app', ...where)).toContain('IMAGE_PULL_NOT_FOUND');
  expect(await cliJson(['upgrade', 'app', '--undo', ...where])).toMatchObject({ outcome: 'changed' });
});

test('a chart of a catalog is outdated when the catalog has a newer one, and upgraded by its name alone', async () => {
  const namespace = await freshNamespace();
  const folder = await temporaryFolder();
  const catalog = ['--catalog', folder];
  await cp(chartFolder('files'), join(folder, 'files'), { recursive: true });
  await cliJson(['install', 'files', 'app', '-n', namespace, ...catalog]);
  expect(await cliJson(['outdated', '-n', namespace, ...catalog])).toMatchObject({ items: [] });

  const file = join(folder, 'files', 'Chart.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('version: 1.0.0', 'version: 1.1.0'));
  expect(await cliJson(['outdated', '-n', namespace, ...catalog])).toMatchObject({
    items: [{ name: 'app', version: '1.0.0', latest: { version: '1.1.0' } }],
  });
  expect(await cliJson(['upgrade', 'app', '-n', namespace, ...catalog])).toMatchObject({
    outcome: 'changed',
    app: { version: '1.1.0' },
  });
});

test('a chart in an archive is upgraded by the next archive, and never by an address in the record', async () => {
  const namespace = await freshNamespace();
  const folder = await temporaryFolder();
  const archive = async (version: string) => {
    const template = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\ndata: {version: "{{ .Chart.Version }}"}\n`;
    const file = join(folder, `note-${version}.tgz`);
    await writeFile(file, chartArchive({ name: 'note', version, files: { 'templates/a.yaml': template } }));
    return file;
  };
  const where = ['-n', namespace];
  await cliJson(['install', await archive('1.0.0'), 'app', ...where]);
  expect(await dataOf(namespace, 'configmaps', 'app')).toEqual({ version: '1.0.0' });
  const bare = await cliError(['upgrade', 'app', '--set', 'a=1', ...where]);
  expect(bare.error).toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('name the location again'),
  });
  await cliJson(['upgrade', 'app', await archive('2.0.0'), ...where]);
  expect(await dataOf(namespace, 'configmaps', 'app')).toEqual({ version: '2.0.0' });
  await cliJson(['remove', 'app', '--yes', ...where]);
  expect((await kubeAnswer('GET', `/api/v1/namespaces/${namespace}/configmaps/app`)).status).toBe(404);
});
