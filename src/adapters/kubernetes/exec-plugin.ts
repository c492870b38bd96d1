import { spawn } from 'node:child_process';
import { AppstoreError } from '../../domain/errors.ts';
import { isObject, type JsonObject } from '../../domain/json.ts';
import type { ChosenContext } from './context.ts';
import type { Credential, CredentialSource, TlsMaterial } from './credentials.ts';
import { impersonation } from './impersonation.ts';

/** What a plugin is started with. */
export interface PluginSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True where a person is there: the plugin may ask on the terminal. */
  readonly interactive: boolean;
}

/** A plugin that nobody can answer is ended after this time. */
const SILENT_TIMEOUT = 60_000;
/** A credential is renewed this long before it expires, so that it does not do so on the way. */
const EARLY = 10_000;

/**
 * Credentials from the program that `users[].user.exec` names (client.authentication.k8s.io/v1,
 * kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins). KubeConfig's own way of
 * running it gives the plugin no KUBERNETES_EXEC_INFO and never renews after a 401.
 *
 * `base` gives what stands beside it in the kubeconfig: the certificate authority.
 */
export function execCredentials(
  chosen: ChosenContext,
  exec: JsonObject,
  base: () => Promise<TlsMaterial>,
  surroundings: PluginSurroundings,
): Required<CredentialSource> {
  const read = async () => {
    const tls = await base();
    const output = await runPlugin(chosen, exec, tls, surroundings);
    const status = parseOutput(exec, output);
    const expires = status.expires === undefined ? {} : { expires: status.expires - EARLY };
    return { credential: toCredential(chosen, tls, status), ...expires };
  };
  return { read, refresh: read };
}

interface PluginStatus {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Milliseconds of the epoch. */
  readonly expires?: number;
}

function toCredential(
  chosen: ChosenContext,
  tls: TlsMaterial,
  { token, cert, key }: PluginStatus,
): Credential {
  return {
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...impersonation(chosen.user),
    },
    tls: { ...tls, ...(cert === undefined || key === undefined ? {} : { cert, key }) },
  };
}

function runPlugin(
  chosen: ChosenContext,
  exec: JsonObject,
  tls: TlsMaterial,
  { env, interactive }: PluginSurroundings,
): Promise<string> {
  const asks = asksPerson(exec, interactive);
  const child = spawn(text(exec.command), strings(exec.args), {
    stdio: [asks ? 'inherit' : 'ignore', 'pipe', asks ? 'inherit' : 'pipe'],
    env: { ...env, ...namedEnv(exec), KUBERNETES_EXEC_INFO: execInfo(chosen, exec, tls, asks) },
    ...(asks ? {} : { timeout: SILENT_TIMEOUT }),
  });
  return new Promise((resolve, reject) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', (error) => reject(notStarted(exec, error)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(out).toString());
      else reject(failed(exec, `ended with ${signal ?? `exit code ${code}`}${lastLines(err)}`));
    });
  });
}

function asksPerson(exec: JsonObject, interactive: boolean): boolean {
  const mode = exec.interactiveMode ?? 'IfAvailable';
  if (mode === 'Always' && !interactive) {
    throw failed(exec, 'has to ask a person (interactiveMode: Always), and there is no terminal');
  }
  return mode !== 'Never' && interactive;
}

/** The ExecCredential that tells the plugin what it is asked for. */
function execInfo(chosen: ChosenContext, exec: JsonObject, tls: TlsMaterial, interactive: boolean): string {
  const spec =
    exec.provideClusterInfo === true ? { cluster: clusterInfo(chosen, tls), interactive } : { interactive };
  return JSON.stringify({ apiVersion: exec.apiVersion, kind: 'ExecCredential', spec });
}

function clusterInfo({ cluster, server }: ChosenContext, { ca }: TlsMaterial): JsonObject {
  const extension = Array.isArray(cluster.extensions)
    ? cluster.extensions.find((item) => isObject(item) && item.name === 'client.authentication.k8s.io/exec')
    : undefined;
  return {
    server,
    'tls-server-name': cluster['tls-server-name'],
    'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
    'certificate-authority-data': ca === undefined ? undefined : Buffer.from(ca).toString('base64'),
    'proxy-url': cluster['proxy-url'],
    config: isObject(extension) ? extension.extension : undefined,
  };
}

function parseOutput(exec: JsonObject, output: string): PluginStatus {
  const answer = parseJson(exec, output);
  if (answer.kind !== 'ExecCredential') throw failed(exec, 'did not print an ExecCredential');
  if (answer.apiVersion !== exec.apiVersion) {
    throw failed(
      exec,
      `printed apiVersion ${text(answer.apiVersion)}, the kubeconfig expects ${text(exec.apiVersion)}`,
    );
  }
  const status = isObject(answer.status) ? answer.status : {};
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = status;
  if (!token && !(cert && key)) throw failed(exec, 'printed neither a token nor a certificate with its key');
  const expires = Date.parse(text(expirationTimestamp));
  return {
    ...(token ? { token: text(token) } : {}),
    ...(cert && key ? { cert: text(cert), key: text(key) } : {}),
    ...(Number.isNaN(expires) ? {} : { expires }),
  };
}

/** The output is never part of a message: it holds the credential. */
function parseJson(exec: JsonObject, output: string): JsonObject {
  try {
    const answer: unknown = JSON.parse(output);
    if (isObject(answer)) return answer;
  } catch {
    // Told below, without the text.
  }
  throw failed(exec, 'did not print JSON');
}

function notStarted(exec: JsonObject, error: Error): AppstoreError {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  return failed(exec, missing ? 'is not installed' : `cannot be started: ${error.message}`, error);
}

function failed(exec: JsonObject, what: string, cause?: unknown): AppstoreError {
  const line = [text(exec.command), ...strings(exec.args)].join(' ');
  const installHint = text(exec.installHint).trim();
  return new AppstoreError('CREDENTIAL_PLUGIN_FAILED', `The credential plugin \`${line}\` ${what}`, {
    cause,
    ...(installHint === '' ? {} : { hint: installHint }),
  });
}

function lastLines(chunks: readonly Buffer[]): string {
  const lines = Buffer.concat(chunks).toString().trim().split('\n').slice(-3).join('\n').slice(-600);
  return lines === '' ? '' : `: ${lines}`;
}

function namedEnv(exec: JsonObject): Record<string, string> {
  const list = Array.isArray(exec.env) ? exec.env : [];
  return Object.fromEntries(
    list.flatMap((item) => (isObject(item) ? [[text(item.name), text(item.value)]] : [])),
  );
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(text) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
