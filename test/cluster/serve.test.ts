import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { type BuiltRun, cliJson, startBuilt } from '../support/cli.ts';
import { freshNamespace, kube } from '../support/sandbox.ts';
import { accountToken, bindInstaller } from '../support/service-account.ts';
import { configMapResource, tinyApp, workloadResource } from '../support/tiny-app.ts';
import { webServer } from '../support/web-server.ts';

/** A token of a new service account that has a role of the cluster in a namespace. */
async function tokenFor(namespace: string, role: string): Promise<string> {
  const name = `${role}-${randomBytes(4).toString('hex')}`;
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await kube('POST', accounts, { metadata: { name } });
  await kube('POST', `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const { status } = (await kube('POST', `${accounts}/${name}/token`, request)) as {
    status: { token: string };
  };
  return status.token;
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Record<string, string> }[];
}

/** What `--cluster` says of the sandbox: its address and its certificate authority, in a file. */
async function clusterFlag(): Promise<string> {
  const config = JSON.parse(await readFile(inject('sandbox').kubeconfig, 'utf8')) as Kubeconfig;
  const { server = '', 'certificate-authority-data': ca = '' } = config.clusters[0]?.cluster ?? {};
  const file = join(await mkdtemp(join(inject('sandbox').home, 'ca-')), 'ca.crt');
  await writeFile(file, Buffer.from(ca, 'base64'));
  return `main=${server},ca=${file}`;
}

/** A catalog of one app, whose workload never gets ready. */
async function slowCatalog(): Promise<string> {
  const catalog = join(await mkdtemp(join(inject('sandbox').home, 'catalog-')), 'slow');
  await mkdir(join(catalog, 'tiny'), { recursive: true });
  const app = tinyApp([configMapResource('tiny'), workloadResource({ behaviour: 'never-ready' })]);
  await writeFile(join(catalog, 'tiny', 'app.yaml'), app);
  return catalog;
}

interface Serving {
  readonly run: BuiltRun;
  readonly address: string;
  readonly link: string;
  readonly metrics: string;
}

async function serve(
  flags: readonly string[],
  env: Record<string, string | undefined> = {},
): Promise<Serving> {
  const argv = ['serve', '--port', '0', '-o', 'json', ...flags];
  const run = await startBuilt(argv, { env: { APPSTORE_LOCK_SECONDS: '3', ...env } });
  onTestFinished(() => run.kill('SIGKILL'));
  await run.seen('Server listening');
  for (;;) {
    const { stdout } = run.written();
    if (stdout.endsWith('}\n')) return { run, link: '', metrics: '', ...JSON.parse(stdout) };
    await new Promise((next) => setTimeout(next, 20));
  }
}

/** Two servers of one cluster that have nothing in common and no kubeconfig. */
async function replica(catalog: string): Promise<Serving> {
  const flags = ['--auth', 'token', '--cluster', await clusterFlag(), '--catalog', catalog];
  return serve(flags, { KUBECONFIG: undefined });
}

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into whatever the server answers
  readonly body: any;
}

async function ask(
  { address }: Serving,
  token: string,
  path: string,
  body?: object,
  key: string = randomUUID(),
): Promise<Answer> {
  const answer = await fetch(`${address}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

/** Reads the events of an operation until one that fits. */
async function seen({ address }: Serving, token: string, id: string, text: string): Promise<void> {
  const events = await fetch(`${address}/api/v1/operations/${id}/events`, {
    headers: { authorization: `Bearer ${token}` },
  });
  let all = '';
  for await (const chunk of events.body ?? []) {
    all += Buffer.from(chunk).toString('utf8');
    if (all.includes(text)) return;
  }
  throw new Error(`the events ended without ${text}: ${all}`);
}

async function until(look: () => Promise<boolean>): Promise<void> {
  while (!(await look())) await new Promise((next) => setTimeout(next, 200));
}

test('everybody acts with the rights of their own token, and the server has none', async () => {
  const namespace = await freshNamespace();
  const [admin, viewer] = await Promise.all([tokenFor(namespace, 'admin'), tokenFor(namespace, 'view')]);
  const one = await replica(await slowCatalog());
  const wanted = { app: 'builtin/whoami', namespace, name: 'who' };
  expect(await ask(one, admin, '/session')).toMatchObject({
    status: 200,
    body: {
      caller: { name: expect.stringContaining(`system:serviceaccount:${namespace}:admin-`), mode: 'token' },
    },
  });
  expect((await ask(one, 'nonsense', '/session')).status).toBe(401);

  const refused = await ask(one, viewer, '/deploy', wanted);
  expect([refused.status, refused.body.code]).toEqual([403, 'FORBIDDEN']);
  const begun = await ask(one, admin, '/deploy', wanted);
  expect(begun.status).toBe(202);
  await seen(one, admin, begun.body.id, 'event: end');
  expect((await ask(one, admin, `/operations/${begun.body.id}`)).body).toMatchObject({ state: 'done' });

  const list = `/deployments?namespace=${namespace}`;
  expect((await ask(one, viewer, list)).body.items).toMatchObject([{ name: 'who', state: 'deployed' }]);
  const secret = await ask(one, viewer, `/deployments/${namespace}/who/credentials`);
  expect([secret.status, secret.body.code]).toEqual([403, 'FORBIDDEN']);
  const other = await freshNamespace();
  expect((await ask(one, admin, '/deploy', { ...wanted, namespace: other })).status).toBe(403);
  expect((await ask(one, viewer, `/deployments/${namespace}/who/remove`, { confirm: true })).status).toBe(
    403,
  );
  expect((await ask(one, admin, `/deployments/${namespace}/who`)).body).toMatchObject({ health: 'healthy' });

  const { stderr } = one.run.written();
  for (const token of [admin, viewer]) expect(stderr).not.toContain(token);
  const audit = stderr.split('\n').filter((line) => line.includes('"audit":true'));
  expect(audit.map((line) => JSON.parse(line)).map(({ operation, result }) => [operation, result])).toEqual([
    ['install', 'refused'],
    ['install', 'begun'],
    ['install', 'done'],
    ['install', 'refused'],
    ['remove', 'refused'],
  ]);
});

test('a replica that is killed in the middle takes nothing with it: another one goes on for the same caller', async () => {
  const namespace = await freshNamespace();
  const [admin, viewer] = await Promise.all([tokenFor(namespace, 'admin'), tokenFor(namespace, 'view')]);
  const catalog = await slowCatalog();
  const [first, second] = await Promise.all([replica(catalog), replica(catalog)]);
  const begun = await ask(first, admin, '/deploy', { app: 'slow/tiny', namespace });
  const { id } = begun.body;
  const path = `/operations/${id}`;
  await seen(first, admin, id, '"step":"wait","state":"started"');
  expect((await ask(second, admin, path)).body).toMatchObject({ state: 'running', operation: 'install' });
  first.run.kill('SIGKILL');
  await first.run.done;

  await until(async () => (await ask(second, admin, path)).body.state === 'interrupted');
  expect((await ask(second, admin, `/deployments/${namespace}/tiny/operation`)).body).toMatchObject({ id });
  expect((await ask(second, viewer, `${path}/resume`, { wait: false })).status).toBe(403);
  const resumed = await ask(second, admin, `${path}/resume`, { wait: false });
  expect([resumed.status, resumed.body.id]).toEqual([202, id]);
  await seen(second, admin, id, 'event: end');
  expect((await ask(second, admin, path)).body).toMatchObject({ state: 'done', revision: 1 });
  expect((await ask(second, admin, `/deployments/${namespace}/tiny/history`)).body.items).toMatchObject([
    { number: 1, operation: 'install', result: 'deployed' },
  ]);
  expect((await ask(second, admin, `/deployments/${namespace}/tiny/drift`)).body.objects).toEqual([]);
});

test('a removal that is sent again to another replica is the same one, for whoever has the role of an installer', async () => {
  const namespace = await freshNamespace();
  await kube('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'person' } });
  await bindInstaller(namespace, { kind: 'User', name: `system:serviceaccount:${namespace}:person` });
  const token = await accountToken(namespace, 'person');
  const catalog = await slowCatalog();
  const [first, second] = await Promise.all([replica(catalog), replica(catalog)]);
  const installed = await ask(first, token, '/deploy', { app: 'builtin/whoami', namespace, name: 'who' });
  await seen(first, token, installed.body.id, 'event: end');
  const remove = `/deployments/${namespace}/who/remove`;
  const key = randomUUID();
  const removed = await ask(first, token, remove, { confirm: true }, key);
  expect(removed.status).toBe(202);
  await seen(first, token, removed.body.id, 'event: end');
  const again = await ask(second, token, remove, { confirm: true }, key);
  expect([again.status, again.body]).toEqual([
    202,
    expect.objectContaining({ id: removed.body.id, state: 'done' }),
  ]);
  const other = await ask(second, token, remove, { confirm: true });
  expect([other.status, other.body.code]).toEqual([404, 'INSTALLATION_NOT_FOUND']);
});

test('on this machine the link logs in, and what runs when the server is stopped is gone on with by a command', async () => {
  const namespace = await freshNamespace();
  const { run, address, link } = await serve(['--catalog', await slowCatalog(), '--grace', '1s']);
  const login = await fetch(link, { redirect: 'manual' });
  const cookie = (login.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const session = await (await fetch(`${address}/api/v1/session`, { headers: { cookie } })).json();
  expect(session).toMatchObject({ simulated: true, caller: { mode: 'kubeconfig' } });
  const headers = {
    cookie,
    'x-appstore-csrf': (session as { csrf: string }).csrf,
    'content-type': 'application/json',
  };
  const begun = await fetch(`${address}/api/v1/deploy`, {
    method: 'POST',
    headers: { ...headers, 'idempotency-key': randomUUID() },
    body: JSON.stringify({ app: 'slow/tiny', namespace }),
  });
  expect(begun.status).toBe(202);
  run.kill('SIGTERM');
  const { code, stderr } = await run.done;
  expect(code).toBe(0);
  expect(stderr).toContain('"result":"interrupted","id"');
  expect(stderr).not.toContain(cookie.split('=')[1]);
  const { items } = (await cliJson(['list', '-n', namespace])) as { items: unknown[] };
  expect(items).toMatchObject([{ name: 'tiny', state: 'installing' }]);
  expect(await cliJson(['upgrade', 'tiny', '--no-wait', '-n', namespace])).toMatchObject({ revision: 1 });
});

test('catalogs that were added and never read are read by a server for many, and the metrics tell it', async () => {
  const { url } = await webServer((request, response) => {
    if (request.url !== '/index.yaml') return void response.writeHead(404).end();
    response.end('entries:\n  web:\n  - {name: web, version: 1.0.0, urls: [web.tgz]}\n');
  });
  const config = await mkdtemp(join(inject('sandbox').home, 'config-'));
  await mkdir(join(config, 'appstore'));
  const catalogs = [{ name: 'team', kind: 'helm', location: url }];
  const text = JSON.stringify({ formatVersion: 1, catalogs });
  await writeFile(join(config, 'appstore', 'catalogs.json'), text);
  const flags = ['--auth', 'token', '--cluster', await clusterFlag(), '--metrics-port', '0'];
  const server = await serve(flags, {
    KUBECONFIG: undefined,
    XDG_CONFIG_HOME: config,
    XDG_CACHE_HOME: config,
  });
  await server.run.seen('"catalog":"team","apps":1,"versions":1');
  const metrics = await (await fetch(server.metrics)).text();
  expect(metrics).toContain('appstore_catalog_updates_total{catalog="team",outcome="read"} 1');
  const token = await tokenFor(await freshNamespace(), 'view');
  await until(async () => (await ask(server, token, '/apps?q=web')).body.items[0]?.catalog === 'team');
});
