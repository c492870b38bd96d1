import { expect, inject } from 'vitest';
import { changeHarness } from '../change-harness.ts';
import { testCluster } from '../connect.ts';
import { faultProxy } from '../faults/proxy.ts';
import { seededFaults } from '../faults/seeded.ts';
import { freshNamespace, testKubeconfig } from '../sandbox.ts';
import { checkInstallation } from './invariants.ts';
import { addBystanders, outcomeProblems, type ProofOperation } from './operations.ts';
import { proofApp } from './proof-app.ts';

type Protocol = 'HTTP/2' | 'HTTP/1.1';

interface FaultyLife {
  readonly seed: number;
  readonly protocol: Protocol;
  /** Share of the requests that have a fault; of watches twice as many. */
  readonly share: number;
  readonly operations: readonly ProofOperation[];
}

/** Milliseconds for a command: a watch that goes silent is made up for by a last look at the end of it. */
const timeout = 12_000;
/** The same without faults: nothing has to be made up for, and the machine may be busy. */
const unhurried = 120_000;

/** What came of it, for figures. */
interface LifeFigures {
  readonly requests: number;
  readonly operations: number;
  /** Operations that ended with an error and were run again. */
  readonly failed: readonly string[];
}

/**
 * Operations one after another through a proxy with faults by chance. After each, record and cluster have to agree; one that
 * ended with an error is run again without faults before. Fails with the seed and what the proxy did.
 */
export async function liveWithFaults(life: FaultyLife): Promise<LifeFigures> {
  const [cluster, namespace] = await Promise.all([testCluster(), freshNamespace()]);
  const proxy = await faultProxy(testKubeconfig(), inject('sandbox').home);
  const bystanders = await addBystanders(cluster, namespace);
  const place = { namespace, name: 'one' };
  const failed: string[] = [];
  try {
    for (const [index, operation] of life.operations.entries()) {
      proxy.decide(seededFaults(life.seed * 1000 + index, life.share));
      const env = life.protocol === 'HTTP/2' ? {} : { DISABLE_HTTP2: '1' };
      const failure = await runOn({ kubeconfig: proxy.kubeconfig, env, timeout }, namespace, operation);
      const again =
        failure === undefined
          ? undefined
          : await runOn({ kubeconfig: testKubeconfig(), env: {}, timeout: unhurried }, namespace, operation);
      if (failure !== undefined) failed.push(`${operation.name}: ${failure.message}`);
      const done = again !== undefined && isDone(operation, again) ? undefined : again;
      expect(
        {
          again: done?.message,
          state: await checkInstallation(cluster, place, { generated: operation.to === 'nothing' }),
          outcome: await outcomeProblems(cluster, namespace, operation.to),
          bystanders: await bystanders.problems(),
        },
        `seed ${life.seed}, share ${life.share}, ${life.protocol}, ${operation.name}: ${failure?.stack ?? 'done'}\n${proxy.log.join('\n')}`,
      ).toEqual({ again: undefined, state: [], outcome: [], bystanders: [] });
    }
    // A proof that nothing went through would be none.
    expect(proxy.log.length).toBeGreaterThan(20 * life.operations.length);
    return { requests: proxy.log.length, operations: life.operations.length, failed };
  } finally {
    proxy.close();
    await cluster.close();
  }
}

/** The command was done although its answer was an error: said again, it says so. */
function isDone(operation: ProofOperation, error: Error & { code?: string }): boolean {
  const says = {
    install: 'ALREADY_INSTALLED',
    remove: 'INSTALLATION_NOT_FOUND',
    purge: 'INSTALLATION_NOT_FOUND',
  };
  return (says as Record<string, string>)[operation.name] === error.code;
}

/** How a command reaches the server, and how long it may take. */
interface Way {
  readonly kubeconfig: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeout: number;
}

/** Runs an operation as a process of its own would, with nothing known of before. Answers its failure. */
async function runOn(
  { kubeconfig, env, timeout }: Way,
  namespace: string,
  operation: ProofOperation,
): Promise<(Error & { code?: string }) | undefined> {
  const cluster = await testCluster(kubeconfig, env, timeout);
  try {
    await operation.run(changeHarness({ cluster, namespace, name: 'one', app: proofApp(1), timeout }));
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    await cluster.close();
  }
}
