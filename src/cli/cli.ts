import type { Context } from './context.ts';
import type { FlagSpec } from './flags/flag.ts';
import type { Io } from './io.ts';
import type { Options } from './options.ts';

/** One run of one command: what was asked, and what it stands on. */
export interface Cli {
  readonly io: Io;
  readonly options: Options;
  /** Arguments in their order, without flags. */
  readonly args: readonly string[];
  readonly context: Context;
  /** Every command there is, for completion. */
  readonly commands: readonly CommandSpec[];
}

/** Runs a command; answers an exit code where it is not 0. */
type Run = (cli: Cli) => Promise<number | undefined>;

/** A command as data. Nothing of what it does is loaded before it is chosen. */
export interface CommandSpec {
  readonly name: string;
  readonly alias?: string;
  readonly otherAliases?: readonly string[];
  /** As commander writes them: `<app> [name]`. */
  readonly args?: string;
  readonly summary: string;
  readonly description?: string;
  readonly group: string;
  readonly flags?: readonly FlagSpec[];
  /** Command line, and what it does. */
  readonly examples?: readonly (readonly [string, string])[];
  readonly hidden?: boolean;
  /** Something is written to the cluster: an interruption says how to go on. */
  readonly writes?: boolean;
  /** What the shell completes arguments with, in their order (`__complete`). */
  readonly complete?: readonly ('apps' | 'catalogs' | 'installations' | 'folders' | readonly string[])[];
  readonly load?: () => Promise<{ readonly run: Run }>;
  readonly children?: readonly CommandSpec[];
}
