import type { Cli } from './cli.ts';
import { parseDuration } from './duration.ts';
import {
  allNamespacesFlag,
  catalogFlags,
  choiceFlags,
  clusterFlags,
  clusterScopeFlag,
  confirmFlags,
  createNamespaceFlag,
  documentOutput,
  type FlagSpec,
  failAfterFlag,
  installFlags,
  keepFlag,
  lintOutput,
  listOutput,
  loginFlags,
  noHooksFlag,
  noInputFlag,
  packageFlags,
  passphraseFlag,
  pinFlags,
  plainOutput,
  planExitCodeFlag,
  planFileFlags,
  portNumber,
  positiveInteger,
  resetValuesFlag,
  savedPlanFlags,
  serveFlags,
  signFlags,
  timeoutFlag,
  trustFlags,
  undoOnFailureFlag,
  valueFlags,
  valueOutput,
  versionFlag,
  waitForLockFlag,
  writeFlags,
} from './flags.ts';

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

const find = 'Find apps:';
const make = 'Make apps and catalogs:';
const change = 'Install and change:';
const look = 'Look at what is installed:';
const other = 'Other:';

const logGroup = 'Logs:';
const asking = 'Asking and waiting:';

const appText =
  '`<app>` is `name`, `catalog/name`, `name@version-or-range`, `./folder`, `./archive.tgz`, `https://host/archive.tgz`, `oci://host/path:version` or `git+https://host/repository.git#ref:folder`.';

const subjectFlags: readonly FlagSpec[] = [
  {
    flags: '--service-account <name>',
    description: 'service account of the namespace (`<name>-installer` if nobody is named)',
    group: 'Who:',
  },
  { flags: '--user <name>', description: 'user', group: 'Who:' },
  { flags: '--group <name>', description: 'group', group: 'Who:' },
];

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

const sandboxFlags: readonly FlagSpec[] = [
  {
    flags: '--name <name>',
    description: 'name of the sandbox (`default` if not given)',
    group: 'Sandbox:',
    attribute: 'sandboxName',
  },
];

