import { parseDuration, parseLifetime } from './duration.ts';

/** A flag as data: the commander tree and docs/cli.md are both made from it. */
export interface FlagSpec {
  readonly flags: string;
  readonly description: string;
  /** Heading in the help. */
  readonly group: string;
  readonly choices?: readonly string[];
  /** Several uses add up to a list. */
  readonly repeat?: boolean;
  /** The value of a flag that may stand without one. */
  readonly unnamed?: string;
  /** Reads the text; undefined refuses it, and `expects` says what would do. */
  readonly parse?: (text: string) => unknown;
  readonly expects?: string;
  /** Name among the options, where it is not that of the flag. */
  readonly attribute?: string;
  /** What the shell completes the value with (`__complete`). */
  readonly complete?: 'namespaces' | 'contexts' | 'files' | 'folders';
}

const target = 'Cluster:';
const result = 'Output:';
const asking = 'Asking and waiting:';
const given = 'Values:';
const deciding = 'What others hold:';

const output = (choices: readonly string[]): FlagSpec => ({
  flags: '-o, --output <format>',
  description: 'how the result is written',
  group: result,
  choices,
});

/** Flags that every command takes, before or after its name. */
export const commonFlags: readonly FlagSpec[] = [
  { flags: '-q, --quiet', description: 'nothing but the result and errors', group: result },
  {
    flags: '-v, --verbose',
    description: 'more: every field of a plan, the causes of an error',
    group: result,
  },
  {
    flags: '--color <when>',
    description: 'auto, always or never; auto heeds NO_COLOR, then FORCE_COLOR',
    group: result,
    choices: ['auto', 'always', 'never'],
  },
  { flags: '--no-color', description: 'the same as `--color never`', group: result },
];

/** Flags that say which cluster and namespace. */
export const clusterFlags: readonly FlagSpec[] = [
  {
    flags: '--context <name>',
    description: 'context of the kubeconfig; the current one if not given',
    group: target,
    complete: 'contexts',
  },
  {
    flags: '--kubeconfig <file>',
    description: 'kubeconfig file; else KUBECONFIG, else ~/.kube/config',
    group: target,
    complete: 'files',
  },
  {
    flags: '-n, --namespace <name>',
    description: 'namespace; else that of the context',
    group: target,
    complete: 'namespaces',
  },
];

export const allNamespacesFlag: FlagSpec = {
  flags: '-A, --all-namespaces',
  description: 'all namespaces',
  group: target,
};

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

/** A service that is spoken to: by TLS, on this machine also without. */
function parseService(text: string): string | undefined {
  const url = URL.parse(text);
  const here = url !== null && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  return url?.protocol === 'https:' || (here && url.protocol === 'http:')
    ? text.replace(/\/+$/, '')
    : undefined;
}

const service = (flags: string, description: string): FlagSpec => ({
  flags,
  description,
  group: 'Signature:',
  parse: parseService,
  expects: 'an https address',
});

const trustedRootFlag: FlagSpec = {
  flags: '--trusted-root <file>',
  description:
    "Sigstore's root of trust for certificates (`trusted_root.json`); that of its public instance, by TUF, if not given",
  group: 'Signature:',
  complete: 'files',
};

export const passphraseFlag: FlagSpec = {
  flags: '--passphrase-file <file>',
  description:
    'file with the passphrase of the private key; else APPSTORE_KEY_PASSPHRASE, else it is asked for',
  group: 'Signature:',
  complete: 'files',
};

/** Flags of what signs an index. */
export const signFlags: readonly FlagSpec[] = [
  {
    flags: '--sign-key <file>',
    description:
      'private key in PEM form (Ed25519, or ECDSA on P-256) that signs the index (repeatable, while a key is changed)',
    group: 'Signature:',
    repeat: true,
    complete: 'files',
  },
  passphraseFlag,
  {
    flags: '--keyless',
    description:
      'sign by a certificate that lives for minutes (Sigstore), for whoever the identity token names',
    group: 'Signature:',
  },
  {
    flags: '--identity-token <file>',
    description: 'file with the OpenID Connect token; else SIGSTORE_ID_TOKEN, else that of the pipeline',
    group: 'Signature:',
    complete: 'files',
  },
  service('--fulcio-url <url>', 'what issues the certificate; that of the public instance if not given'),
  service('--rekor-url <url>', 'log that witnesses the signature; that of the public instance if not given'),
  service('--timestamp-url <url>', 'timestamp authority that witnesses it, beside the log or in its place'),
  trustedRootFlag,
  {
    flags: '--signed-as <name>',
    description: 'name of the catalog in the signature; that of the last one if not given',
    group: 'Signature:',
  },
  {
    flags: '--expires <lifetime>',
    description: 'how long the signature counts, like 30d or 72h (30d if not given)',
    group: 'Signature:',
    parse: parseLifetime,
    expects: 'days or hours like 30d or 72h',
  },
];

