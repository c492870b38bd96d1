import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/server/callers/caller.ts';
import { realClock } from '../support/change-harness.ts';
import { type ServerHarness, serverHarness } from '../support/server.ts';

const ann: Caller = {
  ...{ mode: 'token', name: 'ann', groups: [], key: 'ann' },
  credential: { kind: 'token', token: async () => 'ann' },
};
/** The same bounds as usual, only sooner. */
const patience = { headers: 300, request: 600, silence: 1000, look: 50 };
const forEver = 60 * 60_000;

let server: ServerHarness | undefined;
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await server?.stop();
  server = undefined;
});

async function listening(bounds: Partial<typeof patience> = {}) {
  const one = await serverHarness({ settings: { patience: { ...patience, ...bounds } } });
  server = one;
  await one.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = one.app.server.address() as { port: number };
  return { one, port };
}

function client(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  sockets.add(socket);
  return socket;
}

/** What is answered until the server ends the line, to somebody who sends `text` and from then on a byte every 20 ms. */
async function trickled(port: number, text: string): Promise<string> {
  const socket = client(port);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(text);
  const drip = setInterval(() => socket.write('x'), 20);
  await closed;
  clearInterval(drip);
  return answer;
}

async function connections({ app }: ServerHarness): Promise<number> {
  return new Promise((resolve, reject) =>
    app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}

async function until(reached: () => Promise<boolean>): Promise<void> {
  while (!(await reached())) await realClock.sleep(20);
}

it('whoever leaves while the cluster is asked is no failure of the server', async () => {
  const one = await serverHarness({ settings: { logLevel: 'debug' } });
  server = one;
  const asked = Promise.withResolvers<void>();
  one.app.get('/slow', { config: { public: true } }, ({ signal }) => {
    asked.resolve();
    return new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason)));
  });
  await one.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = one.app.server.address() as { port: number };
  const socket = client(port);
  socket.write('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n');
  await asked.promise;
  socket.destroy();
  await expect.poll(() => one.log.map(({ msg }) => msg)).toContain('the caller went away');
  expect(one.log.filter(({ level }) => Number(level) >= 40)).toEqual([]);
});

describe('who is slow', () => {
  it('with headers is let go of, however many there are, and others are served meanwhile', async () => {
    const { port } = await listening();
    const slow = Array.from({ length: 50 }, () =>
      trickled(port, 'GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: '),
    );
    const ok = await fetch(`http://127.0.0.1:${port}/healthz`);
    expect(ok.status).toBe(200);
    for (const answer of await Promise.all(slow)) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('with a body is let go of, and nothing of it is done', async () => {
    const { one, port } = await listening();
    const head = [
      'POST /api/v1/deploy HTTP/1.1',
      'host: x',
      'x-test-caller: ann',
      'idempotency-key: 0123456789abcdef',
      'content-type: application/json',
      'content-length: 100000',
    ];
    const answer = await trickled(port, `${head.join('\r\n')}\r\n\r\n{"app":"`);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d |^$/);
    expect(one.log.filter(({ audit, result }) => audit && result === 'begun')).toEqual([]);
    await until(async () => (await connections(one)) === 0);
  });

  it('to read is let go of', async () => {
    const { one, port } = await listening();
    const come = once(one.app.server, 'connection');
    const socket = client(port);
    socket.pause();
    socket.write('GET /api/v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(500));
    await come;
    await until(async () => (await connections(one)) === 0);
  });

  it('to read events is let go of when too much waits for them, and the operation goes on', async () => {
    const { one, port } = await listening({ silence: forEver });
    const go = Promise.withResolvers<void>();
    let told = 0;
    const begun = await one.services.operations.begin({
      ...{ caller: ann, cluster: 'main', namespace: 'team', name: 'web', operation: 'repair' },
      requestId: 'of-the-test',
      run: async ({ emit }) => {
        emit({ type: 'step', step: 'apply', state: 'started' });
        await go.promise;
        // Until nobody listens any more: what lies between here and there holds some megabytes by itself.
        for (; told < 1000 && (await connections(one)) > 0; told++) {
          emit({ type: 'warning', problem: { message: 'x'.repeat(100_000) } });
          await nextTurn();
        }
        return {};
      },
    });
    const socket = client(port);
    socket.pause();
    const path = `/api/v1/operations/${begun.operation?.id}/events`;
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nx-test-caller: ann\r\n\r\n`);
    await until(async () => (await connections(one)) === 1);
    go.resolve();
    await begun.operation?.ended;
    expect(begun.operation?.facts()).toMatchObject({ state: 'done' });
    // 4 MiB wait in the server and no more; the rest lies in the buffers of the machine.
    expect([await connections(one), told < 1000]).toEqual([0, true]);
  });
});
