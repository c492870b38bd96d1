import { parseDuration } from '../duration.ts';
import { type FlagSpec, portNumber, positiveInteger } from './flag.ts';

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

/** 0: any that is free. */
function serverPort(text: string): number | undefined {
  return text === '0' ? 0 : portNumber(text);
}

/** 0: never. A server of others is asked no more often than once a minute. */
function parsePause(text: string): number | undefined {
  const pause = parseDuration(text);
  return pause === undefined || (pause > 0 && pause < 60_000) ? undefined : pause;
}