const issuerFlag: FlagSpec = {
  flags: '--issuer <url>',
  description: 'provider that knows the identity, as the certificate has it',
  group: 'Signature:',
};

/** Flags of what pins a catalog to a signer. */
export const pinFlags: readonly FlagSpec[] = [
  {
    flags: '--signed-by <file>',
    description:
      'public key in PEM form; nothing is taken from the catalog that its owner did not sign (repeatable: any of them)',
    group: 'Signature:',
    repeat: true,
    complete: 'files',
  },
  {
    flags: '--signer <identity>',
    description: 'e-mail address or URL for which the certificate of a keyless signature has to be',
    group: 'Signature:',
  },
  issuerFlag,
  trustedRootFlag,
  {
    flags: '--signed-as <name>',
    description: 'name of the catalog in its signatures; that of the first one if not given',
    group: 'Signature:',
  },
];

/** Flags of what changes whom a catalog is pinned to. */
export const trustFlags: readonly FlagSpec[] = [
  {
    flags: '--add-key <file>',
    description: 'public key in PEM form whose signatures count from now on (repeatable)',
    group: 'Signature:',
    repeat: true,
    complete: 'files',
  },
  {
    flags: '--remove-key <file>',
    description: 'public key, as a file or as `sha256:...`, whose signatures count no more (repeatable)',
    group: 'Signature:',
    repeat: true,
    complete: 'files',
  },
  {
    flags: '--add-signer <identity>',
    description: 'identity whose certificates count from now on',
    group: 'Signature:',
  },
  {
    flags: '--remove-signer <identity>',
    description: 'identity whose certificates count no more',
    group: 'Signature:',
  },
  issuerFlag,
  trustedRootFlag,
];

export const listOutput = output(['table', 'wide', 'json', 'yaml', 'name']);
export const plainOutput = output(['table', 'json', 'yaml', 'name']);
export const valueOutput = output(['table', 'json', 'yaml']);
export const lintOutput = output(['table', 'wide', 'json', 'yaml', 'sarif']);
export const documentOutput = output(['yaml', 'json']);

export const noInputFlag: FlagSpec = {
  flags: '--no-input',
  description: 'never ask, even in a terminal',
  group: asking,
};

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
  description: 'wait so long for another operation on the installation; not at all if not given',
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

/** Host, port, path, as image references have them (distribution/reference). Empty takes a stored mirror away. */
const registry = /^$|^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*\/?$/i;
const objectName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Flags that give values, for everything that renders. */
export const valueFlags: readonly FlagSpec[] = [
  {
    flags: '-f, --values <file>',
    description: 'values from a YAML or JSON file, `-` for stdin (repeatable)',
    group: given,
    repeat: true,
    complete: 'files',
  },
  assignment(
    'set',
    'path=value',
    'one value: a.b[0]=c; whole numbers, true, false, null and {a,b} are read as such',
  ),
  assignment('set-string', 'path=text', 'one value, always as text'),
  assignment('set-json', 'path=json', 'one value, written as JSON; or a map of values, which is merged'),
  assignment('set-literal', 'path=text', 'one value: all that follows the first `=`, as it stands'),
  assignment('set-file', 'path=file', 'one value: the text of a file'),
  assignment('set-secret', 'path=ref', 'one value from a Secret of the namespace: path=secret/NAME:KEY'),
  {
    flags: '--patch <file>',
    description: 'changes to rendered objects: merge patches or RFC 6902 (repeatable)',
    group: given,
    repeat: true,
    complete: 'files',
  },
  {
    flags: '--image-registry <mirror>',
    description: 'registry (and path) that stands in for that of every image',
    group: given,
    parse: (text) => (registry.test(text) ? text : undefined),
    expects: 'a registry, with a path or without, like registry.example.com/mirror',
  },
  {
    flags: '--image-pull-secret <name>',
    description: 'Secret to pull images with (repeatable)',
    group: given,
    repeat: true,
    parse: (text) => (text.length <= 253 && objectName.test(text) ? text : undefined),
    expects: 'the name of a Secret',
  },
];

export const createNamespaceFlag: FlagSpec = {
  flags: '--create-namespace',
  description: 'make the namespace if it is not there',
  group: target,
};

