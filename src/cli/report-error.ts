import { AppstoreError } from '../domain/errors.ts';
import { errorOutput } from '../outputs/error.ts';
import type { CommandSpec } from './cli.ts';
import { type Io, widthOf } from './io.ts';
import type { Options } from './options.ts';
import { commands } from './tree.ts';
import { paletteFor, plain, useColor } from './views/color.ts';
import { errorText } from './views/error.ts';
import { toJson } from './views/print.ts';

/** What is known of the run that failed; without a command where the command line itself was wrong. */
export interface FailedRun {
  readonly io: Io;
  readonly argv: readonly string[];
  readonly spec?: CommandSpec;
  readonly args?: readonly string[];
  readonly options?: Options;
}

/** Tells a failure on stderr, as text or, with `-o json` or `-o yaml`, as one JSON object; answers what it was. */
export async function reportError(error: unknown, run: FailedRun): Promise<AppstoreError> {
  const failure = asAppstoreError(error, run);
  const options = run.options ?? optionsBeforeParsing(run.argv);
  const { stderr } = run.io;
  if (options.output === 'json' || options.output === 'yaml')
    stderr.write(`${toJson(errorOutput(failure))}\n`);
  else {
    const palette = useColor(run.io, stderr, options) ? await paletteFor(run.io, stderr, options) : plain;
    stderr.write(errorText(failure, { palette, verbose: options.verbose === true, width: widthOf(stderr) }));
  }
  return failure;
}

function asAppstoreError(error: unknown, run: FailedRun): AppstoreError {
  if (isInterruption(error, run.io)) return interrupted(error, run);
  if (error instanceof AppstoreError) return withCommand(error, run.spec);
  const message = error instanceof Error ? error.message : String(error);
  return new AppstoreError('INTERNAL', message, { cause: error });
}

/** The general advice of a code names no command: here it is known which one is meant. */
function withCommand(error: AppstoreError, spec: CommandSpec | undefined): AppstoreError {
  const path = spec === undefined ? undefined : pathOf(spec);
  if (path === undefined || !error.hint.includes('<command>')) return error;
  const { code, message, place, problems, cause } = error;
  return new AppstoreError(code, message, {
    hint: error.hint.replaceAll('<command>', path),
    problems,
    ...(place === undefined ? {} : { place }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The words that a command is run by, as in `catalog add`. */
function pathOf(spec: CommandSpec): string | undefined {
  for (const { name, children = [] } of commands) {
    if (children.includes(spec)) return `${name} ${spec.name}`;
  }
  return commands.includes(spec) ? spec.name : undefined;
}

/** inquirer throws these where Ctrl-C ends a question, or the signal it was given aborts. Questions come before any write. */
const promptErrors = new Set(['ExitPromptError', 'AbortPromptError', 'CancelPromptError']);

function isInterruption(error: unknown, io: Io): boolean {
  if (error instanceof AppstoreError) return error.code === 'INTERRUPTED';
  return (
    error instanceof Error &&
    (promptErrors.has(error.name) ||
      (io.signal.aborted && (error === io.signal.reason || error.name === 'AbortError')))
  );
}

/** Says what to run next: a service that knows better has said so in its own hint already. */
function interrupted(error: unknown, run: FailedRun): AppstoreError {
  const known = error instanceof AppstoreError ? error : undefined;
  const general = new AppstoreError('INTERRUPTED', 'stopped before it was done');
  if (known !== undefined && known.hint !== general.hint) return known;
  const atQuestion = error instanceof Error && promptErrors.has(error.name);
  const again =
    atQuestion || run.spec?.writes !== true
      ? 'Nothing was written.'
      : `${runAgain(run)}: it goes on from here.`;
  return new AppstoreError('INTERRUPTED', known?.message ?? general.message, {
    hint: again,
    ...(known === undefined ? {} : { problems: known.problems, cause: known.cause }),
  });
}

/** Values are left out: they may be secrets. Before the record was written they are known to nobody but the user. */
function runAgain(run: FailedRun): string {
  const { values, assignments, patch } = run.options ?? {};
  const given = [values, assignments, patch].some((flags) => flags !== undefined);
  return `Run \`${nextCommand(run)}\` again${given ? ', with the same values' : ''}`;
}

/** Flags without which the command would do something else. */
const meaningfulFlags: readonly (readonly [keyof Options, string])[] = [
  ['purgeData', '--purge-data'],
  ['purgeCrds', '--purge-crds'],
  ['deleteNamespace', '--delete-namespace'],
  ['undo', '--undo'],
  ['undoOnFailure', '--undo-on-failure'],
  ['allowClusterScope', '--allow-cluster-scope'],
];

/** The command with its arguments and the cluster and namespace that were named. */
function nextCommand(run: FailedRun): string {
  const { namespace, context, kubeconfig } = run.options ?? {};
  return [
    ...['appstore', run.spec?.name ?? '', ...(run.args ?? [])],
    ...meaningfulFlags.filter(([option]) => run.options?.[option] === true).map(([, flag]) => flag),
    ...(namespace === undefined ? [] : ['-n', namespace]),
    ...(context === undefined ? [] : ['--context', context]),
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
  ].join(' ');
}

/** What the error view needs of a command line that could not be parsed. */
function optionsBeforeParsing(argv: readonly string[]): Options {
  const flags = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const json = /(^| )(-o|--output)[ =]?(json|yaml)( |$)/.test(flags.join(' '));
  return {
    ...(json ? { output: 'json' as const } : {}),
    verbose: flags.includes('-v') || flags.includes('--verbose'),
    ...(flags.includes('--no-color') ? { color: false as const } : {}),
  };
}
