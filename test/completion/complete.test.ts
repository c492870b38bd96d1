import { describe, expect, it } from 'vitest';
import { completions } from '../../src/cli/completion/complete.ts';
import type { Context } from '../../src/cli/context.ts';
import type { Options } from '../../src/cli/options.ts';
import { commands } from '../../src/cli/tree.ts';
import type { Catalog, Cluster, Records } from '../../src/services/ports.ts';

const hit = (name: string) => ({ catalog: 'builtin', score: 1, app: { name, summary: `about ${name}` } });
const catalog = {
  name: 'builtin',
  search: async () => ['postgres', 'valkey', 'bad$(id)', 'two words'].map(hit),
} as unknown as Catalog;
const namespaces = ['team', 'kube-system'].map((name) => ({ metadata: { name } }));
const cluster = (options: Options) =>
  ({
    target: { namespace: options.namespace ?? 'default' },
    listMetadata: async () => ({ items: namespaces, resourceVersion: '1' }),
  }) as unknown as Cluster;
const records = {
  list: async ({ namespace }: { namespace: string }) => ({
    items: [{ name: `db-in-${namespace}`, namespace, app: 'postgres', version: '1.0.0' }],
  }),
} as unknown as Records;

/** A context that answers from memory; `derived` keeps the options that completion asked with. */
function contextFor(options: Options, derived: Options[]): Context {
  const deps = async () => ({ catalogs: [catalog], renderers: [], cluster: cluster(options), records });
  return {
    derive: (given: Options) => {
      derived.push(given);
      return contextFor(given, derived);
    },
    browse: deps,
    cluster: deps,
    contexts: async () => ['dev', 'prod@eu'],
    close: async () => {},
  } as unknown as Context;
}

/** What a line may go on with; the line ends where the cursor is. */
async function complete(line: string, derived: Options[] = []): Promise<string[]> {
  const io = { signal: new AbortController().signal };
  const cli = { io, options: {}, args: [], commands, context: contextFor({}, derived) };
  const found = await completions(cli as never, line.split(' '));
  return found.map(({ text }) => text);
}

const table: readonly (readonly [string, readonly string[]])[] = [
  ['inst', ['install']],
  ['sandbox ', ['start', 'stop', 'status']],
  ['sandbox sta', ['start', 'status']],
  ['install po', ['postgres']],
  ['show builtin/v', ['builtin/valkey']],
  ['show ./', [':files']],
  ['install -f ', [':files']],
  ['get db ma', ['manifest']],
  ['list -o j', ['json']],
  ['completion ', ['bash', 'zsh', 'fish']],
  ['upgrade --no-w', ['--no-wait']],
  ['--names', ['--namespace']],
  ['list --context ', ['dev', 'prod@eu']],
  ['list -n te', ['team']],
  ['rm ', ['db-in-default']],
  ['status -n team ', ['db-in-team']],
  ['-n team status ', ['db-in-team']],
  ['version ', []],
  // zsh and fish hand a flag with its value over as one word, bash as three.
  ['list --output=js', ['--output=json']],
  ['list --output = js', ['json']],
  ['list --output =', ['json', 'name', 'table', 'wide', 'yaml']],
  ['status --namespace=team ', ['db-in-team']],
  ['status --namespace = team ', ['db-in-team']],
];

describe('completion', () => {
  it.each(table)('goes on after `appstore %s`', async (line, expected) => {
    const found = await complete(line);
    // A path is completed by the shell, which is told so by one word.
    expect([...found].sort()).toEqual([...expected].sort());
  });

  it('offers every command that is not hidden', async () => {
    const shown = commands.filter(({ hidden }) => hidden !== true).map(({ name }) => name);
    expect((await complete('')).sort()).toEqual([...shown].sort());
  });

  it('never offers a name that a shell could take for more than a word', async () => {
    expect(await complete('install ')).toEqual(['postgres', 'valkey']);
  });

  it('asks the cluster that the line names', async () => {
    const derived: Options[] = [];
    await complete('status --context prod@eu --kubeconfig ./k -n team ', derived);
    expect(derived).toEqual([{ input: false, context: 'prod@eu', kubeconfig: './k', namespace: 'team' }]);
  });
});
