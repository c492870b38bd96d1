import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { freePort } from '../../src/adapters/sandbox/ports.ts';
import { SANDBOX_NOTICE } from '../../src/domain/sandbox.ts';
import { built, cli, cliJson, startBuilt } from '../support/cli.ts';
import { freshNamespace, testKubeconfig } from '../support/sandbox.ts';

const noCluster = { env: { KUBECONFIG: undefined } };

describe('without any cluster, as the built file', { concurrent: true }, () => {
  const rows: readonly [string, readonly string[], (stdout: string) => void][] = [
    [
      'search',
      ['search', 'database', '-o', 'name'],
      (text) => expect(text.split('\n')).toContain('builtin/postgres'),
    ],
    ['show', ['show', 'whoami'], (text) => expect(text).toContain('Needs:        Kubernetes >=1.29')],
    [
      'show -o json',
      ['show', 'whoami@^1', '-o', 'json'],
      (text) => expect(JSON.parse(text).kind).toBe('App'),
    ],
    ['values', ['values', 'whoami'], (text) => expect(text).toContain('# Replicas\n')],
    [
      'values --schema',
      ['values', 'whoami', '--schema'],
      (text) => expect(JSON.parse(text).properties.replicas.type).toBe('integer'),
    ],
    [
      'values --schema -o yaml',
      ['values', 'whoami', '--schema', '-o', 'yaml'],
      (text) => expect(parse(text).properties.replicas.type).toBe('integer'),
    ],
    [
      'template',
      ['template', 'whoami', 'hello', '-n', 'web', '--set', 'replicas=2'],
      (text) => {
        const objects = parseAllDocuments(text).map((document) => document.toJS());
        expect(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
          'Service/hello',
          'Deployment/hello',
        ]);
        expect(objects[1].spec.replicas).toBe(2);
      },
    ],
    [
      'images',
      ['images', 'whoami', '--image-registry', 'mirror.example.com', '-o', 'name'],
      (text) => expect(text).toContain('mirror.example.com/traefik/whoami:'),
    ],
    ['completion', ['completion', 'fish'], (text) => expect(text).toContain('complete -c appstore')],
  ];
  test.for(rows)('%s', async ([, argv, look]) => {
    const { code, stdout, stderr } = await built(argv, noCluster);
    expect(code, stderr).toBe(0);
    look(stdout);
  });
});

test('one app several times, under several names and in several namespaces', async () => {
  const [one, other] = [await freshNamespace(), await freshNamespace()];
  await cliJson(['install', 'whoami', '-n', one]);
  await cliJson(['install', 'whoami', 'second', '-n', one]);
  await cliJson(['install', 'whoami', '-n', other, '--set', 'replicas=2']);
  const { items } = (await cliJson(['list', '-n', one])) as { items: readonly { name: string }[] };
  expect(items.map(({ name }) => name).sort()).toEqual(['second', 'whoami']);
  await cliJson(['remove', 'whoami', '-n', one, '--yes']);
  for (const [name, namespace] of [
    ['second', one],
    ['whoami', other],
  ] as const)
    expect(await cliJson(['status', name, '-n', namespace])).toMatchObject({ health: 'healthy' });
});

test('a list in every form: one value, five views', async () => {
  const namespace = await freshNamespace();
  await cliJson(['install', 'whoami', 'my', '-n', namespace]);
  const list = async (form: string) => (await cli(['list', '-n', namespace, '-o', form])).stdout;
  const json = JSON.parse(await list('json'));
  expect(json.items).toMatchObject([{ name: 'my', app: 'whoami', state: 'deployed' }]);
  expect(parse(await list('yaml'))).toEqual(json);
  expect(await list('name')).toBe('my\n');
  const [head = '', row = '', ...rest] = (await list('table')).trimEnd().split('\n');
  expect([head.trimEnd().split(/\s+/)[0], row.split(/\s+/)[0], rest]).toEqual(['NAME', 'my', []]);
  const [wide = ''] = (await list('wide')).split('\n');
  expect(wide.split(/\s{2,}/).length).toBeGreaterThan(head.split(/\s{2,}/).length);
});

describe('open', () => {
  test('answers the address of the Ingress', async () => {
    const namespace = await freshNamespace();
    const host = 'hello.example.com';
    await cliJson([
      ...['install', 'whoami', '-n', namespace],
      ...['--set', 'ingress.enabled=true', '--set', `ingress.host=${host}`],
    ]);
    expect(await cli(['open', 'whoami', '-n', namespace])).toMatchObject({
      code: 0,
      stdout: `http://${host}\n`,
    });
  });

  test('forwards a port without an Ingress, until Ctrl-C', async () => {
    const namespace = await freshNamespace();
    await cliJson(['install', 'whoami', '-n', namespace]);
    const port = await freePort();
    const open = await startBuilt([
      ...['open', 'whoami', '-n', namespace],
      ...['--port', String(port), '--no-browser', '-o', 'json'],
    ]);
    await open.seen('Forwarding until Ctrl-C.');
    const page = await fetch(`http://127.0.0.1:${port}/`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining(SANDBOX_NOTICE)]);
    open.kill('SIGINT');
    const { code, stdout } = await open.done;
    expect(code).toBe(0);
    expect(JSON.parse(stdout).url).toBe(`http://127.0.0.1:${port}/`);
  });
});

test('several files of KUBECONFIG: one that is missing is passed over for the next', async () => {
  const namespace = await freshNamespace();
  const several = { env: { KUBECONFIG: `/nonexistent/config:${testKubeconfig()}` } };
  expect(await cliJson(['list', '-n', namespace], several)).toMatchObject({ items: [] });
});
