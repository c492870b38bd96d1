import type { Context } from './context.ts';
import type { Io } from './io.ts';
import type { Options } from './options.ts';
import type { CommandSpec } from './tree/spec.ts';

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
