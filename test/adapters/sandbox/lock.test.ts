import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { withLock } from '../../../src/adapters/sandbox/lock.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const holder = resolve(import.meta.dirname, '../../support/lock-holder.ts');
const never = new AbortController().signal;
const silent = { signal: never, onWait: () => undefined };

test('a waiter is told who holds the lock, and gets it when the holder is killed', async () => {
  const folder = await temporaryFolder();
  const child = spawn(process.execPath, [holder, folder, 'x'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const waits: (number | undefined)[] = [];
  const onWait = (pid: number | undefined) => {
    waits.push(pid);
    child.kill('SIGKILL');
  };
  expect(await withLock(folder, 'x', { signal: never, onWait }, async () => 'mine')).toBe('mine');
  expect(waits[0]).toBe(child.pid);
});

test('two of one process exclude each other too, and an error gives the lock back', async () => {
  const folder = await temporaryFolder();
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(`${name} in`);
    await new Promise((later) => setTimeout(later, 20));
    order.push(`${name} out`);
    throw new Error(name);
  };
  const ends = await Promise.allSettled([
    withLock(folder, 'x', silent, work('a')),
    withLock(folder, 'x', silent, work('b')),
  ]);
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  // Whoever comes first: never one inside while the other is.
  expect([
    ['a in', 'a out', 'b in', 'b out'],
    ['b in', 'b out', 'a in', 'a out'],
  ]).toContainEqual(order);
});

test('locks of different names do not wait for each other, and waiting can be given up', async () => {
  const folder = await temporaryFolder();
  const impatient = new AbortController();
  await withLock(folder, 'x', silent, async () => {
    expect(await withLock(folder, 'y', silent, async () => 'y')).toBe('y');
    const waiting = withLock(folder, 'x', { ...silent, signal: impatient.signal }, async () => 'never');
    impatient.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow();
  });
});
