import { afterAll, expect, inject, test } from 'vitest';
import { inParallel } from '../../src/services/parallel.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { built, startBuilt } from '../support/cli.ts';
import { testCluster } from '../support/connect.ts';
import { type FaultProxy, faultProxy } from '../support/faults/proxy.ts';
import { problemsAfter } from '../support/proofs/after-command.ts';
import { type ProofCommand, proofCommands, shortLock } from '../support/proofs/commands.ts';
import { testKubeconfig } from '../support/sandbox.ts';
import { aDay, forMinutes, tell } from './bounds.ts';

/** The end of a command that has to be done, or to say that it is. */
const saysDone = /ALREADY_INSTALLED|INSTALLATION_NOT_FOUND|NOTHING_TO_UNDO/;

/** Most of the time of a kill is spent waiting for the lock of the dead. */
const atOnce = 3;

let kills = 0;
afterAll(() => tell(`kill -9: ${kills} processes killed in all`));

/**
 * The built file, killed with SIGKILL before and after each of its writes, then the same command again. In process the same is
 * done with every next command (test/services/killed.test.ts); this shows that a real process holds nothing back.
 */
test.each<ProofCommand['name']>([
  'install',
  'upgrade',
  'rollback',
  'undo',
  'repair',
  'remove',
  'purge',
  'forget',
])('kill -9 before and after every write of %s', { timeout: aDay }, async (name) => {
  const [cluster, commands, isOver] = [await testCluster(), await proofCommands(), forMinutes()];
  const command = commands.find((one) => one.name === name) as ProofCommand;
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

const through = (proxy: FaultProxy, namespace: string): readonly string[] => [
  '-n',
  namespace,
  '--kubeconfig',
  proxy.kubeconfig,
];

async function countWrites(command: ProofCommand): Promise<number> {
  const namespace = await command.prepare();
  const proxy = await faultProxy(testKubeconfig(), inject('sandbox').home);
  const { code, stderr } = await built([...command.argv, ...through(proxy, namespace)]);
  proxy.close();
  expect([code, stderr]).toEqual([0, expect.anything()]);
  return proxy.writes();
}

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
  const process = await startBuilt([...command.argv, ...through(proxy, namespace)], { env: shortLock });
  await Promise.race([reached.promise, process.done]);
  process.kill('SIGKILL');
  await process.done;
  proxy.close();
  const again = await built([...command.argv, '-n', namespace, '-o', 'json'], { env: shortLock });
  expect(
    {
      again: again.code === 0 || saysDone.test(again.stderr) ? 'done' : again.stderr,
      problems: await problemsAfter(cluster, namespace, command.to, { leftovers: true }),
    },
    `${command.name} killed ${when} write ${write}\n${proxy.log.join('\n')}`,
  ).toEqual({ again: 'done', problems: [] });
}
