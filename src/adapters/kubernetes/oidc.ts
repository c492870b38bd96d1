import { readFile } from 'node:fs/promises';
import { AppstoreError } from '../../domain/errors.ts';
import { isObject, type Json, type JsonObject } from '../../domain/json.ts';
import type { ChosenContext } from './context.ts';
import type { Credential, CredentialSource, TlsMaterial } from './credentials.ts';
import { impersonation } from './impersonation.ts';

/** A token is renewed this long before it expires, so that it does not do so on the way. */
const EARLY = 10_000;
/** Longest answer of an identity provider that is read. */
const LIMIT = 1024 * 1024;
const TIMEOUT = 15_000;

/**
 * The `oidc` auth provider of a kubeconfig (kubernetes.io/docs/reference/access-authn-authz/authentication/#using-kubectl): the id
 * token as long as it holds, then a new one for the refresh token. What is renewed is kept for this run and not written back.
 *
 * Our own, because KubeConfig's fails with the openid-client that it brings, and takes the lifetime of a new token for the
 * moment of its end.
 */
export function oidcCredentials(
  chosen: ChosenContext,
  settings: Json | undefined,
  base: () => Promise<TlsMaterial>,
): Required<CredentialSource> {
  let config: JsonObject = isObject(settings) ? settings : {};
  const credential = async (): Promise<Awaited<ReturnType<CredentialSource['read']>>> => ({
    credential: bearer(chosen, text(config['id-token']), await base()),
    expires: expiryOf(text(config['id-token'])) - EARLY,
  });
  const refresh = async () => {
    config = { ...config, ...(await renew(chosen, config)) };
    return credential();
  };
  return {
    refresh,
    read: () => (expiryOf(text(config['id-token'])) - EARLY > Date.now() ? credential() : refresh()),
  };
}

function bearer(chosen: ChosenContext, token: string, tls: TlsMaterial): Credential {
  return { headers: { authorization: `Bearer ${token}`, ...impersonation(chosen.user) }, tls };
}

/** Milliseconds of the epoch; 0 where the token is none or does not say. */
function expiryOf(token: string): number {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return isObject(claims) && typeof claims.exp === 'number' ? claims.exp * 1000 : 0;
  } catch {
    return 0;
  }
}

async function renew(chosen: ChosenContext, config: JsonObject): Promise<JsonObject> {
  const issuer = text(config['idp-issuer-url']);
  const refreshToken = text(config['refresh-token']);
  if (issuer === '' || refreshToken === '')
    throw failed(chosen, 'the login has expired and cannot be renewed');
  try {
    const ca = await authorityOf(config);
    const where = await ask(`${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`, ca);
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: text(config['client-id']),
      ...(text(config['client-secret']) === '' ? {} : { client_secret: text(config['client-secret']) }),
    });
    const answer = await ask(text(where.token_endpoint), ca, form);
    if (text(answer.id_token) === '') throw new Error('it gave no id_token');
    return { 'id-token': text(answer.id_token), 'refresh-token': text(answer.refresh_token) || refreshToken };
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw failed(chosen, `the login has expired, and ${issuer} did not renew it: ${what}`, error);
  }
}

async function authorityOf(config: JsonObject): Promise<string | undefined> {
  const data = text(config['idp-certificate-authority-data']);
  if (data !== '') return Buffer.from(data, 'base64').toString();
  const file = text(config['idp-certificate-authority']);
  return file === '' ? undefined : readFile(file, 'utf8');
}

/** The text of an answer is never part of a message: it may hold a token. `error` is a fixed word (RFC 6749 5.2). */
async function ask(url: string, ca: string | undefined, form?: URLSearchParams): Promise<JsonObject> {
  const { status, body } = await send(url, ca, form);
  const answer: unknown = body.startsWith('{') ? JSON.parse(body) : undefined;
  const object = isObject(answer) ? answer : {};
  if (status === 200) return object;
  throw new Error(`it answered ${status}${typeof object.error === 'string' ? ` ${object.error}` : ''}`);
}

async function send(url: string, ca: string | undefined, form?: URLSearchParams) {
  if (!url.startsWith('https://')) throw new Error('its address is not https');
  const { default: https } = await import('node:https');
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const options = {
      method: form === undefined ? 'GET' : 'POST',
      headers: form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' },
      signal: AbortSignal.timeout(TIMEOUT),
      agent: false,
      ...(ca === undefined ? {} : { ca }),
    } as const;
    const request = https.request(url, options, async (response) => {
      let body = '';
      for await (const chunk of response.setEncoding('utf8')) {
        body += chunk;
        if (body.length > LIMIT) request.destroy(new Error('its answer is too long'));
      }
      resolve({ status: response.statusCode ?? 0, body });
    });
    request.once('error', reject);
    request.end(form?.toString());
  });
}

function failed(chosen: ChosenContext, what: string, cause?: unknown): AppstoreError {
  const who = `user "${chosen.userName}" of context "${chosen.context}"`;
  return new AppstoreError('UNAUTHENTICATED', `${who}: ${what}`, { cause });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
