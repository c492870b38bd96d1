import { cleanLine } from '../../domain/text.ts';
import { searchApps } from '../../services/browse.ts';
import { listInstallations } from '../../services/inspect.ts';
import type { Cli, CommandSpec } from '../cli.ts';
import type { Context } from '../context.ts';
import { leadingFlags } from '../flags/common.ts';
import type { FlagSpec } from '../flags/flag.ts';
import type { Options } from '../options.ts';
import { longFlag, readWords, type WordsRead } from './words.ts';

/** Something that the word being typed may become. */
export interface Candidate {
  readonly text: string;
  readonly about: string;
}

/** What is answered where the shell itself knows best. */
const fileCandidates: readonly Candidate[] = [{ text: ':files', about: '' }];

/** Nobody waits longer than this for a completion. */
const patience = 2000;

/** Names come from clusters and catalogs of others: what a shell could take for more than a word is left out. */
const harmless = /^[\w@%+=:,./-]+$/;

/** What the last of the words (the arguments) may become. */
export async function completions(cli: Cli, words: readonly string[]): Promise<readonly Candidate[]> {
  const read = readWords(words, cli.commands, leadingFlags);
  const signal = AbortSignal.any([cli.io.signal, AbortSignal.timeout(patience)]);
  const context = cli.context.derive(optionsOf(read.given), signal);
  try {
    const found = await Promise.race([candidatesFor(read, context, signal), noneAfter(signal)]);
    if (found === fileCandidates) return found;
    return found
      .filter(({ text }) => text.startsWith(read.current) && harmless.test(text))
      .map(({ text, about }) => ({ text: `${read.prefix}${text}`, about: cleanLine(about) }));
  } finally {
    void context.close().catch(() => {});
  }
}

function noneAfter(signal: AbortSignal): Promise<readonly Candidate[]> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve([]), { once: true });
  });
}

function optionsOf(given: WordsRead['given']): Options {
  const { namespace, context, kubeconfig, catalog } = given;
  return {
    input: false,
    ...(namespace === undefined ? {} : { namespace }),
    ...(context === undefined ? {} : { context }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(catalog === undefined ? {} : { catalog: [catalog] }),
  };
}

async function candidatesFor(
  read: WordsRead,
  context: Context,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  if (read.flag !== undefined) return flagValues(read.flag, context, signal);
  if (read.current.startsWith('-')) return flagCandidates(read.flags);
  if (read.command === undefined || read.choices.length > 0) return commandCandidates(read.choices);
  const what = read.command.complete?.[read.args.length];
  if (what === undefined) return [];
  if (what === 'folders') return fileCandidates;
  if (what === 'apps') return apps(context, read.current, signal);
  if (what === 'catalogs') return catalogs(context);
  return what === 'installations'
    ? installations(context, signal)
    : what.map((text) => ({ text, about: '' }));
}

function commandCandidates(specs: readonly CommandSpec[]): readonly Candidate[] {
  return specs
    .filter((spec) => spec.hidden !== true)
    .map(({ name, summary }) => ({ text: name, about: summary }));
}

function flagCandidates(flags: readonly FlagSpec[]): readonly Candidate[] {
  return flags.map((flag) => ({ text: longFlag(flag), about: flag.description }));
}

async function flagValues(
  flag: FlagSpec,
  context: Context,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  if (flag.choices !== undefined) return flag.choices.map((text) => ({ text, about: '' }));
  if (flag.complete === 'contexts')
    return (await context.contexts()).map((text) => ({ text, about: 'context' }));
  if (flag.complete === 'namespaces') return namespaces(context, signal);
  return flag.complete === undefined ? [] : fileCandidates;
}

async function apps(context: Context, current: string, signal: AbortSignal): Promise<readonly Candidate[]> {
  if (/^[./]/.test(current)) return fileCandidates;
  const { hits } = await searchApps(await context.browse(), { text: '' }, signal);
  const full = current.includes('/');
  return hits.map(({ catalog, app }) => ({
    text: full ? `${catalog}/${app.name}` : app.name,
    about: app.summary,
  }));
}

async function catalogs(context: Context): Promise<readonly Candidate[]> {
  const added = await (await context.catalogStore()).list();
  return added.map(({ name, location }) => ({ text: name, about: location }));
}

async function installations(context: Context, signal: AbortSignal): Promise<readonly Candidate[]> {
  const deps = await context.cluster();
  const { namespace } = deps.cluster.target;
  const { items } = await listInstallations(deps, { namespace }, signal);
  return items.map(({ name, app, version }) => ({ text: name, about: `${app} ${version}` }));
}

async function namespaces(context: Context, signal: AbortSignal): Promise<readonly Candidate[]> {
  const { cluster } = await context.cluster();
  const { items } = await cluster.listMetadata({ group: '', version: 'v1', kind: 'Namespace' }, { signal });
  return items.map(({ metadata }) => ({ text: metadata.name, about: 'namespace' }));
}
