import type { Cli } from '../cli.ts';
import { commonFlags, type FlagSpec } from '../flags.ts';
import { type CommandSpec, leadingFlags } from '../tree.ts';
import { fileCandidates } from './scripts.ts';

/** Where names come from that only a catalog or a cluster knows. */
export interface CandidateSources {
  apps(): Promise<readonly string[]>;
  installations(options: Readonly<Record<string, string>>): Promise<readonly string[]>;
  namespaces(): Promise<readonly string[]>;
  contexts(): Promise<readonly string[]>;
}

/** What may stand in the place of the last word. `words` are those after the program's name. */
export async function candidates(
  commands: Cli['commands'],
  words: readonly string[],
  sources: CandidateSources,
): Promise<readonly string[]> {
  const current = words.at(-1) ?? '';
  const state = readWords(commands, words.slice(0, -1));
  const found = await possible(state, current, sources);
  return found[0] === fileCandidates ? found : found.filter((one) => one.startsWith(current)).sort();
}

interface State {
  /** Commands that may come next; empty once one without children is chosen. */
  readonly next: readonly CommandSpec[];
  readonly spec: CommandSpec | undefined;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  /** The flag that waits for its value. */
  readonly open: FlagSpec | undefined;
}

function readWords(commands: readonly CommandSpec[], words: readonly string[]): State {
  let state: State = { next: commands, spec: undefined, args: [], options: {}, open: undefined };
  for (const word of words) state = readWord(state, word);
  return state;
}

function readWord(state: State, word: string): State {
  if (state.open !== undefined) {
    return { ...state, open: undefined, options: { ...state.options, [longName(state.open)]: word } };
  }
  if (word.startsWith('-')) {
    const flag = flagsOf(state.spec).find((one) => spellings(one).includes(word));
    return flag !== undefined && takesValue(flag) ? { ...state, open: flag } : state;
  }
  const chosen = state.next.find((one) => namesOf(one).includes(word));
  if (chosen !== undefined) return { ...state, spec: chosen, next: chosen.children ?? [] };
  return { ...state, args: [...state.args, word] };
}

async function possible(
  state: State,
  current: string,
  sources: CandidateSources,
): Promise<readonly string[]> {
  if (state.open !== undefined) return flagValues(state.open, sources);
  if (current.startsWith('-'))
    return flagsOf(state.spec)
      .flatMap(spellings)
      .filter((one) => one.startsWith('--'));
  if (state.next.length > 0) return state.next.filter((one) => one.hidden !== true).map((one) => one.name);
  const kind = state.spec?.complete?.[state.args.length];
  if (kind === undefined) return [];
  if (kind === 'apps')
    return current.startsWith('.') || current.startsWith('/') ? [fileCandidates] : sources.apps();
  if (kind === 'installations') return sources.installations(state.options);
  return kind === 'folders' ? [fileCandidates] : kind;
}

async function flagValues(flag: FlagSpec, sources: CandidateSources): Promise<readonly string[]> {
  if (flag.choices !== undefined) return flag.choices;
  if (flag.complete === 'namespaces') return sources.namespaces();
  if (flag.complete === 'contexts') return sources.contexts();
  return flag.complete === undefined ? [] : [fileCandidates];
}

function flagsOf(spec: CommandSpec | undefined): readonly FlagSpec[] {
  return [...(spec === undefined ? leadingFlags : (spec.flags ?? [])), ...commonFlags];
}

function namesOf(spec: CommandSpec): readonly string[] {
  return [spec.name, spec.alias, ...(spec.otherAliases ?? [])].filter((name) => name !== undefined);
}

/** `-n, --namespace <name>` is spelt `-n` and `--namespace`. */
function spellings(flag: FlagSpec): readonly string[] {
  return flag.flags.split(/[ ,]+/).filter((part) => part.startsWith('-'));
}

function longName(flag: FlagSpec): string {
  return (spellings(flag).find((one) => one.startsWith('--')) ?? '').slice(2);
}

function takesValue(flag: FlagSpec): boolean {
  return flag.flags.includes('<');
}
