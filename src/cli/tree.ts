import type { CommandSpec } from './cli.ts';
import { changeCommands } from './tree/change.ts';
import { findCommands } from './tree/find.ts';
import { lookCommands } from './tree/look.ts';
import { makeCommands } from './tree/make.ts';
import { otherCommands } from './tree/other.ts';

/** Every command there is. docs/cli.md is generated from it. */
export const commands: readonly CommandSpec[] = [
  ...findCommands,
  ...makeCommands,
  ...changeCommands,
  ...lookCommands,
  ...otherCommands,
];
