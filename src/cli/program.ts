import { styleText } from 'node:util';
import { Command, type CommanderError, InvalidArgumentError, Option } from 'commander';
import { AppstoreError } from '../domain/errors.ts';
import type { CommandSpec } from './cli.ts';
import { commonFlags, leadingFlags } from './flags/common.ts';
import { type FlagSpec, meaningOf } from './flags/flag.ts';
import type { Options } from './options.ts';
import { commands } from './tree.ts';

/** What commander is given to speak with. */
export interface ProgramSettings {
  readonly version: string;
  readonly write: (text: string) => void;
  /** Asked where something is shown, as is the width: to look at the stream makes it, which a command that fails early never needs. */
  readonly color: () => boolean;
  /** Width of the help. */
  readonly columns: () => number | undefined;
  /** Called with the command that was chosen. */
  readonly action: (spec: CommandSpec, args: readonly string[], options: Options) => Promise<void>;
  /**
   * The command line that will be parsed. Commands that it does not name are then left out, or known by their names alone, where that
   * is enough: making every flag of every command is a noticeable part of every start.
   */
  readonly argv?: readonly string[];
}

/** The commander tree, from the tables of tree.ts and flags.ts. Throws CommanderError instead of ending the process. */
export function buildProgram(settings: ProgramSettings): Command {
  const program = new Command('appstore')
    .description('The app store for any Kubernetes cluster.')
    .version(settings.version, '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .enablePositionalOptions()
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 input, 3 changes pending, 4 not found, 5 conflict, 6 not healthy or timed out, 7 not allowed, 130 interrupted.\n',
    );
  prepare(program, settings);
  program.commandsGroup('Other:');
  const first = firstCommand(settings.argv);
  if (first !== undefined) return program.addCommand(commandOf(first, settings));
  for (const flag of [...leadingFlags, ...commonFlags]) program.addOption(optionOf(flag).hideHelp());
  const whole = wholeCommands(settings.argv);
  for (const spec of commands)
    program.addCommand(whole.has(spec) ? commandOf(spec, settings) : namesOf(spec), {
      hidden: spec.hidden === true,
    });
  return program;
}

/**
 * The command line that is parsed. Commander answers `help` of a command that there is none of with a list of all; it is told as the command
 * itself would be.
 */
export function toParse(argv: readonly string[]): readonly string[] {
  const [help, topic] = argv;
  if (help !== 'help' || topic === undefined || topic === 'help' || topic.startsWith('-')) return argv;
  return commands.some((spec) => namesOfSpec(spec).includes(topic)) ? argv : argv.slice(1);
}

/** Asks for a list of commands, which shows their arguments. */
const helpWords: ReadonlySet<string> = new Set(['-h', '--help', 'help']);

/** The command that a command line begins with: what follows is its own, and no other one can be meant. */
function firstCommand(argv: readonly string[] = []): CommandSpec | undefined {
  const [word] = argv;
  return word === undefined || asksForHelp(argv)
    ? undefined
    : commands.find((spec) => namesOfSpec(spec).includes(word));
}

/**
 * Commands that a command line can come to: those that it names anywhere, as what stands before them may be the value of a
 * flag. All of them where it asks for help or names none.
 */
function wholeCommands(argv: readonly string[] = []): ReadonlySet<CommandSpec> {
  if (argv.length === 1 && argv[0] === '--version') return new Set();
  const words = new Set(argv);
  const named = commands.filter((spec) => namesOfSpec(spec).some((name) => words.has(name)));
  return new Set(named.length === 0 || asksForHelp(argv) ? commands : named);
}

function asksForHelp(argv: readonly string[]): boolean {
  return argv.some((word) => helpWords.has(word));
}

function namesOfSpec(spec: CommandSpec): readonly string[] {
  return [spec.name, ...aliasesOf(spec)];
}

/** A command that is not run: its names, which mistyped ones are compared with. */
function namesOf(spec: CommandSpec): Command {
  return new Command(spec.name).aliases(aliasesOf(spec));
}

function aliasesOf(spec: CommandSpec): readonly string[] {
  return [spec.alias, ...(spec.otherAliases ?? [])].filter((alias) => alias !== undefined);
}

