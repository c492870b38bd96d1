import { catalogFlags, clusterFlags, type FlagSpec, noInputFlag } from './flags.ts';
import { changeCommands } from './tree/change.ts';
import { findCommands } from './tree/find.ts';
import { lookCommands } from './tree/look.ts';
import { makeCommands } from './tree/make.ts';
import { otherCommands } from './tree/other.ts';
import type { CommandSpec } from './tree/spec.ts';

/** Every command there is. docs/cli.md is generated from it. */
export const commands: readonly CommandSpec[] = [
  ...findCommands,
  ...makeCommands,
  ...changeCommands,
  ...lookCommands,
  ...otherCommands,
];

/** Flags that may stand before the command's name as well. */
export const leadingFlags: readonly FlagSpec[] = [...clusterFlags, ...catalogFlags, noInputFlag];
