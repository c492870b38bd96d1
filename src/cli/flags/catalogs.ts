import type { FlagSpec } from './flag.ts';

/** Flags that add catalogs. */
export const catalogFlags: readonly FlagSpec[] = [
  {
    flags: '--catalog <folder>',
    description: 'a further catalog folder (repeatable; APPSTORE_CATALOG holds folders too)',
    group: 'Catalogs:',
    repeat: true,
    complete: 'folders',
  },
];

/** Flags of commands that read one app. */
export const packageFlags: readonly FlagSpec[] = [
  ...catalogFlags,
  {
    flags: '--dependency-update',
    description: 'fetch the charts that a chart in a folder names and its `charts/` lacks',
    group: 'Catalogs:',
  },
];

/** Flags of commands that install an app. */
export const installFlags: readonly FlagSpec[] = [
  ...packageFlags,
  {
    flags: '--require-signed',
    description:
      'take the app only from a catalog that is pinned to a signer (`catalog add --signed-by`), or the built-in one',
    group: 'Catalogs:',
  },
];
