import type { CommandSpec } from '../cli.ts';
import { catalogFlags, packageFlags } from '../flags/catalogs.ts';
import { createNamespaceFlag } from '../flags/change.ts';
import { clusterFlags, documentOutput, listOutput, plainOutput, valueOutput } from '../flags/common.ts';
import type { FlagSpec } from '../flags/flag.ts';
import { valueFlags, versionFlag } from '../flags/values.ts';
import { catalogCommand } from './catalogs.ts';
import { appText, groups } from './texts.ts';

const subjectFlags: readonly FlagSpec[] = [
  {
    flags: '--service-account <name>',
    description: 'service account of the namespace (`<name>-installer` if nobody is named)',
    group: 'Who:',
  },
  { flags: '--user <name>', description: 'user', group: 'Who:' },
  { flags: '--group <name>', description: 'group', group: 'Who:' },
];

/** What finds and shows apps. */
export const findCommands: readonly CommandSpec[] = [
  {
    name: 'search',
    args: '[words...]',
    summary: 'find apps in the catalogs',
    group: groups.find,
    flags: [
      ...catalogFlags,
      { flags: '--category <name>', description: 'only apps of this category', group: 'Catalogs:' },
      {
        flags: '--limit <number>',
        description: 'the best so many; 0 for all (100 in a table, else all)',
        group: 'Output:',
        parse: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined),
        expects: 'a whole number',
      },
      listOutput,
    ],
    examples: [
      ['appstore search', 'every app'],
      ['appstore search database', 'apps that have to do with databases'],
    ],
    load: () => import('../commands/search.ts'),
  },
  catalogCommand,
  {
    name: 'show',
    args: '<app>',
    summary: 'show an app: what it is, its versions and what it needs',
    description: appText,
    group: groups.find,
    flags: [
      ...packageFlags,
      versionFlag,
      { flags: '--readme', description: "print the app's README instead", group: 'Output:' },
      valueOutput,
    ],
    examples: [
      ['appstore show postgres', 'the newest version'],
      ['appstore show postgres@^1 -o json', 'as data'],
    ],
    complete: ['apps'],
    load: () => import('../commands/show.ts'),
  },
  {
    name: 'values',
    args: '<app>',
    summary: "print an app's values with their defaults as commented YAML",
    description: `${appText} The output is a values file: change what you need and pass it with \`--values\`.`,
    group: groups.find,
    flags: [
      ...packageFlags,
      versionFlag,
      { flags: '--schema', description: 'print the JSON Schema of the values', group: 'Output:' },
      documentOutput,
    ],
    examples: [
      ['appstore values postgres > values.yaml', 'a file to start from'],
      ['appstore values postgres --schema', 'for an editor or a form'],
    ],
    complete: ['apps'],
    load: () => import('../commands/values.ts'),
  },
  {
    name: 'images',
    args: '<app>',
    summary: 'list the container images that an app uses',
    description: `${appText} Works without a cluster.`,
    group: groups.find,
    flags: [...packageFlags, versionFlag, ...valueFlags, plainOutput],
    examples: [['appstore images postgres -o name', 'one image a line, for a mirror']],
    complete: ['apps'],
    load: () => import('../commands/images.ts'),
  },
  {
    name: 'template',
    args: '<app> [name]',
    summary: 'print the manifests that an install would apply',
    description: `${appText} Works without a cluster. Generated secrets are not made: a fixed text stands in their place.`,
    group: groups.find,
    flags: [
      ...packageFlags,
      versionFlag,
      ...valueFlags,
      clusterFlags[2] as FlagSpec,
      {
        flags: '--kube-version <version>',
        description: 'Kubernetes version to assume, like 1.36',
        group: 'Values:',
      },
      documentOutput,
    ],
    examples: [['appstore template whoami | kubectl diff -f -', 'compare by other means']],
    complete: ['apps'],
    load: () => import('../commands/template.ts'),
  },
  {
    name: 'rbac',
    args: '<app> [name]',
    summary: 'print the least Role and RoleBinding that installs an app',
    description: `${appText} For a service account of the namespace, which is printed too, or for a user or group. What the app's own roles give is among the rights, for nobody can give what they do not have.`,
    group: groups.find,
    flags: [
      ...clusterFlags,
      createNamespaceFlag,
      ...catalogFlags,
      versionFlag,
      ...valueFlags,
      ...subjectFlags,
      documentOutput,
    ],
    examples: [
      [
        'appstore rbac postgres db -n shop | kubectl apply -f -',
        'for a pipeline: ServiceAccount db-installer',
      ],
      ['appstore rbac postgres db -n shop --group developers', 'for people'],
    ],
    complete: ['apps'],
    load: () => import('../commands/rbac.ts'),
  },
];
