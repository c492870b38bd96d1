import { spawn } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { sandboxContext } from '../../src/domain/sandbox.ts';
import { built } from '../support/cli.ts';
import { names } from '../support/contents.ts';
import { freshNamespace, testKubeconfig } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { setTrap } from '../support/trap.ts';

const root = resolve(import.meta.dirname, '../..');

/** Runs the demo for somebody whose kubeconfig names another cluster; answers how many connections went there. */
async function demo(argv: readonly string[], furtherKubeconfigs: readonly string[] = []) {
  await built(['version']);
  const home = await temporaryFolder();
  const trap = await setTrap(home);
  const child = spawn(process.execPath, [join(root, 'scripts/demo.ts'), '--built', ...argv], {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      XDG_CACHE_HOME: dirname(inject('sandbox').cache),
      KUBECONFIG: [trap.kubeconfig, ...furtherKubeconfigs].join(':'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill());
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  const code = await new Promise((ended) => child.once('close', ended));
  return { code, text, visits: await trap.close() };
}

const story = [
  'db (postgres 1.0.0) is installed in namespace',
  'whoami (whoami 1.0.0) is upgraded in namespace',
  'whoami is removed from namespace',
];

test('the demo runs in a sandbox of its own, whatever the kubeconfig of the user names', async () => {
  const { code, text, visits } = await demo([]);
  expect(code, text).toBe(0);
  for (const line of story) expect(text).toContain(line);
  expect(text).toContain('The sandbox is gone.');
  expect(visits).toBe(0);
}, 120_000);

test('with --context it reaches the cluster of that context alone', async () => {
  const namespace = await freshNamespace();
  const context = sandboxContext(inject('sandbox').name);
  const { code, text, visits } = await demo(
    ['--context', context, '--namespace', namespace],
    [testKubeconfig()],
  );
  expect(code, text).toBe(0);
  for (const line of story) expect(text).toContain(line);
  expect(text).toContain(`db is removed from namespace ${namespace}`);
  expect(text).not.toContain('sandbox: ready');
  expect(await names(namespace)).toEqual([]);
  expect(visits).toBe(0);
}, 120_000);

test('a context that is not there is no reason to take another one', async () => {
  const { code, text, visits } = await demo(['--context', 'nowhere']);
  expect(code).toBe(1);
  expect(text).toContain('no context "nowhere"');
  expect(visits).toBe(0);
});
