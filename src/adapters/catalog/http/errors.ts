import type { ErrorCode } from '../../../domain/error-codes.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { cleanLine } from '../../../domain/text.ts';
import { TooFarInside } from './request.ts';

interface Row {
  /** Codes of Node and OpenSSL; a trailing `*` stands for any ending. */
  readonly codes: readonly string[];
  readonly reason: string;
  readonly hint?: string;
}

const network = 'Check the address, the network, and the proxy (HTTPS_PROXY, NO_PROXY).';
const authority = 'Name the certificate authority with `catalog add --ca-file FILE`, or NODE_EXTRA_CA_CERTS.';

/** What a failed connection means (nodejs.org/api/errors.html, nodejs.org/api/tls.html#x509-certificate-error-codes). */
const rows: readonly Row[] = [
  { codes: ['ECONNREFUSED'], reason: 'connection refused' },
  { codes: ['ENOTFOUND', 'EAI_*'], reason: 'the host name is not known (DNS)' },
  { codes: ['ETIMEDOUT'], reason: 'no answer in time' },
  { codes: ['ECONNRESET', 'EPIPE'], reason: 'the server closed the connection' },
  { codes: ['EHOSTUNREACH', 'ENETUNREACH'], reason: 'no way to the host' },
  { codes: ['CERT_HAS_EXPIRED'], reason: 'its certificate has expired' },
  { codes: ['ERR_TLS_CERT_ALTNAME_INVALID'], reason: 'its certificate is for another name' },
  {
    codes: ['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_*', 'CERT_*'],
    reason: 'its certificate is signed by nobody who is trusted here',
    hint: authority,
  },
  {
    codes: ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'],
    reason: 'it does not speak TLS',
    hint: 'Write `http://` where it has no TLS; for a registry add `--plain-http`.',
  },
  { codes: ['ERR_SSL_*', 'EPROTO'], reason: 'the TLS handshake failed' },
];

/** Turns a request that failed into the error that a person reads. */
export function requestError(what: string, url: URL, cause: unknown): AppstoreError {
  if (cause instanceof AppstoreError) return cause;
  if (cause instanceof TooFarInside) return insideError(what, url, cause);
  const { code, message } = rootCause(cause);
  const row = rows.find(({ codes }) => codes.some((pattern) => fits(pattern, code)));
  const detail = row === undefined ? message : `${row.reason} (${code})`;
  return failure('CATALOG_UNREACHABLE', what, url, detail, { hint: row?.hint ?? network, cause });
}

/**
 * What a status means that is no success.
 *
 * @param reason what the answer itself says of why
 */
export function statusError(what: string, url: URL, status: number, reason?: string): AppstoreError {
  const said = reason === undefined ? '' : ` and says "${cleanLine(reason, 200)}"`;
  const why = `the server answers ${status}${said}`;
  if (status === 401 || status === 403)
    return failure('CATALOG_FORBIDDEN', what, url, `${why}: it wants other credentials`);
  if (status === 404 || status === 410)
    return failure('CATALOG_UNREACHABLE', what, url, `${why}: it is not there`, {
      hint: 'Check the address.',
    });
  return failure('CATALOG_UNREACHABLE', what, url, why, {
    hint: 'Try again later, or ask who runs the server.',
  });
}

/** An error with what was asked for, where, and why not. */
export function failure(
  code: ErrorCode,
  what: string,
  url: URL,
  why: string,
  options: { readonly hint?: string; readonly cause?: unknown } = {},
): AppstoreError {
  return new AppstoreError(
    code,
    `${what} cannot be had from ${addressOf(url)}: ${cleanLine(why, 300)}`,
    options,
  );
}

/** An address for people: without user, password, query (signed links hold secrets there) and fragment. */
export function addressOf(url: URL): string {
  return cleanLine(`${url.protocol}//${url.host}${url.pathname}`, 300);
}

function insideError(what: string, url: URL, cause: TooFarInside): AppstoreError {
  return failure(
    'CATALOG_UNREACHABLE',
    what,
    url,
    `it leads to ${cause.message}, further inside than where it came from`,
    {
      hint: 'A server outside may not lead to addresses of this machine or network. If that is where it lies, name its address yourself.',
      cause,
    },
  );
}

/** True where a server was asked by TLS and speaks none. */
export function speaksNoTls(error: unknown): boolean {
  return ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'].includes(rootCause(error).code);
}

/** Node hides the reason in `cause`, and in `errors` where it tried several addresses. */
function rootCause(error: unknown): { readonly code: string; readonly message: string } {
  let found = error;
  for (let depth = 0; depth < 5; depth += 1) {
    const inner = found instanceof AggregateError ? found.errors[0] : (found as Error | undefined)?.cause;
    if (inner === undefined) break;
    found = inner;
  }
  const code = (found as NodeJS.ErrnoException | undefined)?.code;
  const message = found instanceof Error ? found.message : String(found);
  // OpenSSL's own reason stands in the text alone where the first write finds it.
  if (code === 'EPROTO' && /wrong version number|packet length too long/.test(message))
    return { code: 'ERR_SSL_WRONG_VERSION_NUMBER', message };
  return { code: typeof code === 'string' ? code : '', message };
}

function fits(pattern: string, code: string): boolean {
  return pattern.endsWith('*') ? code.startsWith(pattern.slice(0, -1)) : pattern === code;
}
