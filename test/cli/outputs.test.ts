import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import {
  built,
  type CliResult,
  cli,
  cliError,
  cliJson,
  errorIn,
  packageFolder,
  startBuilt,
} from '../support/cli.ts';
import { written } from '../support/contents.ts';
import { freshNamespace, kube, testKubeconfig, userKubeconfig } from '../support/sandbox.ts';
import { configMapResource, tinyApp, workloadResource } from '../support/tiny-app.ts';

/** A package that is ready at once, unless its pods are told to behave otherwise. */
const tiny = (behaviour?: string) =>
  tinyApp([
    configMapResource('${name}-config'),
    workloadResource(behaviour === undefined ? {} : { behaviour }),
  ]);

describe('exit codes', { concurrent: true }, () => {
  const rows: readonly [number, string, (namespace: string) => Promise<CliResult>][] = [
    [0, 'done', (namespace) => cli(['install', 'whoami', '-n', namespace])],
    [
      1,
      'failed',
      async (namespace) => {
        const port = {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'x' },
          spec: { ports: [{ port: 0 }] },
        };
        return cli(['install', await packageFolder(tinyApp([port])), '-n', namespace]);
      },
    ],
    [2, 'bad usage', (namespace) => cli(['install', '-n', namespace])],
    [2, 'bad input', (namespace) => cli(['install', 'whoami', '--set', 'nope=1', '-n', namespace])],
    [
      3,
      'changes pending',
      (namespace) => cli(['install', 'whoami', '--dry-run', '--exit-code', '-n', namespace]),
    ],
    [4, 'not found', (namespace) => cli(['status', 'nothing', '-n', namespace])],
    [
      5,
      'conflict',
      async (namespace) => {
        await cliJson(['install', 'whoami', '-n', namespace]);
        return cli(['install', 'whoami', '-n', namespace]);
      },
    ],
    [
      6,
      'timed out',
      async (namespace) =>
        cli(['install', await packageFolder(tiny('never-ready')), '-n', namespace, '--timeout', '2s']),
    ],
    [
      7,
      'not allowed',
      async (namespace) =>
        cli(['install', 'whoami', '--kubeconfig', await userKubeconfig({ user: 'stranger', namespace })]),
    ],
    [
      130,
      'interrupted',
      (namespace) => cli(['install', 'whoami', '-n', namespace], { signal: AbortSignal.abort() }),
    ],
  ];
  test.for(rows)('%i: %s', async ([code, , act], { expect }) => {
    const result = await act(await freshNamespace());
    expect(result.code, result.stderr).toBe(code);
  });

  test('without changes, --exit-code answers 0', async ({ expect }) => {
    const namespace = await freshNamespace();
    await cliJson(['install', 'whoami', '-n', namespace]);
    const same = await cli(['upgrade', 'whoami', '--dry-run', '--exit-code', '-n', namespace]);
    const other = await cli([
      ...['upgrade', 'whoami', '--set', 'replicas=2'],
      ...['--dry-run', '--exit-code', '-n', namespace],
    ]);
    expect([same.code, other.code]).toEqual([0, 3]);
  });
});

test('--exit-code is 3 where something would change, and 0 where nothing would, for every command that only looks', async () => {
  const namespace = await freshNamespace();
  const code = async (...argv: readonly string[]) =>
    (await cli([...argv, '--exit-code', '-n', namespace])).code;
  expect(await code('plan', 'whoami')).toBe(3);
  expect(await code('install', 'whoami', '--dry-run')).toBe(3);
  await cliJson(['install', 'whoami', '-n', namespace]);
  const looks = [
    ['plan', 'whoami'],
    ['upgrade', 'whoami', '--dry-run'],
    ['rollback', 'whoami', '1', '--dry-run'],
    ['drift', 'whoami'],
    ['drift', 'whoami', '--repair', '--dry-run'],
  ];
  const codes = async () => Promise.all(looks.map((argv) => code(...argv)));
  expect(await codes()).toEqual([0, 0, 0, 0, 0]);
  await kube('DELETE', `/api/v1/namespaces/${namespace}/services/whoami`);
  expect(await codes()).toEqual([3, 3, 3, 3, 3]);
  expect(await code('remove', 'whoami', '--dry-run')).toBe(3);
  // Without the flag, changes are no failure.
  expect((await cli(['drift', 'whoami', '-n', namespace])).code).toBe(0);
});

describe('stdout', () => {
  test('carries JSON alone; progress, plan and notice of simulation stand on stderr', async () => {
    const namespace = await freshNamespace();
    const result = await cli(['install', 'whoami', '-o', 'json', '-n', namespace]);
    expect(JSON.parse(result.stdout)).toMatchObject({
      apiVersion: 'appstore.dev/v1',
      kind: 'Change',
      notice: 'simulated nodes: no container runs',
    });
    expect(result.stderr).toContain(`+ Deployment/${namespace}/whoami`);
    expect(result.stderr).toContain('simulated nodes: no container runs');
    for (const argv of [['list'], ['status', 'whoami'], ['history', 'whoami'], ['get', 'whoami', 'values']])
      expect(await cliJson([...argv, '-n', namespace])).toMatchObject({ apiVersion: 'appstore.dev/v1' });
  });

  test('is empty after a failure; the error on stderr is JSON where JSON was asked for', async () => {
    const failed = await cli(['show', 'whoamy', '-o', 'json']);
    expect([failed.code, failed.stdout]).toEqual([4, '']);
    expect(errorIn(failed.stderr)).toMatchObject({ code: 'APP_NOT_FOUND', category: 'not-found' });
  });

  test('--quiet leaves the result alone', async () => {
    const namespace = await freshNamespace();
    const result = await cli(['install', 'whoami', '-q', '-o', 'name', '-n', namespace]);
    expect(result).toEqual({ code: 0, stdout: 'whoami\n', stderr: '' });
  });

  test('is coloured on a terminal or where it is asked for, and not with NO_COLOR', async () => {
    const namespace = await freshNamespace();
    await cliJson(['install', 'whoami', '-n', namespace]);
    const list = ['list', '-n', namespace];
    const colour = '\u001b[';
    expect((await cli([...list, '--color', 'always'])).stdout).toContain(colour);
    expect((await cli(list)).stdout).not.toContain(colour);
    expect((await cli(list, { terminal: true })).stdout).toContain(colour);
    expect((await cli(list, { terminal: true, env: { NO_COLOR: '1' } })).stdout).not.toContain(colour);
  });
});

