import type { AppstoreError } from '../../../domain/errors.ts';
import { isObject, type Json } from '../../../domain/json.ts';
import { readHttp } from '../http/client.ts';
import { basic } from '../http/credentials.ts';
import { failure } from '../http/errors.ts';
import type { Reach } from '../http/reach.ts';
import type { HttpSettings } from '../http/settings.ts';
import { type Challenge, mayAskRealm } from './challenge.ts';
import type { RegistryLogin } from './docker-config.ts';

export interface AuthorizeRequest {
  readonly http: HttpSettings;
  /** How messages name what is asked for. */
  readonly what: string;
  readonly registry: URL;
  readonly repository: string;
  readonly actions: 'pull' | 'pull,push';
  readonly challenge: Challenge;
  readonly login: RegistryLogin | undefined;
  /** Where the registry lay: its realm may not lead further inside. */
  readonly reach: Reach;
  readonly signal?: AbortSignal;
}

/**
 * The Authorization header that answers a registry's challenge: Basic with the login, or a Bearer token from the realm, without a
 * login an anonymous one.
 *
 * @throws AppstoreError CATALOG_FORBIDDEN, CATALOG_UNREACHABLE
 */
export async function authorize(request: AuthorizeRequest): Promise<string> {
  const { challenge, login } = request;
  if (challenge.scheme === 'basic') {
    if (login?.kind === 'password') return basic(login);
    throw forbidden(request, 'it wants user and password');
  }
  const token = await tokenFrom(request, realmOf(request));
  return `Bearer ${token}`;
}

function realmOf(request: AuthorizeRequest): URL {
  const realm = URL.parse(request.challenge.realm);
  if (realm === null || !/^https?:$/.test(realm.protocol))
    throw forbidden(request, 'it names no address that gives tokens');
  return realm;
}

async function tokenFrom(request: AuthorizeRequest, realm: URL): Promise<string> {
  const { http, what, registry, challenge, reach, signal } = request;
  const scope = `repository:${request.repository}:${request.actions}`;
  const login = request.login !== undefined && mayAskRealm(registry, realm) ? request.login : undefined;
  const common = {
    what: `a token for ${what}`,
    limit: 1024 * 1024,
    ...(signal === undefined ? {} : { signal }),
    ...(realm.hostname === registry.hostname ? {} : { from: reach }),
  };
  const service = challenge.service === '' ? {} : { service: challenge.service };
  const answer =
    login?.kind === 'refresh'
      ? await readHttp(http, {
          ...common,
          url: realm,
          form: {
            grant_type: 'refresh_token',
            refresh_token: login.token,
            scope,
            client_id: 'appstore',
            ...service,
          },
        })
      : await readHttp(http, {
          ...common,
          url: withQuery(realm, { scope, ...service }),
          ...(login === undefined ? {} : { authorization: basic(login) }),
        });
  const token = readToken(answer.bytes);
  if (token === undefined)
    throw failure('CATALOG_UNREACHABLE', common.what, realm, 'the answer holds no token');
  return token;
}

function withQuery(url: URL, values: Readonly<Record<string, string>>): URL {
  const made = new URL(url);
  for (const [name, value] of Object.entries(values)) made.searchParams.set(name, value);
  return made;
}

/** What stands in a header must not end it. */
function readToken(bytes: Buffer): string | undefined {
  try {
    const answer: Json = JSON.parse(bytes.toString('utf8'));
    const token = isObject(answer) ? (answer.token ?? answer.access_token) : undefined;
    return typeof token === 'string' && /^[\x21-\x7e]{1,65536}$/.test(token) ? token : undefined;
  } catch {
    return undefined;
  }
}

function forbidden({ what, registry, login }: AuthorizeRequest, why: string): AppstoreError {
  const hint =
    login === undefined
      ? `Log in with \`docker login ${registry.host}\` or \`helm registry login ${registry.host}\`.`
      : `Log in anew with \`docker login ${registry.host}\`.`;
  return failure('CATALOG_FORBIDDEN', what, registry, why, { hint });
}
