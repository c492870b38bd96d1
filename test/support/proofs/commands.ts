import { inject } from 'vitest';
import { built, cli } from '../cli.ts';
import { faultProxy } from '../faults/proxy.ts';
import { freshNamespace, kube, testKubeconfig } from '../sandbox.ts';
import type { Outcome } from './operations.ts';
import { proofPackage } from './proof-package.ts';

export const commandNames = [
  ...(['install', 'upgrade', 'rollback', 'undo'] as const),
  ...(['repair', 'remove', 'purge', 'forget'] as const),
] as const;

/** A command line of the built file that the proofs cut, freeze and let run against others. */
export interface ProofCommand {
  readonly name: (typeof commandNames)[number];
  /** What the app is afterwards; `forgotten`: as it was, and nobody's. */
  readonly to: Outcome | 'forgotten';
  /** Without namespace and cluster. */
  readonly argv: readonly string[];
  /** A namespace in which the command has something to do. */
  prepare(): Promise<string>;
}

/** Short, so that what a dead or frozen holder left is seen to be abandoned soon. */
export const shortLock = { APPSTORE_LOCK_SECONDS: '3' };

/** Says that it is done already, or that there is nothing left to do it to. */
export const saysDone = /ALREADY_INSTALLED|INSTALLATION_NOT_FOUND|NOTHING_TO_UNDO/;

/** A command that writes into an installation, with a place to begin at. Packages lie in the home of the run. */
export async function proofCommand(name: ProofCommand['name']): Promise<ProofCommand> {
  const found = (await proofCommands()).find((one) => one.name === name);
  if (found === undefined) throw new Error(`the proofs have no command ${name}`);
  return found;
}

/** How many writes a command sends, from the making of its lock to the deletion of it. */
export async function countWrites(command: ProofCommand): Promise<number> {
  const namespace = await command.prepare();
  const proxy = await faultProxy(testKubeconfig(), inject('sandbox').home);
  const { code, stderr } = await built([...command.argv, '-n', namespace, '--kubeconfig', proxy.kubeconfig]);
  proxy.close();
  if (code !== 0) throw new Error(`${command.argv.join(' ')}: exit ${code}\n${stderr}`);
  return proxy.writes();
}

async function proofCommands(): Promise<readonly ProofCommand[]> {
  const { home } = inject('sandbox');
  const [one, two] = await Promise.all([proofPackage(home, 1), proofPackage(home, 2)]);
  const install = ['install', one, 'one'];
  const upgrade = ['upgrade', 'one', two];
  const after =
    (...steps: readonly (readonly string[])[]) =>
    async () => {
      const namespace = await freshNamespace();
      for (const argv of steps) await succeed([...argv, '-n', namespace]);
      return namespace;
    };
  return [
    { name: 'install', to: 1, argv: install, prepare: after() },
    { name: 'upgrade', to: 2, argv: upgrade, prepare: after(install) },
    { name: 'rollback', to: 1, argv: ['rollback', 'one', '1'], prepare: after(install, upgrade) },
    {
      name: 'undo',
      to: 1,
      argv: ['upgrade', 'one', '--undo'],
      prepare: () => interrupted(after(install), upgrade),
    },
    { name: 'repair', to: 1, argv: ['drift', 'one', '--repair'], prepare: () => drifted(after(install)) },
    { name: 'remove', to: 'nothing', argv: ['remove', 'one', '--yes'], prepare: after(install) },
    {
      name: 'purge',
      to: 'nothing',
      argv: ['remove', 'one', '--yes', '--purge-data'],
      prepare: after(install),
    },
    { name: 'forget', to: 'forgotten', argv: ['forget', 'one', '--yes'], prepare: after(install) },
  ];
}

async function succeed(argv: readonly string[]): Promise<void> {
  const { code, stderr } = await cli(argv);
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}\n${stderr}`);
}

/** An upgrade that was interrupted in the middle of its writes. */
async function interrupted(before: () => Promise<string>, upgrade: readonly string[]): Promise<string> {
  const namespace = await before();
  const [proxy, stop] = [await faultProxy(testKubeconfig(), inject('sandbox').home), new AbortController()];
  proxy.decide(({ write, path }) =>
    write > 0 && path.includes('/configmaps/one-config')
      ? { type: 'hold', when: 'after', reached: () => stop.abort() }
      : undefined,
  );
  const argv = [...upgrade, '-n', namespace, '--kubeconfig', proxy.kubeconfig];
  const { code, stderr } = await cli(argv, { signal: stop.signal });
  proxy.close();
  if (code !== 130) throw new Error(`${argv.join(' ')}: exit ${code}, not 130\n${stderr}`);
  return namespace;
}

/** An app of which somebody changed an object and deleted another. */
async function drifted(before: () => Promise<string>): Promise<string> {
  const namespace = await before();
  const maps = `/api/v1/namespaces/${namespace}/configmaps`;
  await kube('PATCH', `${maps}/one-config?fieldManager=somebody`, { data: { version: '9' } });
  await kube('DELETE', `${maps}/one-only-1`);
  return namespace;
}