export const versionFlag: FlagSpec = {
  flags: '--version <range>',
  description: 'version or range of the package, like 1.4.0 or ^1.4',
  group: given,
};

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

export const resetValuesFlag: FlagSpec = {
  flags: '--reset-values',
  description: 'forget the stored values',
  group: given,
};

export const planExitCodeFlag: FlagSpec = {
  flags: '--exit-code',
  description: 'exit 3 where there are changes',
  group: result,
};

/** Flags that decide what a plan leaves open, for everything that applies objects. */
export const choiceFlags: readonly FlagSpec[] = [
  {
    flags: '--take <field>',
    description: 'set a field that another manager holds: Kind/name:.path.to.field (repeatable)',
    group: deciding,
    repeat: true,
  },
  {
    flags: '--yield <field>',
    description:
      'leave a field to the manager that holds it, for good: Kind/name:.path.to.field (repeatable)',
    group: deciding,
    repeat: true,
  },
  {
    flags: '--adopt [object]',
    description:
      'make an object that exists already part of the app: Kind/name; all that have no owner where none is named (repeatable)',
    group: deciding,
    repeat: true,
    unnamed: '*',
  },
  {
    flags: '--replace <object>',
    description: 'delete an object and make it anew where it cannot be changed: Kind/name (repeatable)',
    group: deciding,
    repeat: true,
  },
  {
    flags: '--replace-data',
    description: 'let --replace delete volume claims too, with the data on them',
    group: deciding,
  },
];

/** Flags that carry out a plan that was saved. */
export const savedPlanFlags: readonly FlagSpec[] = [
  {
    flags: '--plan <file>',
    description: 'carry out a saved plan, as it was planned; of values only its secrets are given again',
    group: deciding,
    complete: 'files',
  },
  {
    flags: '--approved-by <file>',
    description: 'with --plan: public key of which one has to have approved it (repeatable)',
    group: deciding,
    repeat: true,
    complete: 'files',
  },
];

/** Flags that save a plan or show a saved one. */
export const planFileFlags: readonly FlagSpec[] = [
  {
    flags: '--out <file>',
    description: 'save the plan, without secrets',
    group: deciding,
    complete: 'files',
  },
  {
    flags: '--require-approval',
    description: 'with --out: it may only be carried out when somebody has approved it',
    group: deciding,
  },
  { flags: '--show <file>', description: 'show a saved plan', group: deciding, complete: 'files' },
];

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

const serving = 'Serving:';
const who = 'Who may:';

const aServerPort = 'a port from 0 to 65535';

/** Flags of the server. */
export const serveFlags: readonly FlagSpec[] = [
  {
    flags: '--port <number>',
    description: 'port to listen on (7080 if not given; 0: any that is free)',
    group: serving,
    parse: serverPort,
    expects: aServerPort,
  },
  {
    flags: '--listen <address>',
    description: 'address to listen on (127.0.0.1 if not given)',
    group: serving,
  },
  {
    flags: '--public-url <address>',
    description:
      'address under which browsers come, like https://apps.example.org; no other name is answered to',
    group: serving,
  },
  {
    flags: '--grace <duration>',
    description:
      'how long operations have to end by themselves when the server is stopped (25s if not given)',
    group: serving,
    parse: parseDuration,
    expects: 'a duration like 90s or 5m',
  },
  {
    flags: '--rate-limit <number>',
    description: 'requests a minute that one caller may send (1200 if not given)',
    group: serving,
    parse: positiveInteger,
    expects: 'a whole number from 1 on',
  },
  {
    flags: '--metrics-port <number>',
    description: 'port on which `/metrics` is answered, and not on the other one any more',
    group: serving,
    parse: serverPort,
    expects: aServerPort,
  },
  {
    flags: '--catalog-refresh <duration>',
    description:
      'how often added catalogs are asked for what is new while the server runs (1h if not given, and not at all with the user of the kubeconfig; 0: never)',
    group: serving,
    parse: parsePause,
    expects: 'a duration like 30m or 1h, a minute at least, or 0',
  },
  {
    flags: '--log-level <level>',
    description: 'what is logged on stderr, a line of JSON each; the audit is info',
    group: serving,
    choices: ['debug', 'info', 'warn'],
  },
  {
    flags: '--auth <way>',
    description:
      'kubeconfig: whoever opens the link acts with your user, on this machine alone; token: every request brings the token of its caller; oidc: people log in at an identity provider that the clusters believe',
    group: who,
    choices: ['kubeconfig', 'token', 'oidc'],
  },
  {
    flags: '--cluster <name=address>',
    description:
      'with tokens: a cluster, like prod=https://10.0.0.1:6443,ca=FILE (repeatable; the first stands for none)',
    group: who,
    repeat: true,
  },
  {
    flags: '--cluster-file <file>',
    description:
      'with tokens: clusters in the form of a kubeconfig that holds addresses and certificate authorities alone',
    group: who,
    complete: 'files',
  },
  {
    flags: '--approval-key <file>',
    description:
      'private key (`appstore approve --new-key`) that the server signs approvals of plans with; replicas share it',
    group: who,
    complete: 'files',
  },
  {
    flags: '--approved-by <file>',
    description: 'public key of somebody else whose approvals of plans count (repeatable)',
    group: who,
    repeat: true,
    complete: 'files',
  },
];