/** Every command there is. docs/cli.md is generated from it. */
export const commands: readonly CommandSpec[] = [
  {
    name: 'search',
    args: '[words...]',
    summary: 'find apps in the catalogs',
    group: find,
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
    load: () => import('./commands/search.ts'),
  },
  {
    name: 'catalog',
    summary: 'add, list, update, verify, trust, remove and make catalogs',
    description:
      'A catalog is a folder of apps, a site, a Helm repository, a registry or a git repository. The built-in one is always there. docs/catalogs.md tells how they are read.',
    group: find,
    children: [
      {
        name: 'add',
        args: '<name> <location>',
        summary: 'read a catalog and remember it under a name',
        description:
          '`<location>` is the address of a site that `appstore catalog build` made, or of a Helm repository (`https://host/path`), the path below which a registry keeps charts (`oci://host/path`), a git repository with a branch, tag or commit and the folder of the apps (`git+https://host/repository.git#ref:folder`), or a folder (`./apps`).',
        group: find,
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
        load: () => import('./commands/catalog-add.ts'),
      },
      {
        name: 'list',
        alias: 'ls',
        summary: 'list the catalogs that were added',
        group: find,
        flags: [plainOutput],
        load: () => import('./commands/catalog-list.ts'),
      },
      {
        name: 'update',
        args: '[names...]',
        summary: 'ask the servers of catalogs for what is new',
        description:
          'One conditional request a catalog. What was read before stays where a server cannot be reached.',
        group: find,
        flags: [plainOutput],
        complete: ['catalogs'],
        load: () => import('./commands/catalog-update.ts'),
      },
      {
        name: 'verify',
        args: '[names...]',
        summary: 'check the signatures of catalogs, here and at their servers',
        description:
          'Changes nothing. Exit code 1 where a catalog that is pinned to a signer (`catalog add --signed-by`) is not as it has to be, and where one that is named is pinned to none.',
        group: find,
        flags: [plainOutput],
        complete: ['catalogs'],
        load: () => import('./commands/catalog-verify.ts'),
      },
      {
        name: 'trust',
        args: '<name>',
        summary: 'tell whom a catalog is pinned to, and change it',
        description:
          'A signature by any of them counts. To change a key: whoever uses the catalog adds the new one, whoever publishes it signs with both for a while, then the old one is removed. What somebody signed who is removed is not used any more.',
        group: find,
        flags: [...trustFlags, valueOutput],
        examples: [
          ['appstore catalog trust apps', 'whom it is pinned to'],
          ['appstore catalog trust apps --add-key new.key.pub', 'either key counts'],
          ['appstore catalog trust apps --remove-key old.key.pub', 'the new one alone'],
        ],
        complete: ['catalogs'],
        load: () => import('./commands/catalog-trust.ts'),
      },
      {
        name: 'remove',
        args: '<name>',
        summary: 'forget a catalog, its credentials and what was read of it',
        description: 'What was installed from it stays.',
        group: find,
        flags: [valueOutput],
        complete: ['catalogs'],
        load: () => import('./commands/catalog-remove.ts'),
      },
      {
        name: 'build',
        args: '<folder>',
        summary: 'make a static site of a folder of apps',
        description:
          'Every folder in `<folder>` with an app.yaml or a Chart.yaml is an app. The site holds an archive a version, an index, search data, icons and pages to look at: any web server or bucket can serve it. Versions that were published stay, and never change.',
        group: make,
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
        load: () => import('./commands/catalog-build.ts'),
      },
      {
        name: 'push',
        args: '<folder> <location>',
        summary: 'put a catalog into a registry, with an index beside its apps',
        description:
          '`<folder>` is a site that `appstore catalog build` made, or a folder of apps; `<location>` is `oci://host/path`: each app becomes a repository below it, each version a tag. The index makes the catalog searchable once it is added. What was pushed stays, and never changes. Charts can be pulled with Helm.',
        group: make,
        flags: [...serverFlags, ...signFlags, valueOutput],
        examples: [
          [
            'appstore catalog push ./site oci://registry.example.com/apps',
            'then `appstore catalog add team oci://registry.example.com/apps`',
          ],
        ],
        complete: ['folders'],
        load: () => import('./commands/catalog-push.ts'),
      },
      {
        name: 'lint',
        args: '[folders...]',
        summary: 'hold apps against their format and good practice',
        description:
          'Each folder is an app, or holds apps; the working directory where none is named. Every finding has a rule, a place and a fix; docs/lint.md lists the rules, and how a package makes an exception. Exit 1 where something is found that `--fail-on` names.',
        group: make,
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
        load: () => import('./commands/catalog-lint.ts'),
      },
    ],
  },
  {
    name: 'create',
    summary: 'make something new',
    group: make,
    children: [
      {
        name: 'app',
        args: '<name>',
        summary: 'make the folder of a new app',
        description:
          'The folder is called like the app and holds app.yaml, README.md and icon.svg: a web server with probes, requests and the restricted security profile, which passes `appstore catalog lint` as it is. docs/packages.md describes the format.',
        group: make,
        flags: [
          {
            flags: '--image <image>',
            description: 'what it runs, with a tag that does not move (nginx if not given)',
            group: make,
          },
          {
            flags: '--port <number>',
            description: 'port that the container listens on (8080 if not given)',
            group: make,
            parse: portNumber,
            expects: 'a port from 1 to 65535',
          },
          {
            flags: '--out <folder>',
            description: 'where its folder is made; here if not given',
            group: make,
            complete: 'folders',
          },
          valueOutput,
        ],
        examples: [
          ['appstore create app web', 'makes ./web'],
          ['appstore create app web --image ghcr.io/acme/web:1.4.2 --port 3000', 'of an image of your own'],
        ],
        load: () => import('./commands/create-app.ts'),
      },
    ],
  },
  {
    name: 'show',
    args: '<app>',
    summary: 'show an app: what it is, its versions and what it needs',
    description: appText,
    group: find,
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
    load: () => import('./commands/show.ts'),
  },
  {
    name: 'values',
    args: '<app>',
    summary: "print an app's values with their defaults as commented YAML",
    description: `${appText} The output is a values file: change what you need and pass it with \`--values\`.`,
    group: find,
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
    load: () => import('./commands/values.ts'),
  },
  {
    name: 'images',
    args: '<app>',
    summary: 'list the container images that an app uses',
    description: `${appText} Works without a cluster.`,
    group: find,
    flags: [...packageFlags, versionFlag, ...valueFlags, plainOutput],
    examples: [['appstore images postgres -o name', 'one image a line, for a mirror']],
    complete: ['apps'],
    load: () => import('./commands/images.ts'),
  },
  {
    name: 'template',
    args: '<app> [name]',
    summary: 'print the manifests that an install would apply',
    description: `${appText} Works without a cluster. Generated secrets are not made: a fixed text stands in their place.`,
    group: find,
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
    load: () => import('./commands/template.ts'),
  },
  {
    name: 'rbac',
    args: '<app> [name]',
    summary: 'print the least Role and RoleBinding that installs an app',
    description: `${appText} For a service account of the namespace, which is printed too, or for a user or group. What the app's own roles give is among the rights, for nobody can give what they do not have.`,
    group: find,
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
    load: () => import('./commands/rbac.ts'),
  },
  {
    name: 'install',
    args: '[app] [name]',
    summary: 'install an app',
    description: `${appText} The name is that of the app if not given. On a terminal it asks for missing values, shows the plan and asks before it writes. Run again, it continues an install that failed or was cut.`,
    group: change,
    writes: true,
    flags: [
      ...clusterFlags,
      ...savedPlanFlags,
      createNamespaceFlag,
      ...installFlags,
      versionFlag,
      ...valueFlags,
      ...choiceFlags,
      undoOnFailureFlag,
      noHooksFlag,
      ...writeFlags,
      failAfterFlag,
      keepFlag,
      plainOutput,
    ],
    examples: [
      ['appstore install postgres', 'with defaults, named postgres'],
      [
        'appstore install postgres db -n shop --create-namespace --set storage.size=20Gi',
        'named db, with a value',
      ],
      ['appstore install ./my-app --dry-run', 'a package from a folder: the plan alone'],
    ],
    complete: ['apps'],
    load: () => import('./commands/install.ts'),
  },
  {
    name: 'plan',
    args: '[app] [name]',
    summary: 'show what an install or upgrade would do, and write nothing',
    description: `${appText} The same as \`install --dry-run\`, or \`upgrade --dry-run\` where the name is installed. Who may not write sees what differs from the live objects.`,
    group: change,
    flags: [
      ...clusterFlags,
      createNamespaceFlag,
      ...installFlags,
      versionFlag,
      ...valueFlags,
      resetValuesFlag,
      ...choiceFlags,
      noHooksFlag,
      planExitCodeFlag,
      ...planFileFlags,
      noInputFlag,
      plainOutput,
    ],
    examples: [
      ['appstore plan postgres db -n shop', 'stage by stage, object by object'],
      ['appstore plan ./my-app -v', 'every field'],
      [
        'appstore plan postgres db --exit-code -o json',
        'for a pipeline: exit 3 where something would change',
      ],
      [
        'appstore plan postgres db --out db.plan --require-approval',
        'to be approved and carried out by others',
      ],
    ],
    complete: ['apps', 'installations'],
    load: () => import('./commands/plan.ts'),
  },
  {
    name: 'approve',
    args: '[file]',
    summary: 'sign a saved plan, so that it may be carried out',
    description:
      'Prints the plan and adds a signature over all of it to the file. Who carries it out names the public keys that count with `--approved-by`. Works without a cluster.',
    group: change,
    flags: [
      {
        flags: '--key <file>',
        description: 'Ed25519 private key in PEM form',
        group: asking,
        complete: 'files',
      },
      passphraseFlag,
      {
        flags: '--as <name>',
        description: 'how you are called in the file; user and host if not given',
        group: asking,
      },
      {
        flags: '--new-key <file>',
        description: 'make a key pair instead: FILE and FILE.pub',
        group: asking,
        complete: 'files',
      },
      plainOutput,
    ],
    examples: [
      ['appstore approve --new-key ~/.approve.pem', 'once'],
      ['appstore approve db.plan --key ~/.approve.pem', 'look and sign'],
    ],
    load: () => import('./commands/approve.ts'),
  },
  {
    name: 'upgrade',
    args: '[name] [app]',
    summary: 'upgrade an installation, or change its values',
    description:
      'Keeps the stored values and lays the given ones over them. Without `[app]` it takes the newest version from the catalog that the app came from; `[app]` is like `postgres@^16` or `./folder`. Where nothing differs, nothing is written. With nothing but the name it goes on with a change that was cut, as it was begun; `--undo` goes back instead.',
    group: change,
    writes: true,
    flags: [
      ...clusterFlags,
      ...savedPlanFlags,
      ...installFlags,
      versionFlag,
      ...valueFlags,
      resetValuesFlag,
      {
        flags: '--undo',
        description: 'back from a change that failed or was cut to what is deployed',
        group: asking,
      },
      undoOnFailureFlag,
      noHooksFlag,
      clusterScopeFlag,
      ...choiceFlags,
      ...writeFlags,
      failAfterFlag,
      keepFlag,
      plainOutput,
    ],
    examples: [
      ['appstore upgrade db', 'to the newest version'],
      ['appstore upgrade db --version ^1.4 --set replicas=3', 'within a range, with a value'],
      ['appstore upgrade db --dry-run --exit-code', 'exit 3 where something would change'],
      ['appstore upgrade db --undo', 'back from an upgrade that failed'],
    ],
    complete: ['installations', 'apps'],
    load: () => import('./commands/upgrade.ts'),
  },
  {
    name: 'rollback',
    args: '[name] [revision]',
    summary: 'go back to an earlier revision',
    description:
      'Without a revision it goes back to the last that was deployed before the current one, or goes on with a rollback that was cut. The stored manifests are applied as a new revision. Volumes and the data in them stay as they are.',
    group: change,
    writes: true,
    flags: [
      ...clusterFlags,
      ...savedPlanFlags,
      clusterScopeFlag,
      noHooksFlag,
      ...choiceFlags,
      ...writeFlags,
      failAfterFlag,
      keepFlag,
      plainOutput,
    ],
    examples: [
      ['appstore rollback db', 'to the revision before'],
      ['appstore rollback db 3 --dry-run', 'what revision 3 would change back'],
    ],
    complete: ['installations'],
    load: () => import('./commands/rollback.ts'),
  },
  {
    name: 'remove',
    alias: 'rm',
    otherAliases: ['uninstall', 'delete'],
    args: '<name>',
    summary: 'remove an installation; volumes stay unless told',
    description:
      'Without a terminal it needs `--yes`. Volumes and generated secrets are kept unless `--purge-data` is given, which `--yes` never implies.',
    group: change,
    writes: true,
    flags: [
      ...clusterFlags,
      {
        flags: '--purge-data',
        description: 'delete volumes and generated secrets too',
        group: 'Asking and waiting:',
      },
      {
        flags: '--purge-crds',
        description: 'delete CustomResourceDefinitions too, with every object of their kinds',
        group: 'Asking and waiting:',
      },
      {
        flags: '--delete-namespace',
        description: 'delete the namespace last, if the install made it and nothing else is in it',
        group: 'Asking and waiting:',
      },
      noHooksFlag,
      clusterScopeFlag,
      ...writeFlags,
      plainOutput,
    ],
    examples: [
      ['appstore remove db', 'asks first'],
      ['appstore remove db --yes --purge-data', 'with its data, from a script'],
    ],
    complete: ['installations'],
    load: () => import('./commands/remove.ts'),
  },
  {
    name: 'test',
    args: '<name>',
    summary: 'run the tests that an app brings',
    description:
      'Runs the test hooks of the deployed revision, all of them, one after the other. Exit 6 where one fails. What a test leaves stays until the next run, or goes as it says itself.',
    group: look,
    writes: true,
    flags: [
      ...clusterFlags,
      { flags: '--only <name>', description: 'only the test of this name', repeat: true, group: asking },
      { flags: '--logs', description: 'show the log of every test', group: asking },
      clusterScopeFlag,
      timeoutFlag,
      waitForLockFlag,
      noInputFlag,
      plainOutput,
    ],
    examples: [['appstore test web --logs', 'with what they say']],
    complete: ['installations'],
    load: () => import('./commands/test.ts'),
  },
  {
    name: 'forget',
    args: '<name>',
    summary: 'drop the record of an installation and keep its objects',
    description:
      'Nothing of the app is touched; nobody manages it from then on. Generated secrets stay in their Secret. Without a terminal it needs `--yes`.',
    group: change,
    writes: true,
    flags: [...clusterFlags, ...confirmFlags, waitForLockFlag, plainOutput],
    examples: [['appstore forget db --yes', 'hand the objects over to another tool']],
    complete: ['installations'],
    load: () => import('./commands/forget.ts'),
  },
  {
    name: 'adopt',
    args: '<release>',
    summary: 'take a release over from Helm, or give it back, without touching its pods',
    description:
      'What Helm stored is read: the history, the values and the chart become ours, the objects keep every value, and Helm does not find the release any more. Objects that differ from the release stay as they are and are told as drift. With `--back` Helm gets everything again, with the revisions that were made meanwhile. Cut anywhere, the same command goes on.',
    group: change,
    writes: true,
    flags: [
      ...clusterFlags,
      { flags: '--back', description: 'give it back to Helm', group: 'Deciding:' },
      ...confirmFlags,
      waitForLockFlag,
      { flags: '--dry-run', description: 'show the plan and write nothing', group: asking },
      keepFlag,
      plainOutput,
    ],
    examples: [
      ['appstore adopt web -n shop --dry-run', 'what would become ours'],
      ['appstore adopt web -n shop', 'take it over'],
      ['appstore adopt --back web -n shop', 'Helm manages it again'],
    ],
    load: () => import('./commands/adopt.ts'),
  },
  {
    name: 'import-helm',
    summary: 'take over every release of Helm in a namespace',
    description:
      'As `adopt` for each, one after the other. What cannot be taken over is told at the end with its reason, and the others go on; exit 1 then.',
    group: change,
    writes: true,
    flags: [
      ...clusterFlags,
      allNamespacesFlag,
      ...confirmFlags,
      waitForLockFlag,
      { flags: '--dry-run', description: 'show what would become ours and write nothing', group: asking },
      keepFlag,
      plainOutput,
    ],
    examples: [
      ['appstore import-helm -n shop --dry-run', 'which releases there are, and what stands against it'],
      ['appstore import-helm -A', 'in all namespaces'],
    ],
    load: () => import('./commands/import-helm.ts'),
  },
  {
    name: 'list',
    alias: 'ls',
    summary: 'list installations',
    group: look,
    description:
      'With `--helm` the releases that Helm manages stand beside the installations, each with its manager. Their charts are in no label: with `-o wide`, `json` or `yaml`, or where there are at most 20, the newest revision of each is read, one request a release.',
    flags: [
      ...clusterFlags,
      allNamespacesFlag,
      { flags: '--helm', description: "Helm's own releases too", group: 'Output:' },
      listOutput,
    ],
    examples: [
      ['appstore list -A', 'in all namespaces'],
      ['appstore list --helm -A', "Helm's releases too"],
    ],
    load: () => import('./commands/list.ts'),
  },
  {
    name: 'outdated',
    summary: 'list installations that their catalog has a newer version of',
    group: look,
    flags: [
      ...clusterFlags,
      allNamespacesFlag,
      ...catalogFlags,
      { flags: '--exit-code', description: 'exit 3 where there are newer versions', group: 'Output:' },
      plainOutput,
    ],
    examples: [['appstore outdated -A', 'in all namespaces']],
    load: () => import('./commands/outdated.ts'),
  },
  {
    name: 'status',
    args: '<name>',
    summary: 'show how an installation is: every object with state and reason',
    group: look,
    flags: [
      ...clusterFlags,
      { flags: '--exit-code', description: 'exit 6 where it is not healthy', group: 'Output:' },
      listOutput,
    ],
    examples: [['appstore status db', 'the state now']],
    complete: ['installations'],
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'why',
    args: '<name>',
    summary: 'say why an installation is not healthy: cause, evidence, and what to try',
    description:
      'Looks at the installation as it is now. With `--revision` it tells what was found when that revision failed, even after it was undone.',
    group: look,
    flags: [
      ...clusterFlags,
      {
        flags: '--revision <number>',
        description: 'what was found when this revision failed',
        group: 'Output:',
        parse: positiveInteger,
        expects: 'a number from 1 on',
      },
      { flags: '--exit-code', description: 'exit 6 where it is not healthy', group: 'Output:' },
      plainOutput,
    ],
    examples: [
      ['appstore why db', 'what is wrong now'],
      ['appstore why db --revision 3', 'why that upgrade failed'],
      ['appstore why db -o name', 'the cause code alone'],
    ],
    complete: ['installations'],
    load: () => import('./commands/why.ts'),
  },
  {
    name: 'logs',
    args: '<name> [object]',
    summary: 'print the logs of an installation',
    description:
      '`[object]` is `Kind/name` of the installation, or a pod of it; without it the logs of all its pods are printed. Secrets are masked; on a terminal control sequences are taken out.',
    group: look,
    flags: [
      ...clusterFlags,
      { flags: '-c, --container <name>', description: 'only containers of this name', group: logGroup },
      {
        flags: '--previous',
        description: 'of the run before the last restart',
        group: logGroup,
      },
      {
        flags: '--tail <count>',
        description: 'lines of each container, from the end (100 if not given)',
        group: logGroup,
        parse: positiveInteger,
        expects: 'a number from 1 on',
      },
      {
        flags: '--since <duration>',
        description: 'only lines that are not older, like 90s, 5m or 1h30m',
        group: logGroup,
        parse: parseDuration,
        expects: 'a duration like 90s, 5m or 1h30m',
      },
      {
        flags: '-f, --follow',
        description: 'go on with what comes until Ctrl-C, new pods and restarts included',
        group: logGroup,
      },
      {
        flags: '-o, --output <format>',
        description: 'json: one object a line',
        group: 'Output:',
        choices: ['json'],
      },
    ],
    examples: [
      ['appstore logs db', 'of all its pods'],
      ['appstore logs db StatefulSet/db --previous', 'why it ended the last time'],
      ['appstore logs wiki -c web --follow', 'of one container, as it comes'],
    ],
    complete: ['installations'],
    load: () => import('./commands/logs.ts'),
  },
  {
    name: 'events',
    args: '<name>',
    summary: 'list the events of an installation, the newest last',
    description:
      'About its objects and what belongs to them: ReplicaSets, Jobs, pods and claims, also those that are gone.',
    group: look,
    flags: [...clusterFlags, plainOutput],
    examples: [['appstore events db', 'what happened to it lately']],
    complete: ['installations'],
    load: () => import('./commands/events.ts'),
  },
  {
    name: 'history',
    args: '<name>',
    summary: 'list the revisions of an installation',
    group: look,
    flags: [...clusterFlags, listOutput],
    examples: [['appstore history db', 'newest first']],
    complete: ['installations'],
    load: () => import('./commands/history.ts'),
  },
  {
    name: 'drift',
    args: '<name>',
    summary: 'show what in the cluster differs from the revision, and who did it; take it back',
    description:
      'What others added beside the fields of the app is no drift. Writes nothing without `--repair`. Exit 3 with `--exit-code` where something differs.',
    group: look,
    writes: true,
    flags: [
      ...clusterFlags,
      { flags: '--repair', description: 'take back what differs', group: 'Deciding:' },
      {
        flags: '--only <object>',
        description: 'with --repair: this object, or this field of it: Kind/name:.path.to.field (repeatable)',
        group: 'Deciding:',
        repeat: true,
      },
      ...writeFlags.filter(({ flags }) => flags !== '--exit-code'),
      clusterScopeFlag,
      { flags: '--exit-code', description: 'exit 3 where something differs', group: 'Output:' },
      plainOutput,
    ],
    examples: [
      ['appstore drift db --exit-code', 'in a pipeline, every night'],
      ['appstore drift db --repair --only Deployment/db:.spec.replicas', 'one field back'],
    ],
    complete: ['installations'],
    load: () => import('./commands/drift.ts'),
  },
  {
    name: 'verify',
    args: '<name>',
    summary: 'look for what is left of a removed installation; exit 0 only where nothing is',
    description:
      'Needs no record: it looks at every kind that the cluster serves. Exit 1 where something is left, 7 where you may not look at everything.',
    group: look,
    flags: [...clusterFlags, plainOutput],
    examples: [['appstore verify db', 'after `appstore remove db --purge-data`']],
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'get',
    args: '<name> <part>',
    summary: 'print values, manifest, notes or outputs as stored',
    description:
      '`<part>` is values, manifest, notes or outputs. Secrets are masked; `appstore credentials` shows them. Releases of Helm can be read as well.',
    group: look,
    flags: [
      ...clusterFlags,
      {
        flags: '--revision <number>',
        description: 'of this revision; else of the current one',
        group: 'Output:',
        parse: positiveInteger,
        expects: 'a number from 1 on',
      },
      valueOutput,
    ],
    examples: [
      ['appstore get db values', 'what the user gave'],
      ['appstore get db manifest --revision 2', 'what an older revision applied'],
    ],
    complete: ['installations', ['values', 'manifest', 'notes', 'outputs']],
    load: () => import('./commands/get.ts'),
  },
  {
    name: 'export',
    args: '<name>',
    summary: 'write an installation back as a Helm chart with its values',
    description:
      'Of an installation, or of a release of Helm. Makes the folder `<name>` with `chart/` and `values.yaml`. The chart is the one that was installed; where Helm would not make the same of it (an app that is no chart, patches, subcharts that the record does not have) it is made of the objects. What is secret stands in `values.yaml` alone, which only you can read. Nothing in the cluster is touched.',
    group: look,
    flags: [
      ...clusterFlags,
      { flags: '--as-chart', description: 'as a Helm chart; there is no other form', group: 'Output:' },
      {
        flags: '--out <folder>',
        description: 'where the folder is made; here if not given',
        group: 'Output:',
        complete: 'folders',
      },
      {
        flags: '--revision <number>',
        description: 'of this revision; else of what is deployed',
        group: 'Output:',
        parse: positiveInteger,
        expects: 'a number from 1 on',
      },
      valueOutput,
    ],
    examples: [
      ['appstore export db --as-chart', 'makes db/chart and db/values.yaml'],
      ['helm template db db/chart -f db/values.yaml', 'what Helm makes of them'],
    ],
    complete: ['installations'],
    load: () => import('./commands/export.ts'),
  },
  {
    name: 'credentials',
    alias: 'creds',
    args: '<name> [key]',
    summary: 'list or print generated secrets, and what a chart keeps in its own',
    description:
      'Without a key it lists their names: paths in the values, or `SECRET/KEY` for what a chart keeps in its Secrets. With a key it prints that one value and nothing else.',
    group: look,
    flags: [
      ...clusterFlags,
      { flags: '--all', description: 'print every value', group: 'Output:' },
      valueOutput,
    ],
    examples: [
      ['appstore credentials db', 'which there are'],
      ['appstore credentials db auth.password | pbcopy', 'one of them'],
    ],
    complete: ['installations'],
    load: () => import('./commands/credentials.ts'),
  },
  {
    name: 'open',
    args: '<name>',
    summary: "open an app's address; without an Ingress it forwards a port until Ctrl-C",
    group: look,
    flags: [
      ...clusterFlags,
      { flags: '--no-browser', description: 'print the address and open nothing', group: 'Output:' },
      {
        flags: '--port <number>',
        description: 'local port to forward from',
        group: 'Output:',
        parse: portNumber,
        expects: 'a port from 1 to 65535',
      },
      valueOutput,
    ],
    examples: [['appstore open wiki', 'in the browser']],
    complete: ['installations'],
    load: () => import('./commands/open.ts'),
  },
  {
    name: 'serve',
    summary: 'serve the app store over HTTP: a REST API on this machine, or in a cluster for many',
    description:
      'Prints a link that logs in whoever opens it first. Everything is done with the rights of whoever asks: yours on this machine, those of the token of each request with `--auth token`, those of whoever is logged in with `--auth oidc`. It ends with Ctrl-C or SIGTERM; what it was at can be gone on with.',
    group: other,
    flags: [...clusterFlags.slice(0, 2), ...catalogFlags, ...serveFlags, ...loginFlags, valueOutput],
    examples: [
      ['appstore serve', 'on this machine, with your kubeconfig'],
      ['appstore serve --auth token --listen 0.0.0.0', 'in a pod: callers bring their tokens'],
    ],
    load: () => import('./commands/serve.ts'),
  },
  {
    name: 'doctor',
    summary: 'examine the cluster, the catalogs and what is stuck or orphaned, each with a fix',
    description: 'Writes nothing. Exit 1 where there is a problem; warnings do not count.',
    group: other,
    flags: [...clusterFlags, ...catalogFlags, valueOutput],
    examples: [['appstore doctor', 'before asking for help']],
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'sandbox',
    summary: 'a throwaway Kubernetes control plane on this machine, for trying and testing',
    description: 'Nodes are simulated: no container runs.',
    group: other,
    children: [
      {
        name: 'start',
        summary: 'start a sandbox and print the path of its kubeconfig',
        group: other,
        flags: [...sandboxFlags, valueOutput],
        examples: [['export KUBECONFIG=$(appstore sandbox start)', 'start it and use it']],
        load: () => import('./commands/sandbox-start.ts'),
      },
      {
        name: 'stop',
        summary: 'stop a sandbox and delete everything of it',
        group: other,
        flags: [...sandboxFlags, valueOutput],
        load: () => import('./commands/sandbox-stop.ts'),
      },
      {
        name: 'status',
        summary: 'show whether a sandbox runs, and where',
        group: other,
        flags: [...sandboxFlags, valueOutput],
        load: () => import('./commands/sandbox-status.ts'),
      },
    ],
  },
  {
    name: 'completion',
    args: '<shell>',
    summary: 'print a completion script for bash, zsh or fish',
    description: 'Completes commands, flags, apps, installations, namespaces and contexts.',
    group: other,
    examples: [
      ['source <(appstore completion bash)', 'bash: also from ~/.bashrc'],
      ['source <(appstore completion zsh)', 'zsh: after compinit in ~/.zshrc'],
      ['appstore completion fish | source', 'fish: also from config.fish'],
    ],
    complete: [['bash', 'zsh', 'fish']],
    load: () => import('./commands/completion.ts'),
  },
  {
    name: 'version',
    summary: 'print the version',
    group: other,
    flags: [valueOutput],
    load: () => import('./commands/version.ts'),
  },
  {
    name: '__complete',
    args: '[words...]',
    summary: 'answer the completion scripts',
    group: other,
    hidden: true,
    load: () => import('./commands/complete.ts'),
  },
];

/** Flags that may stand before the command's name as well. */
export const leadingFlags: readonly FlagSpec[] = [...clusterFlags, ...catalogFlags, noInputFlag];
