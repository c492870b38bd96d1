import type { ErrorCode } from '../../domain/error-codes.ts';
import { AppstoreError } from '../../domain/errors.ts';
import { isObject } from '../../domain/json.ts';

interface Row {
  /** Error codes of Node and OpenSSL; a trailing `*` stands for any ending. */
  readonly codes: readonly string[];
  readonly code: ErrorCode;
  /** What a person reads. */
  readonly reason: string;
  /** What to do, where it is not the general advice of the code. */
  readonly hint?: string;
}

/** What a failed connection means. Codes: nodejs.org/api/errors.html and nodejs.org/api/tls.html#x509-certificate-error-codes. */
const rows: readonly Row[] = [
  { codes: ['ECONNREFUSED'], code: 'CLUSTER_UNREACHABLE', reason: 'connection refused' },
  { codes: ['ENOTFOUND', 'EAI_*'], code: 'CLUSTER_UNREACHABLE', reason: 'the host name is not known (DNS)' },
  { codes: ['ETIMEDOUT'], code: 'CLUSTER_UNREACHABLE', reason: 'no answer in time' },
  {
    codes: ['ECONNRESET', 'EPIPE'],
    code: 'CLUSTER_UNREACHABLE',
    reason: 'the other side closed the connection',
  },
  { codes: ['EHOSTUNREACH', 'ENETUNREACH'], code: 'CLUSTER_UNREACHABLE', reason: 'no way to the host' },
  { codes: ['CERT_HAS_EXPIRED'], code: 'CLUSTER_TLS', reason: 'its certificate has expired' },
  {
    codes: ['CERT_NOT_YET_VALID'],
    code: 'CLUSTER_TLS',
    reason: 'its certificate is not valid yet: check the clock',
  },
  {
    codes: ['ERR_TLS_CERT_ALTNAME_INVALID'],
    code: 'CLUSTER_TLS',
    reason: 'its certificate is for another name',
  },
  {
    codes: ['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_*', 'CERT_*'],
    code: 'CLUSTER_TLS',
    reason: 'its certificate is not signed by the certificate authority of the kubeconfig',
  },
  {
    codes: ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_HTTP_REQUEST'],
    code: 'CLUSTER_TLS',
    reason: 'it does not speak TLS',
    hint: 'Check the `server` of the kubeconfig: http or https, and the port.',
  },
  {
    // Certificate and key files that OpenSSL cannot read are reported when the connection is made.
    codes: ['ERR_OSSL_*'],
    code: 'KUBECONFIG_INVALID',
    reason: 'a certificate or key of the kubeconfig cannot be used',
  },
  { codes: ['ERR_SSL_*', 'EPROTO'], code: 'CLUSTER_TLS', reason: 'the TLS handshake failed' },
];

/** Turns a connection that failed into the error that a person reads. `server` is the address of the kubeconfig. */
export function networkError(server: string, cause: unknown, proxy?: URL): AppstoreError {
  const root = rootCause(cause);
  const row = rows.find((entry) => entry.codes.some((pattern) => fits(pattern, root.code)));
  const detail = row === undefined ? root.message : `${row.reason} (${root.code || root.message})`;
  const way = proxy === undefined ? '' : ` through the proxy ${proxy.protocol}//${proxy.host}`;
  const options = row?.hint === undefined ? { cause } : { cause, hint: row.hint };
  return new AppstoreError(row?.code ?? 'CLUSTER_UNREACHABLE', `${server}${way}: ${detail}`, options);
}

/** True where trying again at once may help: a name server or route that is busy, never a refusal or a bad certificate. */
export function isPassing(cause: unknown): boolean {
  return ['EAI_AGAIN', 'ECONNRESET', 'EPIPE', 'ENETUNREACH'].includes(rootCause(cause).code);
}

/** True where the other side ended the connection by a TLS alert: with TLS 1.3 a missing client certificate shows only then. */
export function isRefusedByTls(cause: unknown): boolean {
  return rootCause(cause).code.startsWith('ERR_SSL_');
}

/** Node hides the reason in `cause`, and in `errors` where it tried several addresses. */
function rootCause(error: unknown): { readonly code: string; readonly message: string } {
  let found = error;
  for (let depth = 0; depth < 5; depth++) {
    const inner = innerError(found);
    if (inner === undefined) break;
    found = inner;
  }
  const code = (found as NodeJS.ErrnoException | undefined)?.code;
  return {
    code: typeof code === 'string' ? code : '',
    message: found instanceof Error ? found.message : String(found),
  };
}

function innerError(error: unknown): unknown {
  if (error instanceof AggregateError) return error.errors[0];
  return error instanceof Error || isObject(error) ? (error as Error).cause : undefined;
}

function fits(pattern: string, code: string): boolean {
  return pattern.endsWith('*') ? code.startsWith(pattern.slice(0, -1)) : pattern === code;
}
