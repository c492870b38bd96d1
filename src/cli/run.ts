import { CommanderError } from 'commander';
import { AppstoreError } from '../domain/errors.ts';
import type { Cli, CommandSpec } from './cli.ts';
import { createContext, type Overrides, programVersion } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { type Io, widthOf } from './io.ts';
import type { Options } from './options.ts';
import { buildProgram, toParse } from './program.ts';
import { groups } from './tree/texts.ts';
import { commands } from './tree.ts';
import { useColor } from './views/color.ts';

/**
 * Parses a command line, runs its command and answers the exit code. Never throws and never ends the process.
 * `overrides` stand in for what the composition root would make.
 */
export async function run(argv: readonly string[], io: Io, overrides: Overrides = {}): Promise<number> {
  let chosen: { spec: CommandSpec; args: readonly string[]; options: Options } | undefined;
  let code = 0;
  const program = buildProgram({
    version: programVersion,
    argv,
    write: (text) => void io.stdout.write(text),
    color: () => useColor(io, io.stdout, {}),
    columns: () => (io.stdout.isTTY === true ? widthOf(io.stdout) : undefined),
    action: async (spec, args, options) => {
      chosen = { spec, args, options };
      code = await execute(spec, { io, args, options }, overrides);
    },
  });
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(toParse(argv), { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const { reportError } = await import('./report-error.ts');
    const failure = await reportError(error, { io, argv, ...(chosen ?? {}) });
    return exitCodes[failure.category];
  }
}

async function execute(
  spec: CommandSpec,
  cli: Pick<Cli, 'io' | 'args' | 'options'>,
  overrides: Overrides,
): Promise<number> {
  const context = createContext(cli.io, cli.options, overrides);
  // With it Node begins to read its root certificates, in a thread of its own: it is done by the time that we connect.
  if (spec.group === groups.change || spec.group === groups.look) void import('node:tls');
  try {
    const module = await spec.load?.();
    if (module === undefined) throw new AppstoreError('INTERNAL', `\`${spec.name}\` cannot be run by itself`);
    return (await module.run({ ...cli, context, commands })) ?? 0;
  } finally {
    await context.close();
  }
}