test('no secret stands in any output but that of `credentials`', async () => {
  const namespace = await freshNamespace();
  const given = 'Correct-horse.Battery_staple~1';
  const set = ['--set-string', `superuserPassword=${given}`];
  const outputs: CliResult[] = [];
  const act = async (...argv: string[]) => {
    const result = await cli([...argv, '-n', namespace]);
    expect(result.code, result.stderr).toBe(0);
    outputs.push(result);
  };
  await act('install', 'postgres', 'db', '--dry-run', '-v', ...set);
  await act('install', 'postgres', 'db', '-v', ...set);
  for (const form of ['table', 'json', 'yaml']) {
    await act('status', 'db', '-o', form);
    await act('upgrade', 'db', '--dry-run', '-v', '-o', form, '--set', 'database=other');
    for (const part of ['values', 'manifest', 'notes', 'outputs']) await act('get', 'db', part, '-o', form);
  }
  await act('upgrade', 'db', '-v', '-o', 'json', '--set-string', 'password=Another.fine-password_2');
  await act('credentials', 'db');

  const credentials = await cli(['credentials', 'db', 'password', '-n', namespace]);
  expect(credentials.code).toBe(0);
  expect(credentials.stdout.length).toBeGreaterThan(11);
  const secrets = [given, credentials.stdout, 'Another.fine-password_2'];
  const forms = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('base64')]);
  const text = outputs.map(({ stdout, stderr }) => `${stdout}\n${stderr}`).join('\n');
  for (const form of forms) expect(text.includes(form), 'a secret was shown').toBe(false);
});

describe('without a terminal', () => {
  test('nothing is asked: every missing value is listed at once', async () => {
    const namespace = await freshNamespace();
    const required: JsonObject = {
      properties: {
        host: { type: 'string', title: 'Host name' },
        token: { type: 'string', format: 'password' },
        size: { type: 'integer', default: 1 },
      },
      required: ['host', 'token'],
    };
    const folder = await packageFolder(tinyApp([configMapResource('${name}')], required));
    const { exit, error } = await cliError(['install', folder, '-n', namespace]);
    expect([exit, error.code]).toEqual([2, 'VALUES_MISSING']);
    expect(error.problems.map(({ at }) => at).sort()).toEqual(['host', 'token']);
    expect(error.hint).toContain('--set');
    expect(await written(namespace)).toEqual({});
  });

  test('what destroys needs --yes, and writes nothing without', async () => {
    const namespace = await freshNamespace();
    await cliJson(['install', 'whoami', '-n', namespace]);
    const before = await written(namespace);
    for (const flags of [[], ['--purge-data'], ['--no-input']]) {
      const { exit, error } = await cliError(['remove', 'whoami', ...flags, '-n', namespace]);
      expect([exit, error.code]).toEqual([2, 'CONFIRMATION_NEEDED']);
      expect(error.hint).toContain('--yes');
    }
    expect((await cli(['remove', 'whoami', '--dry-run', '-n', namespace])).code).toBe(0);
    expect(await written(namespace)).toEqual(before);
  });
});

test('an interrupted command names the cluster that it was told, and writes nothing more', async () => {
  const namespace = await freshNamespace();
  const argv = ['install', 'whoami', 'my', '-n', namespace, '--kubeconfig', testKubeconfig()];
  const { exit, error } = await cliError(argv, { signal: AbortSignal.abort() });
  expect([exit, error.code]).toEqual([130, 'INTERRUPTED']);
  expect(error.hint).toContain(`appstore ${argv.join(' ')}`);
  expect(await written(namespace)).toEqual({});
});

describe('the built file', () => {
  test('answers as the program in process does', async () => {
    const result = await built(['version', '-o', 'json']);
    expect([result.code, result.stderr]).toEqual([0, '']);
    expect(JSON.parse(result.stdout)).toMatchObject({ kind: 'Version' });
    expect((await built(['show', 'whoamy'])).code).toBe(4);
  });

  test('Ctrl-C while waiting: exit 130, what to run next, and running that goes on', async () => {
    const namespace = await freshNamespace();
    const folder = await packageFolder(tiny('never-ready'));
    const install = ['install', folder, 'my', '-n', namespace];
    const run = await startBuilt(install);
    await run.seen(`Deployment/${namespace}/my`);
    await run.seen('Waiting until everything is ready');
    run.kill('SIGINT');
    const stopped = await run.done;
    expect([stopped.code, stopped.stdout]).toEqual([130, '']);
    expect(stopped.stderr).toContain('[INTERRUPTED]');
    expect(stopped.stderr).toContain(`appstore ${install.join(' ')}`);
    expect(await cliJson(['list', '-n', namespace])).not.toMatchObject({ items: [{ state: 'deployed' }] });

    await writeFile(join(folder, 'app.yaml'), tiny());
    const again = await built([...install, '-o', 'json']);
    expect(again.code, again.stderr).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'changed', waited: true });
    expect(await cliJson(['list', '-n', namespace])).toMatchObject({
      items: [{ name: 'my', state: 'deployed' }],
    });
  });
});
