import { afterAll, expect, inject, test } from 'vitest';
import { inParallel } from '../../src/services/parallel.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { built, startBuilt } from '../support/cli.ts';
import { testCluster } from '../support/connect.ts';
import { faultProxy } from '../support/faults/proxy.ts';
import { problemsAfter } from '../support/proofs/after-command.ts';
import {
  commandNames,
  countWrites,
  type ProofCommand,
  proofCommand,
  saysDone,
  shortLock,
} from '../support/proofs/commands.ts';
import { testKubeconfig } from '../support/sandbox.ts';
import { aDay, forMinutes, tell } from './bounds.ts';

/** Most of the time of a kill is spent waiting for the lock of the dead. */
const atOnce = 3;

let kills = 0;
afterAll(() => tell(`kill -9: ${kills} processes killed in all`));

/**
 * The built file, killed with SIGKILL before and after each of its writes, then the same command again. In process the same is
 * done with every next command (test/services/killed.test.ts); this shows that a real process holds nothing back.
 */
test.each(commandNames)('kill -9 before and after every write of %s', { timeout: aDay }, async (name) => {
  const [cluster, command, isOver] = [await testCluster(), await proofCommand(name), forMinutes()];
  const writes = await countWrites(command);
  const places = Array.from({ length: writes }, (_, index) => index + 1).flatMap((write) =>
    (['before', 'after'] as const).map((when) => ({ write, when })),
  );
  let killed = 0;
  await inParallel(places, atOnce, async (place) => {
    if (isOver()) return;
    await killedAt(cluster, command, place);
    killed++;
  });
  kills += killed;
  tell(`kill -9: ${name}: ${killed} of ${places.length} places, ${writes} writes; each converged`);
  await cluster.close();
  expect(killed).toBeGreaterThan(0);
});

/** The write that a process is killed at, counted from 1. */
interface Place {
  readonly write: number;
  readonly when: 'before' | 'after';
}

async function killedAt(cluster: Cluster, command: ProofCommand, { write, when }: Place): Promise<void> {
  const namespace = await command.prepare();
  const proxy = await faultProxy(testKubeconfig(), inject('sandbox').home);
  const reached = Promise.withResolvers<void>();
  proxy.decide((request) =>
    request.write === write ? { type: 'hold', when, reached: reached.resolve } : undefined,
  );
  const process = await startBuilt([...command.argv, '-n', namespace, '--kubeconfig', proxy.kubeconfig], {
    env: shortLock,
  });
  await Promise.race([reached.promise, process.done]);
  process.kill('SIGKILL');
  await process.done;
  proxy.close();
  const again = await built([...command.argv, '-n', namespace, '-o', 'json'], { env: shortLock });
  expect(
    {
      again: again.code === 0 || saysDone.test(again.stderr) ? 'done' : again.stderr,
      problems: await problemsAfter(cluster, namespace, command.to),
    },
    `${command.name} killed ${when} write ${write}\n${proxy.log.join('\n')}`,
  ).toEqual({ again: 'done', problems: [] });
}
