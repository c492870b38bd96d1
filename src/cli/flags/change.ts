import { parseDuration } from '../duration.ts';
import { asking, noInputFlag, result, target } from './common.ts';
import { type FlagSpec, positiveInteger } from './flag.ts';

/** Flags of everything that asks before it goes on. */
export const confirmFlags: readonly FlagSpec[] = [
  {
    flags: '-y, --yes',
    description: 'go on without asking (never answers a question about data)',
    group: asking,
  },
  noInputFlag,
];

export const waitForLockFlag: FlagSpec = {
  flags: '--wait-for-lock <duration>',
  description:
    'wait so long for another operation on the installation; if not given only until it is seen whether it goes on, some seconds',
  group: asking,
  parse: parseDuration,
  expects: 'a duration like 90s, 5m or 1h30m',
};

/** Flags of everything that changes a cluster. */
export const timeoutFlag: FlagSpec = {
  flags: '--timeout <duration>',
  description: 'how long it may take, like 90s, 5m, 1h30m (5m if not given)',
  group: asking,
  parse: parseDuration,
  expects: 'a duration like 90s, 5m or 1h30m',
};

export const writeFlags: readonly FlagSpec[] = [
  ...confirmFlags,
  timeoutFlag,
  { flags: '--wait', description: 'wait until everything is ready (the default)', group: asking },
  { flags: '--no-wait', description: 'return when everything is written', group: asking },
  waitForLockFlag,
  { flags: '--dry-run', description: 'show the plan and write nothing', group: asking },
  { flags: '--exit-code', description: 'with --dry-run: exit 3 where there are changes', group: asking },
];

export const failAfterFlag: FlagSpec = {
  flags: '--fail-after <duration>',
  description:
    'how long a failure has to last before waiting ends, like 90s, or `never` (by its cause if not given)',
  group: asking,
  parse: (text) => (text === 'never' ? Number.POSITIVE_INFINITY : parseDuration(text)),
  expects: 'a duration like 90s, 5m or 1h30m, or never',
};

export const keepFlag: FlagSpec = {
  flags: '--keep <count>',
  description: 'revisions kept in the history (10 if not given)',
  group: asking,
  parse: positiveInteger,
  expects: 'a number from 1 on',
};

export const undoOnFailureFlag: FlagSpec = {
  flags: '--undo-on-failure',
  description: 'where it fails, go back to what was deployed before; why it failed stays in the history',
  group: asking,
};

export const noHooksFlag: FlagSpec = {
  flags: '--no-hooks',
  description: 'run no hook of the app',
  group: asking,
};

export const clusterScopeFlag: FlagSpec = {
  flags: '--allow-cluster-scope',
  description: 'write objects outside the namespace, and RBAC, from the record without being asked',
  group: asking,
};

export const createNamespaceFlag: FlagSpec = {
  flags: '--create-namespace',
  description: 'make the namespace if it is not there',
  group: target,
};

export const planExitCodeFlag: FlagSpec = {
  flags: '--exit-code',
  description: 'exit 3 where there are changes',
  group: result,
};
