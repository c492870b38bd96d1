import { devNull } from 'node:os';
import type { GitReference } from '../../../domain/git-reference.ts';
import type { CatalogSurroundings } from '../surroundings.ts';

/** What a repository is asked with. */
export interface GitAccess {
  /** The value of an Authorization header, for the server of the repository alone. */
  readonly authorization?: string;
  /** Paths of PEM files. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** Handed on from the environment where they are set, each with its reason. */
const handedOn: readonly { readonly names: readonly string[]; readonly reason: string }[] = [
  { names: ['PATH', 'SystemRoot', 'PATHEXT', 'TMPDIR', 'TEMP', 'TMP'], reason: 'programs find one another' },
  {
    names: [
      'HTTPS_PROXY',
      'https_proxy',
      'HTTP_PROXY',
      'http_proxy',
      'NO_PROXY',
      'no_proxy',
      'ALL_PROXY',
      'all_proxy',
    ],
    reason: 'the way out',
  },
  { names: ['SSL_CERT_FILE', 'SSL_CERT_DIR'], reason: 'authorities that are trusted on this machine' },
];

/** For ssh alone: its keys, its agent, and a program in its place. */
const handedToSsh = [
  'HOME',
  'USER',
  'LOGNAME',
  'USERPROFILE',
  'SSH_AUTH_SOCK',
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_SSH_VARIANT',
];

/**
 * Settings of git that hold whatever a repository, a server or the machine says. They go through the environment: no file of ours
 * could be left out, and no secret stands on a command line.
 */
const settings: readonly (readonly [key: string, value: string, reason: string])[] = [
  [
    'http.followRedirects',
    'false',
    'a server outside must not lead inside; alternates of plain servers end with it, too',
  ],
  ['core.hooksPath', devNull, 'nothing of anybody is run'],
  ['core.fsmonitor', 'false', 'a program, otherwise'],
  ['core.symlinks', 'false', 'nothing is checked out; should it ever be, links are files'],
  ['fetch.recurseSubmodules', 'false', 'submodules are other repositories at other addresses'],
  ['transfer.bundleURI', 'false', 'other addresses that a server names'],
  ['protocol.version', '2', 'a commit can be asked for by its name'],
  ['gc.auto', '0', 'the repository lives for seconds'],
  ['maintenance.auto', 'false', 'nothing runs on behind our back'],
  ['http.lowSpeedLimit', '100', 'bytes a second, below which a server counts as one that says nothing'],
  ['http.lowSpeedTime', '30', 'seconds of that'],
];

export interface GitSurroundings extends Pick<CatalogSurroundings, 'environment' | 'userAgent'> {
  /** The folder of the repository: HOME for what needs none, so that no `.netrc` or `.gitconfig` of anybody is read. */
  readonly folder: string;
}

/** The whole environment of the program: what is named here and nothing else. */
export function gitEnvironment(
  { url, protocol }: Pick<GitReference, 'url' | 'protocol'>,
  access: GitAccess,
  { environment, userAgent, folder }: GitSurroundings,
): Record<string, string> {
  const names = [...handedOn.flatMap((row) => row.names), ...(protocol === 'ssh' ? handedToSsh : [])];
  const own = names.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const ssh = environment.GIT_SSH === undefined && environment.GIT_SSH_COMMAND === undefined;
  return {
    HOME: folder,
    ...Object.fromEntries(own),
    // Messages are read: they have to be in one language.
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_SYSTEM: devNull,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    // The protocol of the address that a person named, and no other: `ext::` would be a command.
    GIT_ALLOW_PROTOCOL: protocol,
    GIT_HTTP_USER_AGENT: userAgent,
    ...(protocol === 'ssh' && ssh ? { GIT_SSH_COMMAND: 'ssh -oBatchMode=yes' } : {}),
    ...(access.caFile === undefined ? {} : { GIT_SSL_CAINFO: access.caFile }),
    ...(access.certFile === undefined ? {} : { GIT_SSL_CERT: access.certFile }),
    ...(access.keyFile === undefined ? {} : { GIT_SSL_KEY: access.keyFile }),
    ...asVariables([...settings, ...headerFor(url, access)]),
  };
}

/** Scoped to the origin, and there are no redirects: it goes nowhere else. */
function headerFor(url: string, { authorization }: GitAccess): readonly (readonly [string, string])[] {
  if (authorization === undefined) return [];
  return [[`http.${new URL(url).origin}/.extraHeader`, `Authorization: ${authorization}`]];
}

/** git-config(1), GIT_CONFIG_COUNT. */
function asVariables(pairs: readonly (readonly [string, string, string?])[]): Record<string, string> {
  const variables = pairs.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(pairs.length), ...Object.fromEntries(variables) };
}
