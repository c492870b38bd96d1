import type { CommandSpec } from '../../src/cli/cli.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { commonFlags, leadingFlags } from '../../src/cli/flags/common.ts';
import { type FlagSpec, meaningOf } from '../../src/cli/flags/flag.ts';
import type { ErrorCategory } from '../../src/domain/error-codes.ts';
import { cell, page, table } from './markdown.ts';

/** docs/cli.md: every command with its flags, from the same table that the program is built from. */
export function cliPage(commands: readonly CommandSpec[]): string {
  const shown = commands.filter((command) => command.hidden !== true);
  const groups = [...new Set(shown.map(({ group }) => group))];
  return page([
    '# Commands',
    'Made from `src/cli/tree/` by `npm run docs`. `appstore help <command>` shows the same in the terminal.',
    'Results go to stdout; progress, questions, warnings and errors to stderr. The shapes of `-o json` and `-o yaml` are in [outputs.md](outputs.md), the error codes in [errors.md](errors.md).',
    ...groups.map((group) => overview(group, shown)),
    '## Flags of every command',
    flagTable(commonFlags),
    `These may stand before the name of the command, too: ${leadingFlags.map(longNameOf).join(', ')}.`,
    '## Exit codes',
    table(['Code', 'Meaning'], [['0', 'done'], ...exitRows()]),
    ...groups.flatMap((group) => [
      `## ${titleOf(group)}`,
      ...shown.filter((command) => command.group === group).flatMap((command) => section(command, [])),
    ]),
  ]);
}

function overview(group: string, commands: readonly CommandSpec[]): string {
  const rows = commands
    .filter((command) => command.group === group)
    .map((command) => [
      `[\`${command.name}\`](#${anchor(['appstore', command.name])})`,
      cell(command.summary),
    ]);
  return table([titleOf(group), ''], rows);
}

function section(command: CommandSpec, parents: readonly string[]): string[] {
  const path = ['appstore', ...parents, command.name];
  const usage = [...path, command.args ?? '', command.children === undefined ? '[flags]' : '<command>'];
  const others = [command.alias, ...(command.otherAliases ?? [])].filter((name) => name !== undefined);
  return [
    `### ${path.join(' ')}`,
    sentence(command.summary),
    command.description ?? '',
    codeBlock([usage.filter((part) => part !== '').join(' ')]),
    others.length === 0 ? '' : `Also: ${others.map((name) => `\`${name}\``).join(', ')}.`,
    command.flags === undefined ? '' : flagTable(command.flags),
    examplesBlock(command),
    ...(command.children ?? []).flatMap((child) => section(child, [...parents, command.name])),
  ];
}

function flagTable(flags: readonly FlagSpec[]): string {
  return table(
    ['Flag', 'Meaning'],
    flags.map((flag) => [`\`${cell(flag.flags)}\``, cell(meaningOf(flag))]),
  );
}

function examplesBlock({ examples }: CommandSpec): string {
  if (examples === undefined) return '';
  const width = Math.max(...examples.map(([line]) => line.length));
  return codeBlock(examples.map(([line, meaning]) => `${line.padEnd(width)}  # ${meaning}`));
}

/** Categories in the order of their codes. */
function exitRows(): string[][] {
  const categories = Object.keys(exitMeanings) as ErrorCategory[];
  return categories.map((category) => [String(exitCodes[category]), exitMeanings[category]]);
}

const exitMeanings: Readonly<Record<ErrorCategory, string>> = {
  failed: 'failed',
  input: 'bad usage or input',
  pending: 'changes pending (only with `--exit-code`)',
  'not-found': 'not found',
  conflict: 'conflict or locked',
  unhealthy: 'timed out or not healthy',
  forbidden: 'not allowed',
  interrupted: 'interrupted',
};

function codeBlock(lines: readonly string[]): string {
  return ['```sh', ...lines, '```'].join('\n');
}

/** `Find apps:` is how the help writes it. */
function titleOf(group: string): string {
  return group.replace(/:$/, '');
}

function longNameOf({ flags }: FlagSpec): string {
  return `\`${/--[a-z-]+/.exec(flags)?.[0] ?? flags}\``;
}

/** The anchor that GitHub and most others make of a heading of plain words. */
function anchor(words: readonly string[]): string {
  return words.join('-');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
