import type { ErrorCode } from '../../../domain/error-codes.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { cleanLine } from '../../../domain/text.ts';
import type { GitAccess } from './environment.ts';

interface Row {
  /** What git, curl or ssh write; git's own messages are in English (LC_ALL=C). */
  readonly says: RegExp;
  readonly code: ErrorCode;
  readonly reason: string;
  readonly hint: string;
}

const network = 'Check the address, the network, and the proxy (HTTPS_PROXY, NO_PROXY).';

/** First match wins. */
const rows: readonly Row[] = [
  {
    says: /REMOTE HOST IDENTIFICATION HAS CHANGED|[Hh]ost key for \S+ has changed/,
    code: 'CATALOG_FORBIDDEN',
    reason: 'the key of its host is another one than before',
    hint: 'Nothing was asked of it: it may be somebody else in between. Ask who runs the host for its new key, compare it, and only then take the old one away with `ssh-keygen -R`.',
  },
  {
    says: /Host key verification failed/,
    code: 'CATALOG_FORBIDDEN',
    reason: 'the key of its host is not known here',
    hint: 'Connect once by `ssh` yourself and compare the key, then run the command again.',
  },
  {
    says: /Authentication failed|could not read (Username|Password)|terminal prompts disabled|returned error: 40[13]|Permission denied/,
    code: 'CATALOG_FORBIDDEN',
    reason: 'it wants other credentials',
    hint: 'Over https: `appstore catalog add --username NAME --password-stdin`, or `~/.netrc`. Over ssh: a key that the agent has.',
  },
  {
    says: /returned error: 30\d|redirect/i,
    code: 'CATALOG_UNREACHABLE',
    reason: 'it leads to another address, which is not followed',
    hint: 'Ask for the address that the repository has now, and name that one.',
  },
  {
    says: /not found|does not appear to be a git repository|returned error: 404|does not exist|repository not exported/,
    code: 'CATALOG_UNREACHABLE',
    reason: 'there is no repository, or you may not see it',
    hint: 'Check the address.',
  },
  {
    says: /certificate|SSL/,
    code: 'CATALOG_UNREACHABLE',
    reason: 'its certificate is not trusted here',
    hint: 'Name the certificate authority with `catalog add --ca-file FILE`, or SSL_CERT_FILE.',
  },
  {
    says: /Connection refused/,
    code: 'CATALOG_UNREACHABLE',
    reason: 'connection refused',
    hint: network,
  },
  {
    says: /Failed to connect|unable to connect/,
    code: 'CATALOG_UNREACHABLE',
    reason: 'its host does not answer',
    hint: network,
  },
  {
    says: /resolve host|look up host|unable to look up/i,
    code: 'CATALOG_UNREACHABLE',
    reason: 'the host name is not known (DNS)',
    hint: network,
  },
  {
    says: /transport '\S*' not allowed/,
    code: 'CATALOG_UNREACHABLE',
    reason: 'it leads to another protocol',
    hint: network,
  },
];

/** What git could not do, as a person reads it: without credentials, and without what a server wrote to steer a terminal. */
export function gitError(address: string, message: string, access: GitAccess): AppstoreError {
  const row = rows.find(({ says }) => says.test(message));
  const told = cleanLine(withoutSecrets(lastWords(message), access), 300);
  const why = row === undefined ? told : `${row.reason} (${told})`;
  return new AppstoreError(
    row?.code ?? 'CATALOG_UNREACHABLE',
    `${cleanLine(address)} cannot be had: ${why}`,
    { hint: row?.hint ?? network },
  );
}

/** The line that names the reason is `fatal:` or `error:`, or else the last one. */
function lastWords(message: string): string {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.filter((line) => /^(fatal|error): /.test(line));
  return telling.at(0) ?? lines.at(-1) ?? 'git says nothing';
}

/** A server gets the credentials, and may send them back in a message. */
function withoutSecrets(text: string, { authorization }: GitAccess): string {
  if (authorization === undefined) return text;
  const value = authorization.replace(/^\S+ /, '');
  const password = Buffer.from(value, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '');
  return [authorization, value, password]
    .filter((secret) => secret.length > 3)
    .reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}
