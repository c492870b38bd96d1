import { searchApps } from '../../services/browse.ts';
import { listInstallations } from '../../services/inspect.ts';
import type { Cli } from '../cli.ts';
import { type CandidateSources, candidates } from '../completion/candidates.ts';
import { createContext } from '../context.ts';
import type { Options } from '../options.ts';

/** Longer than this a person does not wait for a completion. */
const patience = 2000;

/** `appstore __complete -- words...`: never asks, never fails loudly; what cannot be known is not completed. */
export async function run(cli: Cli): Promise<undefined> {
  const words = cli.args[0] === '--' ? cli.args.slice(1) : cli.args;
  try {
    const found = await Promise.race([candidates(cli.commands, words, sourcesOf(cli)), timedOut(cli)]);
    cli.io.stdout.write(found.map((one) => `${one}\n`).join(''));
  } catch {
    // A shell that completes has no place for an error.
  }
}

async function timedOut(cli: Cli): Promise<readonly string[]> {
  await cli.context.clock.sleep(patience, cli.io.signal);
  return [];
}

function sourcesOf(cli: Cli): CandidateSources {
  const signal = AbortSignal.any([cli.io.signal, AbortSignal.timeout(patience)]);
  return {
    apps: async () => {
      const hits = await searchApps(await cli.context.browse(), { text: '' }, signal);
      return hits.map((hit) => hit.app.name);
    },
    installations: async (given) => {
      const options: Options = { input: false, ...given };
      const context = createContext(cli.io, options);
      const deps = await context.cluster();
      const namespace = options.namespace ?? deps.cluster.target.namespace;
      const list = await listInstallations(deps, { namespace }, signal).finally(() => context.close());
      return list.items.map((item) => item.name);
    },
    namespaces: async () => {
      const { cluster } = await cli.context.cluster();
      const list = await cluster.listMetadata({ group: '', version: 'v1', kind: 'Namespace' }, { signal });
      return list.items.map((item) => item.metadata.name);
    },
    contexts: () => cli.context.contexts(),
  };
}