const login = 'Logging in (`--auth oidc`):';
const impersonating = 'In the name of others (`--auth oidc --impersonate`):';

/** Flags of the server for people who log in. */
export const loginFlags: readonly FlagSpec[] = [
  {
    flags: '--oidc-issuer <address>',
    description: 'the identity provider, as its tokens name it',
    group: login,
  },
  { flags: '--oidc-client-id <id>', description: 'how the provider knows this server', group: login },
  {
    flags: '--oidc-client-secret-file <file>',
    description: 'file with the secret of the client (none: a public client)',
    group: login,
    complete: 'files',
  },
  {
    flags: '--oidc-scopes <scopes>',
    description: 'what is asked for (`openid email groups offline_access` if not given)',
    group: login,
  },
  {
    flags: '--oidc-ca-file <file>',
    description: 'PEM file with the authority that signed the certificate of the provider',
    group: login,
    complete: 'files',
  },
  {
    flags: '--session-key-file <file>',
    description:
      'file with the key of the sessions, the same for every replica (repeatable: the first seals, all open)',
    group: login,
    repeat: true,
    complete: 'files',
  },
  {
    flags: '--session-time <duration>',
    description: 'after which people have to log in again (12h if not given)',
    group: login,
    parse: parseDuration,
    expects: 'a duration like 90m or 12h',
  },
  {
    flags: '--impersonate',
    description:
      "act with the server's own service account, in the name of whoever is logged in: it then has every right of all of them",
    group: impersonating,
  },
  {
    flags: '--impersonate-allow <file>',
    description: 'file with the `users` and `groups` that may be named, each by its whole name',
    group: impersonating,
    complete: 'files',
  },
  {
    flags: '--oidc-username-claim <claim>',
    description: 'claim with the name of the user (sub if not given)',
    group: impersonating,
  },
  {
    flags: '--oidc-username-prefix <text>',
    description: 'what stands before it in the cluster',
    group: impersonating,
  },
  {
    flags: '--oidc-groups-claim <claim>',
    description: 'claim with the groups (groups if not given)',
    group: impersonating,
  },
  {
    flags: '--oidc-groups-prefix <text>',
    description: 'what stands before each of them in the cluster',
    group: impersonating,
  },
];

/** Reads the number of a port; undefined where it is none. */
export function portNumber(text: string): number | undefined {
  const number = positiveInteger(text);
  return number === undefined || number > 65_535 ? undefined : number;
}

/** 0: any that is free. */
function serverPort(text: string): number | undefined {
  return text === '0' ? 0 : portNumber(text);
}

/** 0: never. A server of others is asked no more often than once a minute. */
function parsePause(text: string): number | undefined {
  const pause = parseDuration(text);
  return pause === undefined || (pause > 0 && pause < 60_000) ? undefined : pause;
}

/** Reads a whole number from 1 on; undefined where it is none. */
export function positiveInteger(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

/** What a flag means, with its choices: some descriptions say what those mean, and so name them already. */
export function meaningOf({ description, choices }: Pick<FlagSpec, 'description' | 'choices'>): string {
  if (choices === undefined || choices.every((choice) => description.includes(choice))) return description;
  return `${description}: ${choices.join(', ')}`;
}

function assignment(flag: string, value: string, description: string): FlagSpec {
  return {
    flags: `--${flag} <${value}>`,
    description: `${description} (repeatable)`,
    group: given,
    repeat: true,
    attribute: 'assignments',
    parse: (text) => ({ flag, text }),
  };
}

/** Flags that may stand before the command's name as well. */
export const leadingFlags: readonly FlagSpec[] = [...clusterFlags, ...catalogFlags, noInputFlag];
