import { createHash } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { chartArchive } from '../support/chart.ts';
import { testCluster } from '../support/connect.ts';
import { person } from '../support/person.ts';
import { putPlatform } from '../support/platform.ts';
import { runPod } from '../support/pod.ts';
import { eventually, freshNamespace, kube } from '../support/sandbox.ts';
import { accountToken, bindInstaller } from '../support/service-account.ts';
import { webServer } from '../support/web-server.ts';

const template = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  greeting: {{ .Values.greeting | quote }}
`;

/** A Helm repository of one chart, on this machine. */
async function repository(): Promise<string> {
  const files = { 'values.yaml': 'greeting: hello\n', 'templates/map.yaml': template };
  const chart = chartArchive({ name: 'greeter', version: '1.0.0', files });
  const digest = createHash('sha256').update(chart).digest('hex');
  const { url } = await webServer((request, response) => {
    const entry = `{name: greeter, version: 1.0.0, urls: [greeter.tgz], digest: ${digest}}`;
    if (request.url === '/index.yaml') response.end(`apiVersion: v1\nentries:\n  greeter:\n  - ${entry}\n`);
    else if (request.url === '/greeter.tgz') response.end(chart);
    else response.writeHead(404).end();
  });
  return url;
}

test('what k8s/Containerfile copies is enough: a page, the catalogs, apps and charts, from a tree that nobody may write to', async () => {
  const cluster = await testCluster();
  onTestFinished(() => cluster.close());
  const namespace = await freshNamespace();
  const url = await repository();
  await putPlatform(cluster, namespace, {
    base: 'base',
    components: ['catalogs'],
    catalogs: { formatVersion: 1, catalogs: [{ name: 'team', kind: 'helm', location: url }] },
    settings: ['PUBLIC_URL=http://localhost:8080'],
  });
  const pod = await runPod(namespace, 'appstore');
  await expect(access(join(pod.image, 'node_modules'), constants.F_OK)).rejects.toThrow('ENOENT');

  await kube('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'person' } });
  await bindInstaller(namespace, { kind: 'User', name: `system:serviceaccount:${namespace}:person` });
  const token = await accountToken(namespace, 'person');
  // By the name under which it is reached, as a port-forward leads there.
  const origin = 'http://localhost:8080';
  const { send } = person(new Map([[new URL(origin).host, pod.address]]));
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': crypto.randomUUID() };
  const ask = (path: string, body?: object) =>
    body === undefined
      ? send(`${origin}${path}`, { headers })
      : send(`${origin}${path}`, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
  expect((await ask('/')).text).toContain('<script');
  expect((await ask('/api/v1/session')).json().caller.name).toBe(`system:serviceaccount:${namespace}:person`);
  const apps = (await ask('/api/v1/apps?limit=1000')).json().items as { catalog: string; name: string }[];
  const found = apps.map(({ catalog, name }) => `${catalog}/${name}`);
  expect(found).toEqual(expect.arrayContaining(['builtin/postgres', 'builtin/appstore', 'team/greeter']));
  expect((await ask('/api/v1/apps/builtin/postgres/icon')).text).toContain('<svg');

  for (const app of ['builtin/whoami', 'team/greeter']) {
    const begun = await ask('/api/v1/deploy', { app, namespace });
    expect([app, begun.status, begun.text]).toEqual([app, 202, expect.any(String)]);
    const location = String(begun.headers.location);
    await eventually(async () => (await ask(location)).json().state !== 'running');
    expect((await ask(location)).json()).toMatchObject({ state: 'done' });
  }
  const { data } = await kube('GET', `/api/v1/namespaces/${namespace}/configmaps/greeter`);
  expect(data).toEqual({ greeting: 'hello' });

  pod.kill('SIGTERM');
  const { code, stderr } = await pod.done;
  expect(code).toBe(0);
  expect(stderr).not.toContain('EACCES');
  expect(stderr).not.toContain('EROFS');
});
