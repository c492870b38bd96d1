import type { CommandSpec } from '../cli.ts';
import { lintOutput, plainOutput, valueOutput } from '../flags/common.ts';
import type { FlagSpec } from '../flags/flag.ts';
import { pinFlags, signFlags, trustFlags } from '../flags/signing.ts';
import { groups } from './texts.ts';

const server = 'Server:';

const serverFlags: readonly FlagSpec[] = [
  { flags: '--username <name>', description: 'user; the password is read from stdin', group: server },
  { flags: '--password-stdin', description: 'read the password from stdin', group: server },
  { flags: '--token-stdin', description: 'read a bearer token from stdin', group: server },
  {
    flags: '--ca-file <file>',
    description: 'PEM file with an own certificate authority',
    group: server,
    complete: 'files',
  },
  {
    flags: '--cert-file <file>',
    description: 'PEM file with the certificate that is shown to the server',
    group: server,
    complete: 'files',
  },
  { flags: '--key-file <file>', description: 'PEM file with its key', group: server, complete: 'files' },
  {
    flags: '--plain-http',
    description: 'ask a registry without TLS; let credentials go over plain HTTP',
    group: server,
  },
];

/** `appstore catalog`. */
export const catalogCommand: CommandSpec = {
  name: 'catalog',
  summary: 'add, list, update, verify, trust, remove and make catalogs',
  description:
    'A catalog is a folder of apps, a site, a Helm repository, a registry or a git repository. The built-in one is always there. docs/catalogs.md tells how they are read.',
  group: groups.find,
  children: [
    {
      name: 'add',
      args: '<name> <location>',
      summary: 'read a catalog and remember it under a name',
      description:
        '`<location>` is the address of a site that `appstore catalog build` made, or of a Helm repository (`https://host/path`), the path below which a registry keeps charts (`oci://host/path`), a git repository with a branch, tag or commit and the folder of the apps (`git+https://host/repository.git#ref:folder`), or a folder (`./apps`).',
      group: groups.find,
      flags: [...serverFlags, ...pinFlags, valueOutput],
      examples: [
        [
          'appstore catalog add bitnami https://charts.bitnami.com/bitnami',
          'a Helm repository: `bitnami/redis` is then an app',
        ],
        [
          'appstore catalog add team oci://registry.example.com/charts',
          'a registry: `team/web` is then oci://registry.example.com/charts/web',
        ],
        [
          'appstore catalog add infra git+https://git.example.com/infra.git#main:charts',
          'the folder `charts` of a git repository, on the branch `main`',
        ],
        [
          'appstore catalog add ours https://charts.example.com --username ann --password-stdin < secret',
          'with a password',
        ],
        [
          'appstore catalog add apps https://apps.example.com --signed-by catalog.key.pub',
          'pinned to a signer',
        ],
        [
          'appstore catalog add apps https://apps.example.com --signer ann@example.com --issuer https://accounts.example.com',
          'pinned to an identity',
        ],
      ],
      load: () => import('../commands/catalog-add.ts'),
    },
    {
      name: 'list',
      alias: 'ls',
      summary: 'list the catalogs that were added',
      group: groups.find,
      flags: [plainOutput],
      load: () => import('../commands/catalog-list.ts'),
    },
    {
      name: 'update',
      args: '[names...]',
      summary: 'ask the servers of catalogs for what is new',
      description:
        'One conditional request a catalog. What was read before stays where a server cannot be reached.',
      group: groups.find,
      flags: [plainOutput],
      complete: ['catalogs'],
      load: () => import('../commands/catalog-update.ts'),
    },
    {
      name: 'verify',
      args: '[names...]',
      summary: 'check the signatures of catalogs, here and at their servers',
      description:
        'Changes nothing. Exit code 1 where a catalog that is pinned to a signer (`catalog add --signed-by`) is not as it has to be, and where one that is named is pinned to none.',
      group: groups.find,
      flags: [plainOutput],
      complete: ['catalogs'],
      load: () => import('../commands/catalog-verify.ts'),
    },
    {
      name: 'trust',
      args: '<name>',
      summary: 'tell whom a catalog is pinned to, and change it',
      description:
        'A signature by any of them counts. To change a key: whoever uses the catalog adds the new one, whoever publishes it signs with both for a while, then the old one is removed. What somebody signed who is removed is not used any more.',
      group: groups.find,
      flags: [...trustFlags, valueOutput],
      examples: [
        ['appstore catalog trust apps', 'whom it is pinned to'],
        ['appstore catalog trust apps --add-key new.key.pub', 'either key counts'],
        ['appstore catalog trust apps --remove-key old.key.pub', 'the new one alone'],
      ],
      complete: ['catalogs'],
      load: () => import('../commands/catalog-trust.ts'),
    },
    {
      name: 'remove',
      args: '<name>',
      summary: 'forget a catalog, its credentials and what was read of it',
      description: 'What was installed from it stays.',
      group: groups.find,
      flags: [valueOutput],
      complete: ['catalogs'],
      load: () => import('../commands/catalog-remove.ts'),
    },
    {
      name: 'build',
      args: '<folder>',
      summary: 'make a static site of a folder of apps',
      description:
        'Every folder in `<folder>` with an app.yaml or a Chart.yaml is an app. The site holds an archive a version, an index, search data, icons and pages to look at: any web server or bucket can serve it. Versions that were published stay, and never change.',
      group: groups.make,
      flags: [
        {
          flags: '--out <folder>',
          description: 'where the site is made, or brought up to date',
          group: 'Output:',
          complete: 'folders',
        },
        ...signFlags,
        valueOutput,
      ],
      examples: [
        [
          'appstore catalog build ./apps --out ./site',
          'then serve `site`, and `appstore catalog add NAME https://...`',
        ],
        [
          'appstore catalog build ./apps --out ./site --sign-key catalog.key --signed-as example.com/team',
          'signed; later signatures keep the name',
        ],
        [
          'appstore catalog build ./apps --out ./site --keyless --signed-as example.com/team',
          'signed by the pipeline that this runs in, without a key',
        ],
      ],
      complete: ['folders'],
      load: () => import('../commands/catalog-build.ts'),
    },
    {
      name: 'push',
      args: '<folder> <location>',
      summary: 'put a catalog into a registry, with an index beside its apps',
      description:
        '`<folder>` is a site that `appstore catalog build` made, or a folder of apps; `<location>` is `oci://host/path`: each app becomes a repository below it, each version a tag. The index makes the catalog searchable once it is added. What was pushed stays, and never changes. Charts can be pulled with Helm.',
      group: groups.make,
      flags: [...serverFlags, ...signFlags, valueOutput],
      examples: [
        [
          'appstore catalog push ./site oci://registry.example.com/apps',
          'then `appstore catalog add team oci://registry.example.com/apps`',
        ],
      ],
      complete: ['folders'],
      load: () => import('../commands/catalog-push.ts'),
    },
    {
      name: 'lint',
      args: '[folders...]',
      summary: 'hold apps against their format and good practice',
      description:
        'Each folder is an app, or holds apps; the working directory where none is named. Every finding has a rule, a place and a fix; docs/lint.md lists the rules, and how a package makes an exception. Exit 1 where something is found that `--fail-on` names.',
      group: groups.make,
      flags: [
        {
          flags: '--fail-on <severity>',
          description: 'what fails the command; error if not given',
          group: 'Output:',
          choices: ['error', 'warning', 'never'],
        },
        lintOutput,
      ],
      examples: [
        ['appstore catalog lint ./apps', 'every app in a folder'],
        [
          'appstore catalog lint ./apps --fail-on warning -o sarif > lint.sarif',
          'in a pipeline of a code host',
        ],
      ],
      complete: ['folders'],
      load: () => import('../commands/catalog-lint.ts'),
    },
  ],
};
