import { expect, test } from 'vitest';
import { cli, cliJson, packageFolder, textFile } from '../support/cli.ts';
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
  expect(stored).toMatchObject({
    patches: [
      { target: { kind: 'Deployment', name: 'my' } },
      {
        target: { kind: 'ConfigMap', name: 'my' },
        json: [{ op: 'add', path: '/data/patched', value: 'yes' }],
      },
    ],
    imageRegistry: 'mirror.example.com',
    imagePullSecrets: ['login'],
  });
  const { stdout } = await cli(['get', 'my', 'values', '-n', namespace]);
  expect(stdout).toContain('# patch of ConfigMap/my: [{"op":"add","path":"/data/patched","value":"yes"}]\n');
  expect(stdout).toContain('# images come from mirror.example.com\n# images are pulled with secret/login\n');

  await cliJson(['upgrade', 'my', await packageFolder(app('two')), '-n', namespace]);
  expect(await found(namespace)).toEqual({ ...given, data: { ...given.data, version: 'two' } });

  await cliJson(['upgrade', 'my', await packageFolder(app('two')), '-n', namespace, '--reset-patches']);
  const { patched: _, ...unpatched } = given.data;
  expect(await found(namespace)).toEqual({
    ...given,
    annotations: undefined,
    data: { ...unpatched, version: 'two' },
  });
});

test('an install that goes on after a failure says what it keeps of what was given, and can forget it', async () => {
  const namespace = await freshNamespace();
  const folder = await packageFolder(
    tinyApp([configMapResource('${name}', { own: '${values.own}' }), workloadResource({})], {
      properties: { own: { type: 'string', default: 'x' } },
    }),
  );
  const nowhere = await textFile(
    'nowhere.yaml',
    'kind: Deployment\nmetadata: {name: my}\nspec: {template: {spec: {nodeSelector: {no: where}}}}\n',
  );
  const install = (...flags: string[]) => cli(['install', folder, 'my', '-n', namespace, '--yes', ...flags]);
  expect((await install('--set', 'own=mine', '--patch', nowhere, '--timeout', '4s')).code).toBe(6);
  const plan = ['install', folder, 'my', '-n', namespace, '--dry-run'];
  const kept = { message: 'what was given to the install before stays: own, its patches' };
  expect(await cliJson(plan)).toMatchObject({ plan: { warnings: [kept] } });
  expect(await cliJson([...plan, '--set', 'own=other', '--reset-patches'])).toMatchObject({
    plan: { warnings: [] },
  });
  expect((await install('--reset-values')).code).toBe(0);
  expect((await kube('GET', `/api/v1/namespaces/${namespace}/configmaps/my`)).data).toEqual({ own: 'x' });
});

test('only what was given is stored: defaults come anew with each version', async () => {
  const namespace = await freshNamespace();
  const versioned = (level: string) =>
    packageFolder(
      tinyApp([configMapResource('${name}', { own: '${values.own}', level: '${values.level}' })], {
        properties: { own: { type: 'string', default: 'x' }, level: { type: 'string', default: level } },
      }),
    );
  const data = async () => (await kube('GET', `/api/v1/namespaces/${namespace}/configmaps/my`)).data;
  await cliJson(['install', await versioned('low'), 'my', '-n', namespace, '--set', 'own=mine']);
  expect(await data()).toEqual({ own: 'mine', level: 'low' });
  await cliJson(['upgrade', 'my', await versioned('high'), '-n', namespace]);
  expect(await data()).toEqual({ own: 'mine', level: 'high' });
  const stored = (await cliJson(['get', 'my', 'values', '-n', namespace])) as { values: unknown };
  expect(stored.values).toEqual({ own: 'mine' });
  await cliJson(['upgrade', 'my', await versioned('high'), '-n', namespace, '--reset-values']);
  expect(await data()).toEqual({ own: 'x', level: 'high' });
});

test('ten revisions are kept unless told otherwise, and nothing of those that went', async () => {
  const namespace = await freshNamespace();
  const folder = await packageFolder(
    tinyApp([configMapResource('${name}', { n: '${string(values.n)}' })], {
      properties: { n: { type: 'integer', default: 0 } },
    }),
  );
  await cliJson(['install', folder, 'my', '-n', namespace]);
  const upgrade = (n: number, ...flags: string[]) =>
    cliJson(['upgrade', 'my', folder, '-n', namespace, '--set', `n=${n}`, ...flags]);
  for (let n = 1; n <= 11; n++) await upgrade(n);
  const numbers = async () => {
    const { items } = (await cliJson(['history', 'my', '-n', namespace])) as { items: { number: number }[] };
    return items.map(({ number }) => number);
  };
  expect(await numbers()).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
  await upgrade(12, '--keep', '2');
  expect(await numbers()).toEqual([13, 12]);
  const secrets = `/api/v1/namespaces/${namespace}/secrets?labelSelector=appstore.dev%2Frecord%3Drevision`;
  expect((await kube('GET', secrets)).items).toHaveLength(2);
});
