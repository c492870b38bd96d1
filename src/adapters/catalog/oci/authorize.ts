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

/** What a registry is shown. */
interface Authorization {
  readonly header: string;
  /** Where tokens come from, if the login was not sent there (`mayAskRealm`). */
  readonly withheldFrom?: URL;
}

/**
 * The Authorization header that answers a registry's challenge: Basic with the login, or a Bearer token: the one that a person has, or one
 * from the realm, without a login an anonymous one.
 *
 * @throws AppstoreError CATALOG_FORBIDDEN, CATALOG_UNREACHABLE
 */
export async function authorize(request: AuthorizeRequest): Promise<Authorization> {
  const { challenge, login, registry } = request;
  if (challenge.scheme === 'basic') {
    if (login?.kind === 'password') return { header: basic(login) };
    throw forbidden(request, 'it wants user and password');
  }
  if (login?.kind === 'bearer') return { header: `Bearer ${login.token}` };
  const realm = realmOf(request);
  const isWithheld = login !== undefined && !mayAskRealm(registry, realm);
  const token = await tokenFrom(request, realm, isWithheld ? undefined : login);
  return { header: `Bearer ${token}`, ...(isWithheld ? { withheldFrom: realm } : {}) };
}

function realmOf(request: AuthorizeRequest): URL {
  const realm = URL.parse(request.challenge.realm);
  if (realm === null || !/^https?:$/.test(realm.protocol))
    throw forbidden(request, 'it names no address that gives tokens');
  return realm;
}

async function tokenFrom(
  request: AuthorizeRequest,
  realm: URL,
  login: Exclude<RegistryLogin, { readonly kind: 'bearer' }> | undefined,
): Promise<string> {
  const { http, what, registry, challenge, reach, signal } = request;
  const scope = `repository:${request.repository}:${request.actions}`;
  const common = {
    what: `a token for ${what}`,
    limit: 1024 * 1024,
    also: [401, 403],
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
  if (answer.status !== 200)
    throw forbidden({ ...request, what: common.what }, `the server answers ${answer.status}`, realm);
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

function forbidden(
  { what, registry, login }: AuthorizeRequest,
  why: string,
  from: URL = registry,
): AppstoreError {
  const hint =
    login === undefined
      ? `Log in with \`docker login ${registry.host}\` or \`helm registry login ${registry.host}\`.`
      : `Log in anew with \`docker login ${registry.host}\`.`;
  return failure('CATALOG_FORBIDDEN', what, from, why, { hint });
}
