import { expect, test } from 'vitest';
import { cliJson, packageFolder, textFile } from '../support/cli.ts';
import { freshNamespace, kube } from '../support/sandbox.ts';
import { configMapResource, tinyApp, workloadResource } from '../support/tiny-app.ts';

const app = (version: string) =>
  tinyApp(
    [
      configMapResource('${name}', {
        ...{ file: '${values.file}', text: '${values.text}', list: "${values.list.join(',')}" },
        version,
      }),
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: '${name}' },
        stringData: { token: '${values.token}' },
      },
      workloadResource({}),
    ],
    {
      properties: {
        file: { type: 'string' },
        text: { type: 'string' },
        list: { type: 'array', items: { type: 'string' } },
        token: { type: 'string', format: 'password' },
      },
      required: ['token'],
    },
  );

const patches = `kind: Deployment
metadata: {name: my}
spec: {template: {metadata: {annotations: {merged: "yes"}}}}
---
target: {kind: ConfigMap, name: my}
json:
  - {op: add, path: /data/patched, value: "yes"}
`;

/** What the cluster has of everything that was given. */
async function found(namespace: string) {
  const [map, secret, deployment] = await Promise.all([
    kube('GET', `/api/v1/namespaces/${namespace}/configmaps/my`),
    kube('GET', `/api/v1/namespaces/${namespace}/secrets/my`),
    kube('GET', `/apis/apps/v1/namespaces/${namespace}/deployments/my`),
  ]);
  const { metadata, spec } = deployment.spec.template;
  return {
    data: map.data,
    token: Buffer.from(secret.data.token, 'base64').toString(),
    annotations: metadata.annotations,
    image: spec.containers[0].image,
    pullSecrets: spec.imagePullSecrets,
  };
}

test('values, secrets, patches and mirrors reach the cluster, and stay over an upgrade that gives none', async () => {
  const namespace = await freshNamespace();
  await kube('POST', `/api/v1/namespaces/${namespace}/secrets`, {
    metadata: { name: 'vault' },
    stringData: { key: 'kept-elsewhere' },
  });
  const first = await packageFolder(app('one'));
  const flags = [
    ...['-f', '-', '--set', 'list[1]=c', '--set-string', 'text=007'],
    ...['--set-file', `file=${await textFile('note', 'line one\nline two\n')}`],
    ...['--set-secret', 'token=secret/vault:key'],
    ...['--patch', await textFile('patches.yaml', patches)],
    ...['--image-registry', 'mirror.example.com', '--image-pull-secret', 'login'],
  ];
  await cliJson(['install', first, 'my', '-n', namespace, ...flags], { stdin: 'list: [a, b]\ntext: over\n' });
  const given = {
    data: { file: 'line one\nline two\n', text: '007', list: 'a,c', patched: 'yes' },
    token: 'kept-elsewhere',
    annotations: { merged: 'yes' },
    image: 'mirror.example.com/web:1',
    pullSecrets: [{ name: 'login' }],
  };
  expect(await found(namespace)).toEqual({ ...given, data: { ...given.data, version: 'one' } });
  const stored = await cliJson(['get', 'my', 'values', '-n', namespace]);
  expect(JSON.stringify(stored)).not.toContain('kept-elsewhere');

  await cliJson(['upgrade', 'my', await packageFolder(app('two')), '-n', namespace]);
  expect(await found(namespace)).toEqual({ ...given, data: { ...given.data, version: 'two' } });
});
