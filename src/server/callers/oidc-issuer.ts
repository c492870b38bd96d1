import type { Configuration, CustomFetchOptions, TokenEndpointResponse } from 'openid-client';
import { AppstoreError } from '../../domain/errors.ts';
import { httpsFetch } from './https-fetch.ts';

/** How the server is known to an identity provider. */
export interface IssuerSettings {
  /** `https://…`, exactly as the tokens have it. */
  readonly issuer: string;
  readonly clientId: string;
  /** Absent for a public client: PKCE alone ties a login to the browser that began it then. */
  readonly clientSecret?: string;
  readonly scopes: readonly string[];
  /** PEM of the authority that signed the provider's certificate; those of Node where absent. */
  readonly ca?: string;
  /** Where browsers come back to. */
  readonly redirectUrl: string;
}

/** What ties the answer of the provider to the browser and the request that it is for. */
export interface LoginChecks {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

interface Tokens {
  readonly idToken: string;
  readonly refreshToken?: string;
}

/** An OpenID Connect provider, by authorization code with PKCE. */
export interface Issuer {
  /** Where the browser goes to log in. Throws LOGIN_UNAVAILABLE. */
  begin(checks: LoginChecks): Promise<string>;
  /**
   * Takes the answer that the browser brought.
   * @param answer The address that the browser came to, with its query
   * @throws AppstoreError LOGIN_FAILED where anything of it is not as it was asked for, LOGIN_UNAVAILABLE
   */
  finish(answer: URL, checks: LoginChecks): Promise<Tokens>;
  /** Throws LOGIN_FAILED where the provider gives no new tokens, LOGIN_UNAVAILABLE. */
  refresh(refreshToken: string): Promise<Tokens>;
  /**
   * Takes the refresh token back where the provider lets one, and answers where the browser ends its session there (OpenID Connect RP-Initiated
   * Logout): by `id_token_hint`, but for a token that would make the address too long.
   */
  end(tokens: Tokens, returnTo: string): Promise<string | undefined>;
}

/** Characters of an id token in an address: many a server takes some 8,000 of all of it. */
const longestHint = 6000;

type Client = typeof import('openid-client');

interface Ready {
  readonly client: Client;
  readonly config: Configuration;
}

/** Nothing is loaded or asked before somebody logs in; a provider that was away is asked again by the next one. */
export function oidcIssuer(settings: IssuerSettings): Issuer {
  let found: Promise<Ready> | undefined;
  const ready = (): Promise<Ready> => {
    const asking = found ?? discover(settings);
    found = asking;
    asking.catch(() => {
      if (found === asking) found = undefined;
    });
    return asking;
  };
  return {
    async begin({ state, nonce, verifier }) {
      const { client, config } = await ready();
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: settings.redirectUrl,
        scope: settings.scopes.join(' '),
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
        // Without it providers give no refresh token for `offline_access` (OpenID Connect Core 11).
        ...(settings.scopes.includes('offline_access') ? { prompt: 'consent' } : {}),
      });
      return url.href;
    },
    async finish(answer, { state, nonce, verifier }) {
      const { client, config } = await ready();
      const checks = {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      };
      return tokensOf(await client.authorizationCodeGrant(config, answer, checks).catch(told));
    },
    async refresh(refreshToken) {
      const { client, config } = await ready();
      const tokens = tokensOf(await client.refreshTokenGrant(config, refreshToken).catch(told));
      return { refreshToken, ...tokens };
    },
    async end({ idToken, refreshToken }, returnTo) {
      const { client, config } = await ready();
      const { revocation_endpoint: revocation, end_session_endpoint: endSession } = config.serverMetadata();
      // A token that cannot be taken back is no reason to stay logged in there.
      if (revocation !== undefined && refreshToken !== undefined)
        await client
          .tokenRevocation(config, refreshToken, { token_type_hint: 'refresh_token' })
          .catch(() => undefined);
      if (endSession === undefined) return undefined;
      return client.buildEndSessionUrl(config, {
        post_logout_redirect_uri: returnTo,
        ...(idToken.length > longestHint ? {} : { id_token_hint: idToken }),
      }).href;
    },
  };
}

async function discover({ issuer, clientId, clientSecret, ca }: IssuerSettings): Promise<Ready> {
  const client = await import('openid-client');
  const send = httpsFetch(ca);
  const fetch = (url: string, { method, headers, body, signal }: CustomFetchOptions) =>
    send(
      url,
      { method, headers, ...(body === undefined || body === null ? {} : { body: String(body) }) },
      signal,
    );
  const authentication = clientSecret === undefined ? client.None() : client.ClientSecretPost(clientSecret);
  try {
    const config = await client.discovery(new URL(issuer), clientId, undefined, authentication, {
      [client.customFetch]: fetch,
      // The signature too, though the token comes straight from the provider over TLS.
      execute: [client.enableNonRepudiationChecks],
      timeout: 15,
    });
    return { client, config };
  } catch (cause) {
    throw new AppstoreError(
      'LOGIN_UNAVAILABLE',
      `${issuer}: the identity provider cannot be asked: ${reasonOf(cause)}`,
      {
        cause,
      },
    );
  }
}

function tokensOf({ id_token: idToken, refresh_token: refreshToken }: TokenEndpointResponse): Tokens {
  if (idToken === undefined)
    throw new AppstoreError('LOGIN_FAILED', 'the identity provider gave no id token');
  return { idToken, ...(refreshToken === undefined ? {} : { refreshToken }) };
}

/** Fixed words alone: what a provider answers in full may hold a token, and what a browser brings may hold anything. */
function told(cause: unknown): never {
  const code = isConnection(cause) ? 'LOGIN_UNAVAILABLE' : 'LOGIN_FAILED';
  throw new AppstoreError(code, `the identity provider: ${reasonOf(cause)}`, { cause });
}

/** True where nothing was answered at all. */
function isConnection(error: unknown): boolean {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error && typeof (inner as NodeJS.ErrnoException).syscall === 'string';
}

/** Codes of RFC 6749 and of the library. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed';
  const { error: code, cause } = error as Error & { readonly error?: unknown };
  if (typeof code === 'string' && /^[a-z_]{1,60}$/.test(code)) return code;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return error.message.replaceAll(/[^\w .,:'"/-]/g, '').slice(0, 120);
}
