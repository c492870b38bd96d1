import { expect, inject } from 'vitest';
import { built, cli, errorIn } from '../cli.ts';
import { testCluster } from '../connect.ts';
import { freshNamespace, kube } from '../sandbox.ts';
import { problemsAfter } from './after-command.ts';
import { proofPackage } from './proof-package.ts';
import { endsOfSomeOrder, type Model, type Said, type Writer } from './some-order.ts';

/** What came of it, for figures. */
export interface CrowdFigures {
  readonly done: number;
  readonly locked: number;
}

/**
 * Processes of the built file at once on one installation, every second one waiting for the lock. Each has to end done, or
 * refused with a reason; together they have to be some order of one after the other, and record and cluster have to agree.
 */
export async function crowd(writers: readonly Writer[]): Promise<CrowdFigures> {
  const commands = await commandsOf();
  const { namespace, begin } = await prepare(commands, writers);
  const said = await Promise.all(
    writers.map(async (writer, index) => {
      const waiting = index % 2 === 0 ? ['--wait-for-lock', '10m'] : [];
      const argv = [...commands[writer], ...waiting, '-n', namespace, '-o', 'json'];
      const { code, stdout, stderr } = await built(argv);
      return { writer, result: code === 0 ? outcomeOf(stdout) : errorIn(stderr).code, stderr };
    }),
  );
  const told = said.map(({ writer, result }) => `${writer}: ${result}`).sort();
  const ends = endsOfSomeOrder(begin, said);
  expect(ends.length, `no order of one after the other gives\n${told.join('\n')}`).toBeGreaterThan(0);
  const cluster = await testCluster();
  try {
    const problems = await Promise.all(
      ends.map((end) => problemsAfter(cluster, namespace, outcome(end), { drifted: end.drifted })),
    );
    expect(problems.some((found) => found.length === 0) ? [] : problems, told.join('\n')).toEqual([]);
  } finally {
    await cluster.close();
  }
  const locked = said.filter(({ result }) => result === 'INSTALLATION_LOCKED');
  for (const { stderr } of locked) expect(stderr).toContain('is locked by ');
  return { done: said.length - locked.length, locked: locked.length };
}

function outcome({ is, version }: Model): Parameters<typeof problemsAfter>[2] {
  if (is === 'installed') return version;
  return is === 'absent' ? 'nothing' : 'forgotten';
}

function outcomeOf(stdout: string): Said['result'] {
  const { outcome, revision, kind } = JSON.parse(stdout) as Record<string, string>;
  if (kind === 'Forgotten') return 'forgotten';
  return outcome === 'changed' ? `changed ${revision}` : String(outcome);
}

type Commands = Readonly<Record<Writer, readonly string[]>>;

async function commandsOf(): Promise<Commands> {
  const { home } = inject('sandbox');
  const [one, two] = await Promise.all([proofPackage(home, 1), proofPackage(home, 2)]);
  return {
    install: ['install', one, 'one'],
    upgrade: ['upgrade', 'one', two, '--keep', '50'],
    rollback: ['rollback', 'one', '1', '--keep', '50'],
    repair: ['drift', 'one', '--repair'],
    remove: ['remove', 'one', '--yes'],
    forget: ['forget', 'one', '--yes'],
  };
}

/** Installs have a place without the app where nothing else is there; all others have it, drifted where it is to be repaired. */
async function prepare(
  commands: Commands,
  writers: readonly Writer[],
): Promise<{ readonly namespace: string; readonly begin: Model }> {
  const namespace = await freshNamespace();
  const begin = { is: 'absent', version: 1, revision: 0, drifted: false } as const;
  if (writers.includes('install')) return { namespace, begin };
  const { code, stderr } = await cli([...commands.install, '-n', namespace]);
  expect([code, stderr]).toEqual([0, expect.anything()]);
  const drifted = writers.includes('repair');
  if (drifted) await kube('DELETE', `/api/v1/namespaces/${namespace}/configmaps/one-config`);
  return { namespace, begin: { is: 'installed', version: 1, revision: 1, drifted } };
}
