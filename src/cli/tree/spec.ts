import type { Cli } from '../cli.ts';
import type { FlagSpec } from '../flags.ts';

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

/** Headings under which the help lists the commands, in their order. */
export const groups = {
  find: 'Find apps:',
  make: 'Make apps and catalogs:',
  change: 'Install and change:',
  look: 'Look at what is installed:',
  other: 'Other:',
} as const;

/** What an app may be named as, for descriptions. */
export const appText =
  '`<app>` is `name`, `catalog/name`, `name@version-or-range`, `./folder`, `./archive.tgz`, `https://host/archive.tgz`, `oci://host/path:version` or `git+https://host/repository.git#ref:folder`.';

/** Heading of the flags about asking and waiting. */
export const asking = 'Asking and waiting:';
