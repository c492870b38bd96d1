import { expect, inject, test } from 'vitest';
import type { Cluster } from '../../src/services/ports.ts';
import { built, startBuilt } from '../support/cli.ts';
import { testCluster } from '../support/connect.ts';
import { type FaultProxy, faultProxy } from '../support/faults/proxy.ts';
import { checkInstallation } from '../support/proofs/invariants.ts';
import { type Outcome, outcomeProblems } from '../support/proofs/operations.ts';
import { proofPackage } from '../support/proofs/proof-package.ts';
import { freshNamespace, testKubeconfig } from '../support/sandbox.ts';
import { aDay, isOver, tell } from './bounds.ts';

interface Command {
  readonly name: string;
  /** Commands that come before, by name. */
  readonly after: readonly string[];
  readonly to: Outcome;
  readonly argv: readonly string[];
}

async function allCommands(): Promise<readonly Command[]> {
  const { home } = inject('sandbox');
  const [one, two] = [await proofPackage(home, 1), await proofPackage(home, 2)];
  return [
    { name: 'install', after: [], to: 1, argv: ['install', one, 'one'] },
    { name: 'upgrade', after: ['install'], to: 2, argv: ['upgrade', 'one', two] },
    { name: 'rollback', after: ['install', 'upgrade'], to: 1, argv: ['rollback', 'one', '1'] },
    { name: 'remove', after: ['install'], to: 'nothing', argv: ['remove', 'one', '--yes'] },
  ];
}

/** The end of a command that has to be done, or to say that it is. */
const saysDone = /ALREADY_INSTALLED|INSTALLATION_NOT_FOUND/;

/**
 * The built file, killed with SIGKILL before and after each of its writes, then the same command again. In process the same is
 * done with every next command (test/services/killed.test.ts); this shows that a real process holds nothing back.
 */
test('kill -9 before and after every write of the real process', { timeout: aDay }, async () => {
  const [cluster, commands] = [await testCluster(), await allCommands()];
  let kills = 0;
  for (const command of commands) {
    const writes = await countWrites(commands, command);
    for (let write = 1; write <= writes && !isOver(); write++) {
      for (const when of ['before', 'after'] as const) {
        await killedAt({ cluster, commands, command, write, when });
        kills++;
      }
    }
    tell(`kill -9: ${command.name}: ${writes} writes`);
  }
  tell(`kill -9: ${kills} processes killed, each followed by the same command, which converged`);
  await cluster.close();
  expect(kills).toBeGreaterThan(0);
});

async function prepared(commands: readonly Command[], command: Command): Promise<string> {
  const namespace = await freshNamespace();
  for (const name of command.after) {
    const before = commands.find((one) => one.name === name);
    const { code, stderr } = await built([...(before?.argv ?? []), '-n', namespace]);
    expect([code, stderr]).toEqual([0, expect.anything()]);
  }
  return namespace;
}

function proxied(proxy: FaultProxy, namespace: string): readonly string[] {
  return ['-n', namespace, '--kubeconfig', proxy.kubeconfig];
}

async function countWrites(commands: readonly Command[], command: Command): Promise<number> {
  const namespace = await prepared(commands, command);
  const proxy = await faultProxy(testKubeconfig(), inject('sandbox').home);
  const { code } = await built([...command.argv, ...proxied(proxy, namespace)]);
  proxy.close();
  expect(code).toBe(0);
  return proxy.writes();
}

interface Kill {
  readonly cluster: Cluster;
  readonly commands: readonly Command[];
  readonly command: Command;
  readonly write: number;
  readonly when: 'before' | 'after';
}

async function killedAt({ cluster, commands, command, write, when }: Kill): Promise<void> {
  const namespace = await prepared(commands, command);
  const proxy = await faultProxy(testKubeconfig(), inject('sandbox').home);
  const reached = Promise.withResolvers<void>();
  proxy.decide((request) =>
    request.write === write ? { type: 'hold', when, reached: reached.resolve } : undefined,
  );
  const process = await startBuilt([...command.argv, ...proxied(proxy, namespace)]);
  await Promise.race([reached.promise, process.done]);
  process.kill('SIGKILL');
  await process.done;
  proxy.close();
  const again = await built([...command.argv, '-n', namespace, '-o', 'json']);
  expect(
    {
      again: again.code === 0 || saysDone.test(again.stderr) ? 'done' : again.stderr,
      state: await checkInstallation(
        cluster,
        { namespace, name: 'one' },
        { leftovers: true, generated: command.to === 'nothing' },
      ),
      outcome: await outcomeProblems(cluster, namespace, command.to),
    },
    `${command.name} killed ${when} write ${write}\n${proxy.log.join('\n')}`,
  ).toEqual({ again: 'done', state: [], outcome: [] });
}
