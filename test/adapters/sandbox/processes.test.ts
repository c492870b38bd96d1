import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { identify, isAlive, signalProcess, waitForEnd } from '../../../src/adapters/sandbox/processes.ts';

test('a process is known by its id and its birth, so that a later one with its id is left alone', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
  const identity = await identify(child.pid ?? 0);
  if (identity === undefined) throw new Error('not identified');
  expect(await isAlive(identity)).toBe(true);
  const stranger = { ...identity, born: 'another time' };
  expect(await isAlive(stranger)).toBe(false);
  expect(await signalProcess(stranger, 'SIGKILL')).toBe(false);
  expect(await isAlive(identity)).toBe(true);
  const gone = once(child, 'exit');
  expect(await signalProcess(identity, 'SIGKILL')).toBe(true);
  await gone;
  expect(await waitForEnd(identity, 0)).toBe(true);
  expect(await signalProcess(identity, 'SIGKILL')).toBe(false);
});
