import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject } from 'vitest';
import type { Cluster } from '../../../src/services/ports.ts';
import { built, errorIn, startBuilt } from '../cli.ts';
import { written } from '../contents.ts';
import { faultProxy } from '../faults/proxy.ts';
import { testKubeconfig } from '../sandbox.ts';
import { problemsAfter } from './after-command.ts';
import { type ProofCommand, saysDone, shortLock } from './commands.ts';

/**
 * Freezes the process of a command (SIGSTOP) right after the server carried out one of its writes, lets the same command of
 * another process finish, thaws it, and looks whether it wrote anything. Writes are counted from 1.
 */
export async function frozenAfter(cluster: Cluster, command: ProofCommand, write: number): Promise<void> {
  const namespace = await command.prepare();
  const proxy = await faultProxy(testKubeconfig(), inject('sandbox').home);
  const [reached, thawed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  proxy.decide((request) =>
    request.write === write
      ? { type: 'hold', when: 'after', reached: reached.resolve, until: thawed.promise }
      : undefined,
  );
  try {
    const argv = [...command.argv, '-n', namespace, '-o', 'json'];
    const frozen = await startBuilt([...argv, '--kubeconfig', proxy.kubeconfig], { env: shortLock });
    await Promise.race([reached.promise, frozen.done]);
    frozen.kill('SIGSTOP');
    const other = await built(argv, { env: shortLock });
    const problems = await problemsAfter(cluster, namespace, command.to);
    const before = await settled(namespace);
    thawed.resolve();
    frozen.kill('SIGCONT');
    const late = await frozen.done;
    const where = `${command.name} frozen after write ${write}\n${proxy.log.join('\n')}`;
    const hadWork = other.code === 0 && !other.stdout.includes('"unchanged"');
    expect([hadWork || other.code === 0 || saysDone.test(other.stderr), other.stderr], where).toEqual([
      true,
      expect.anything(),
    ]);
    expect(problems, where).toEqual([]);
    // Where nothing was left to do, nobody took the lock: it is the sleeper's still, and it ends what it was at. Who had only begun
    // reads before it writes, and may find that the other one has done it all.
    const lost = late.code !== 0 && (errorIn(late.stderr).code === 'LOCK_LOST' || saysDone.test(late.stderr));
    if (hadWork) expect([lost, late.stderr], where).toEqual([true, expect.anything()]);
    if (lost) expect(await written(namespace), where).toEqual(before);
    else expect(await problemsAfter(cluster, namespace, command.to), where).toEqual([]);
  } finally {
    proxy.close();
  }
}

/** What is written once controllers have come to rest: they set the status of what was made just now. */
async function settled(namespace: string): ReturnType<typeof written> {
  let before = await written(namespace);
  for (;;) {
    await sleep(500);
    const now = await written(namespace);
    if (JSON.stringify(now) === JSON.stringify(before)) return now;
    before = now;
  }
}
