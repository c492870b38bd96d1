import { spawn } from 'node:child_process';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, type TestContext, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { built, errorIn } from '../support/cli.ts';
import { kubeconfigFor } from '../support/kubeconfig.ts';
import { testTerminal } from '../support/terminal.ts';

/** Of the test itself: beside others, the one that is imported may belong to any of them. */
type Cleanup = TestContext['onTestFinished'];

/** Takes connections and never says a word, so that no TLS handshake ends. */
async function mute(onTestFinished: Cleanup): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** Listens, and then sleeps for good: once its short queue is full, the kernel drops every further SYN. */
const sleeper = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    process.stdout.write(server.address().port + '\\n', () =>
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });`;

async function unreachable(onTestFinished: Cleanup): Promise<number> {
  const child = spawn(process.execPath, ['-e', sleeper], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const port = await new Promise<number>((told) => child.stdout.once('data', (text) => told(Number(text))));
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    const taken = new Promise<boolean>((done) => socket.once('connect', () => done(true)));
    if (!(await Promise.race([taken, sleep(500, false)]))) return port;
  }
}

describe('a server that does not answer ends the command in time', { concurrent: true }, () => {
  const rows = [
    ['takes connections and is silent', mute],
    ['drops every packet', unreachable],
  ] as const;
  test.for(rows)('%s', async ([, listen], { expect, onTestFinished }) => {
    const server = `https://127.0.0.1:${await listen(onTestFinished)}`;
    const kubeconfig = await kubeconfigFor(server);
    const { code, stdout, stderr } = await built([
      ...['install', 'whoami', '--kubeconfig', kubeconfig],
      ...['-o', 'json'],
    ]);
    expect([code, stdout]).toEqual([1, '']);
    const error = errorIn(stderr);
    expect(error).toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: `${server}: no answer in time (ETIMEDOUT)`,
      hint: expect.stringContaining('Check the address'),
    });
    expect(stderr.slice(0, stderr.search(/^\{$/m))).toBe('Looking for the app...\n');
    expect(stderr).not.toContain('secret-token-1');
  });

  test('a terminal shows meanwhile that it goes on', async ({ expect, onTestFinished }) => {
    const kubeconfig = await kubeconfigFor(`https://127.0.0.1:${await mute(onTestFinished)}`);
    const terminal = testTerminal({ env: { HOME: '/nonexistent', TERM: 'xterm' } });
    // What stood there last before the error
    let shown = '';
    const watching = setInterval(() => {
      const text = terminal.stderr();
      if (!text.includes('Error')) shown = text;
    }, 50);
    const code = await run(['list', '--kubeconfig', kubeconfig], terminal.io);
    clearInterval(watching);
    expect(code).toBe(1);
    expect(shown).toContain('Listing');
    expect(terminal.stderr()).toContain('[CLUSTER_UNREACHABLE]');
  });
});
