import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { AppstoreError } from '../../domain/errors.ts';
import { isObject, type JsonObject } from '../../domain/json.ts';
import type { ChosenContext } from './context.ts';
import type { Credential, CredentialSource, TlsMaterial } from './credentials.ts';
import { impersonation } from './impersonation.ts';

/** Answers that can change (token files, cloud providers of old) are asked for again after this time: client-go's minute. */
const REREAD_AFTER = 60_000;

/**
 * Credentials by way of `KubeConfig` of @kubernetes/client-node: certificates, tokens, token files, user and password, and the
 * auth providers that call a program of a cloud. Nothing else of that package is used (docs/decisions/0011-transport.md).
 */
export function kubeConfigCredentials(chosen: ChosenContext): CredentialSource {
  let config: KubeConfig | undefined;
  const read = async () => {
    config ??= load(chosen);
    const credential = await readCredential(config, chosen);
    return changes(chosen.user) ? { credential, expires: Date.now() + REREAD_AFTER } : { credential };
  };
  if (!changes(chosen.user)) return { read };
  const refresh = () => {
    // It keeps a token file for a minute by itself: only a new one reads it at once.
    if (tokenFile(chosen.user) !== '') config = undefined;
    return read();
  };
  return { read, refresh };
}

function changes(user: JsonObject): boolean {
  return tokenFile(user) !== '' || isObject(user['auth-provider']);
}

/** Renewed by `oidc.ts`: KubeConfig's own way fails with the openid-client that it brings ("server" must be an instance of URL). */
function isOidc(provider: unknown): boolean {
  return isObject(provider) && provider.name === 'oidc';
}

function tokenFile(user: JsonObject): string {
  return typeof user.tokenFile === 'string' ? user.tokenFile : '';
}

function load(chosen: ChosenContext): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(
    JSON.stringify({
      'current-context': 'chosen',
      contexts: [{ name: 'chosen', context: { cluster: 'chosen', user: 'chosen' } }],
      clusters: [{ name: 'chosen', cluster: forKubeConfig(chosen) }],
      users: [{ name: 'chosen', user: userForKubeConfig(chosen.user) }],
    }),
  );
  return config;
}

/** Without the proxy, which is our own affair; and it refuses plain http unless told to skip the check of a certificate. */
function forKubeConfig({ cluster, endpoint }: ChosenContext): JsonObject {
  const { 'proxy-url': _, ...rest } = cluster;
  return { ...dataFirst(rest), 'insecure-skip-tls-verify': endpoint.insecure || !endpoint.secure };
}

/** `tokenFile` it knows only as a provider of its own, and it wins over `token`, as in kubectl. */
function userForKubeConfig(user: JsonObject): JsonObject {
  const { tokenFile: file, exec: _, 'auth-provider': provider, ...given } = user;
  const rest = isOidc(provider)
    ? given
    : { ...given, ...(provider === undefined ? {} : { 'auth-provider': provider }) };
  if (typeof file !== 'string' || file === '') return dataFirst(rest);
  const { token: __, ...others } = rest;
  return { ...dataFirst(others), 'auth-provider': { name: 'tokenFile', config: { tokenFile: file } } };
}

/** kubectl takes `...-data` before the file of the same purpose, KubeConfig the other way round. */
function dataFirst(entry: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !entry[`${key}-data`]));
}

async function readCredential(config: KubeConfig, chosen: ChosenContext): Promise<Credential> {
  const options: RequestOptions & { headers: Record<string, string> } = { headers: {} };
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw unusable(error, chosen);
  }
  const authorization = options.headers.Authorization ?? basic(options.auth);
  const provider = chosen.user['auth-provider'];
  if (isObject(provider) && !isOidc(provider) && authorization === undefined) throw expired(chosen);
  return {
    headers: {
      ...(authorization === undefined ? {} : { authorization: authorization.trim() }),
      ...impersonation(chosen.user),
    },
    tls: tlsOf(options),
  };
}

function basic(auth: string | null | undefined): string | undefined {
  return auth ? `Basic ${Buffer.from(auth).toString('base64')}` : undefined;
}

function tlsOf(options: RequestOptions): TlsMaterial {
  const { ca, cert, key } = options as TlsMaterial;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

function unusable(error: unknown, chosen: ChosenContext): AppstoreError {
  const path = (error as NodeJS.ErrnoException).path;
  const who = `user "${chosen.userName}" of context "${chosen.context}"`;
  if (path !== undefined) {
    return new AppstoreError('KUBECONFIG_INVALID', `${who}: the file ${path} cannot be read`, {
      cause: error,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new AppstoreError('UNAUTHENTICATED', `${who}: no credentials could be got: ${message}`, {
    cause: error,
  });
}

function expired(chosen: ChosenContext): AppstoreError {
  const who = `user "${chosen.userName}" of context "${chosen.context}"`;
  return new AppstoreError('UNAUTHENTICATED', `${who}: the login has expired and cannot be renewed`);
}