function commandOf(spec: CommandSpec, settings: ProgramSettings): Command {
  const command = new Command(spec.name).helpOption('-h, --help', 'show help').summary(spec.summary);
  prepare(command, settings);
  command.description(
    spec.description === undefined
      ? sentence(spec.summary)
      : `${sentence(spec.summary)}\n\n${spec.description}`,
  );
  command.helpGroup(spec.group);
  if (spec.args !== undefined) command.arguments(spec.args);
  command.aliases(aliasesOf(spec));
  for (const flag of [...(spec.flags ?? []), ...commonFlags]) command.addOption(optionOf(flag));
  const { examples } = spec;
  if (examples !== undefined)
    command.addHelpText('after', () => examplesText(examples, settings.columns() ?? 80));
  for (const child of spec.children ?? []) command.addCommand(commandOf(child, settings));
  if (spec.name === '__complete') command.allowUnknownOption().passThroughOptions().helpOption(false);
  if (spec.load !== undefined) command.action(() => settings.action(spec, command.args, optionsOf(command)));
  return command;
}

function prepare(command: Command, settings: ProgramSettings): void {
  command
    .exitOverride((error) => {
      throw error.exitCode === 0 ? error : usageError(command, error);
    })
    .configureOutput({
      writeOut: settings.write,
      // What is wrong is thrown, and told by the error view
      writeErr: () => {},
      getOutHelpWidth: () => settings.columns() ?? 80,
      getOutHasColors: settings.color,
    })
    .configureHelp({
      minWidthToWrap: 20,
      // As docs/cli.md has it: commander would quote the choices, and tell of presets
      optionDescription: ({ description, argChoices: choices }) =>
        meaningOf({ description, ...(choices === undefined ? {} : { choices }) }),
      styleTitle: (text) => (settings.color() ? styleText('bold', text, { validateStream: false }) : text),
    });
}

/** What commander found wrong, as an error of ours. Its text is `error: what`, and `(Did you mean x?)` on a line of its own. */
function usageError(command: Command, error: CommanderError): AppstoreError {
  const path = pathOf(command);
  const help = `Read \`${path} --help\`.`;
  if (error.code === 'commander.help') {
    const names = command
      .createHelp()
      .visibleCommands(command)
      .map((child) => child.name())
      .filter((name) => name !== 'help')
      .join(', ');
    return new AppstoreError('USAGE', `\`${path}\` needs one of: ${names}`, { hint: help });
  }
  const [what = '', near] = error.message.replace(/^error: /, '').split('\n');
  const hint = near === undefined ? help : `${near.replace(/^\(|\)$/g, '')} ${help}`;
  return new AppstoreError('USAGE', what, { hint });
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** Flags before the command's name count as flags after it, unless both are given: then the later one does. */
function optionsOf(command: Command): Options {
  const result: Record<string, unknown> = {};
  for (let at: Command | null = command; at !== null; at = at.parent) {
    for (const [name, value] of Object.entries(at.opts())) {
      if (at.getOptionValueSource(name) !== 'default' && !Object.hasOwn(result, name)) result[name] = value;
    }
  }
  return result;
}

/** An option whose place among the values may be named otherwise than the flag: several flags fill one list. */
class NamedOption extends Option {
  readonly place: string | undefined;

  constructor(spec: FlagSpec) {
    super(spec.flags, spec.description);
    this.place = spec.attribute;
  }

  override attributeName(): string {
    return this.place ?? super.attributeName();
  }
}

/** A flag as commander knows it. */
function optionOf(spec: FlagSpec): Option {
  const option = new NamedOption(spec).helpGroup(spec.group);
  if (spec.unnamed !== undefined) option.preset(spec.unnamed);
  if (spec.choices !== undefined) option.choices(spec.choices);
  else if (spec.parse !== undefined || spec.repeat === true) {
    option.argParser((text, previous: unknown) => {
      const value = spec.parse === undefined ? text : spec.parse(text);
      if (value === undefined)
        throw new InvalidArgumentError(`It must be ${spec.expects ?? 'something else'}.`);
      return spec.repeat === true ? [...(Array.isArray(previous) ? previous : []), value] : value;
    });
  }
  return option;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Command lines with their meaning beside them; below them where that would be wider than the terminal. */
function examplesText(examples: readonly (readonly [string, string])[], columns: number): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  const beside = examples.map(([line, meaning]) => `  ${line.padEnd(width)}  ${meaning}`);
  const fits = beside.every((line) => line.length <= columns);
  const lines = fits ? beside : examples.map(([line, meaning]) => `  ${line}\n      ${meaning}`);
  return `\nExamples:\n${lines.join('\n')}\n`;
}
