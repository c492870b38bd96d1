import type { CommandSpec } from '../cli.ts';
import { commonFlags } from '../flags/common.ts';
import type { FlagSpec } from '../flags/flag.ts';

/** What the words up to the cursor say: which command, which arguments, which flags, and what is being typed. */
export interface WordsRead {
  /** Undefined while the command itself is typed. */
  readonly command: CommandSpec | undefined;
  /** Commands that can be chosen here. */
  readonly choices: readonly CommandSpec[];
  readonly args: readonly string[];
  /** Flags that were given with a value, by attribute name as the tree has it (`--namespace` -> `namespace`). */
  readonly given: Readonly<Record<string, string>>;
  /** The flag whose value is typed now. */
  readonly flag: FlagSpec | undefined;
  readonly flags: readonly FlagSpec[];
  readonly current: string;
  /** What of the word being typed stands before `current`: `--output=`. */
  readonly prefix: string;
}

/** Reads the words of a command line; the last one is the one being typed, maybe empty. */
export function readWords(
  typed: readonly string[],
  commands: readonly CommandSpec[],
  leading: readonly FlagSpec[],
): WordsRead {
  const words = splitAtEquals(typed);
  let command: CommandSpec | undefined;
  let choices = commands;
  let flag: FlagSpec | undefined;
  const args: string[] = [];
  const given: Record<string, string> = {};
  for (const word of words.slice(0, -1)) {
    if (flag !== undefined) {
      given[longName(flag)] = word;
      flag = undefined;
    } else if (word.startsWith('-') && word !== '-') {
      flag = takesValue(findFlag(word, flagsOf(command, leading)));
    } else {
      const child = choices.find((candidate) => namesOf(candidate).includes(word));
      if (child === undefined) args.push(word);
      else {
        command = child;
        choices = child.children ?? [];
      }
    }
  }
  return {
    command,
    choices,
    args,
    given,
    flag,
    flags: flagsOf(command, leading),
    current: words.at(-1) ?? '',
    prefix: /^--[a-z-]+=/.exec(typed.at(-1) ?? '')?.[0] ?? '',
  };
}

/** `--output=json` as two words. bash has split it already, into `--output`, `=` and `json`. */
function splitAtEquals(words: readonly string[]): readonly string[] {
  return words.flatMap((word, index) => {
    if (word === '=' && words[index - 1]?.startsWith('--') === true)
      return index === words.length - 1 ? [''] : [];
    const [, flag, value] = /^(--[a-z-]+)=(.*)$/s.exec(word) ?? [];
    return flag === undefined || value === undefined ? [word] : [flag, value];
  });
}

/** `--namespace` of `-n, --namespace <name>`. */
export function longFlag(flag: FlagSpec): string {
  return /--[a-z-]+/.exec(flag.flags)?.[0] ?? flag.flags;
}

function longName(flag: FlagSpec): string {
  return longFlag(flag).slice(2);
}

/** A command's name and its other names. */
function namesOf(spec: CommandSpec): readonly string[] {
  return [spec.name, ...(spec.alias === undefined ? [] : [spec.alias]), ...(spec.otherAliases ?? [])];
}

function flagsOf(command: CommandSpec | undefined, leading: readonly FlagSpec[]): readonly FlagSpec[] {
  return [...(command === undefined ? leading : (command.flags ?? [])), ...commonFlags];
}

function findFlag(word: string, flags: readonly FlagSpec[]): FlagSpec | undefined {
  return flags.find((flag) => flag.flags.split(/[ ,]+/).includes(word));
}

function takesValue(flag: FlagSpec | undefined): FlagSpec | undefined {
  return flag?.flags.includes('<') === true ? flag : undefined;
}
