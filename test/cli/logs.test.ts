import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { Cli } from '../../src/cli/cli.ts';
import { logReader } from '../../src/cli/views/logs.ts';
import { cli, cliError, cliJson, packageFolder } from '../support/cli.ts';
import { eventually, freshNamespace } from '../support/sandbox.ts';
import { tinyApp, workloadResource } from '../support/tiny-app.ts';

async function installed(replicas: number): Promise<string[]> {
  const namespace = await freshNamespace();
  const folder = await packageFolder(tinyApp([workloadResource({ replicas })]));
  await cliJson(['install', folder, 'web', '-n', namespace]);
  return ['-n', namespace];
}

test('logs: of one pod as they are, of several behind pod and container, the tail alone', async () => {
  const at = await installed(2);
  const all = await cli(['logs', 'web', ...at, '--tail', '2']);
  expect(all.code).toBe(0);
  const lines = all.stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  for (const line of lines) expect(line).toMatch(/^web-[a-z0-9]+-[a-z0-9]{5}\/web \S/);
  const pod = lines[0]?.split('/')[0] ?? '';
  const one = await cli(['logs', 'web', `pod/${pod}`, ...at, '--tail', '1']);
  expect(one.stdout).toBe(`${lines[1]?.slice(`${pod}/web `.length)}\n`);
  const json = await cli(['logs', 'web', `Pod/${pod}`, ...at, '--tail', '1', '-o', 'json']);
  expect(JSON.parse(json.stdout)).toEqual({
    namespace: at[1],
    pod,
    container: 'web',
    text: one.stdout.trimEnd(),
  });
  const { exit, error } = await cliError(['logs', 'web', 'Pod/other', ...at]);
  expect([exit, error.code]).toEqual([4, 'OBJECT_NOT_FOUND']);
  expect(error.message).toContain('Deployment/web');
});

test('logs --follow goes on until Ctrl-C; with --previous it is refused', async () => {
  const at = await installed(1);
  const stop = new AbortController();
  const run = cli(['logs', 'web', ...at, '-f', '--tail', '1'], { signal: stop.signal });
  const ended = await Promise.race([run, new Promise((later) => setTimeout(later, 3000, 'follows'))]);
  expect(ended).toBe('follows');
  stop.abort();
  const { code, stdout } = await run;
  expect([code, stdout.trimEnd().split('\n').length]).toEqual([0, 1]);
  expect((await cliError(['logs', 'web', ...at, '-f', '--previous'])).error.code).toBe('USAGE');
});

test('events: of the objects and what is beneath them, newest last, for people and programs', async () => {
  const at = await installed(1);
  interface Events {
    readonly items: readonly { readonly ref: { readonly kind: string }; readonly at: string }[];
  }
  let found: Events = { items: [] };
  await eventually(async () => {
    found = (await cliJson(['events', 'web', ...at])) as Events;
    return new Set(found.items.map(({ ref }) => ref.kind)).size === 3;
  });
  expect([...new Set(found.items.map(({ ref }) => ref.kind))].sort()).toEqual([
    'Deployment',
    'Pod',
    'ReplicaSet',
  ]);
  const times = found.items.map(({ at }) => Date.parse(at));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  const { stdout } = await cli(['events', 'web', ...at]);
  expect(stdout).toMatch(/^AGE +TYPE +OBJECT +REASON +MESSAGE\n/);
  expect(stdout).toContain('ScalingReplicaSet');
});

test('a log writes no control sequences to a terminal, and passes through a pipe as it is', async () => {
  const written = async (isTTY: boolean) => {
    const stdout = Object.assign(new PassThrough(), { isTTY, columns: 80 });
    const options = { color: 'never' } as const;
    const cli = { io: { stdout, stderr: stdout, env: {} }, options } as unknown as Cli;
    const reader = await logReader(cli, { namespace: 'n', name: 'web' });
    const line = { namespace: 'n', pod: 'p', container: 'c', text: '\u001b[2J\u001b]0;title\u0007red' };
    reader.line(line, true);
    return String(stdout.read());
  };
  expect(await written(true)).toBe('p/c red\n');
  expect(await written(false)).toContain('\u001b[2J');
});
