import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { testTerminal } from '../support/terminal.ts';

const cluster = (ca: string) => ['--auth', 'token', '--cluster', `a=https://127.0.0.1:1,ca=${ca}`];

test.each([
  [cluster('nofile'), 'the certificate authority of cluster `a` cannot be read'],
  [['--public-url', 'notaurl'], '`--public-url notaurl` is not the address of a server'],
  [['--auth', 'token', '--public-url', 'notaurl'], '`--public-url notaurl` is not the address of a server'],
])('serve %j is refused before it listens', async (flags, message) => {
  const cwd = await temporaryFolder();
  const terminal = testTerminal({ tty: false, env: { HOME: cwd, KUBECONFIG: join(cwd, 'none') } });
  const argv = ['serve', '--port', '0', ...flags];
  expect(await run(argv, { ...terminal.io, cwd })).toBe(2);
  expect(terminal.stderr()).toContain(message);
});
