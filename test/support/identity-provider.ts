import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { testAuthority } from './web-server.ts';

/** People that the provider knows. Their password is their name. */
type People = Readonly<Record<string, { readonly groups: readonly string[]; readonly verified?: boolean }>>;

export interface IdentityProviderOptions {
  readonly people: People;
  /** Where browsers may be sent back to. */
  readonly redirectUrls: readonly string[];
  /** Seconds for which an id token holds; an hour unless told. */
  readonly idTokenSeconds?: number;
}

/** An OpenID Connect provider on this machine, over TLS with an authority of its own. */
export interface IdentityProvider {
  readonly issuer: string;
  /** PEM */
  readonly ca: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Changed at any time: counts for tokens that are given from then on. */
  idTokenSeconds: number;
  /** Takes tokens back; false: it cannot just then. */
  revokes: boolean;
  stop(): Promise<void>;
}

const clientId = 'appstore';
const clientSecret = 'a secret of the tests';

export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  const { ca, issue } = testAuthority();
  const { key, certificate } = issue('server');
  const listeners = { handle: (_request: unknown, _response: unknown): void => undefined };
  const server = createServer({ key, cert: certificate }, (request, response) =>
    listeners.handle(request, response),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const made: IdentityProvider = {
    ...{ issuer, ca, clientId, clientSecret },
    idTokenSeconds: options.idTokenSeconds ?? 3600,
    revokes: true,
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  const provider = new Provider(
    issuer,
    configuration(options, () => made.idTokenSeconds),
  );
  const answer = provider.callback();
  listeners.handle = ((request: Request, response: Response) => {
    if (request.url?.startsWith('/interaction/')) void interact(provider, options.people, request, response);
    else if (request.url === '/token/revocation' && !made.revokes) response.writeHead(503).end();
    else answer(request, response);
  }) as typeof listeners.handle;
  return made;
}

function configuration(
  { people, redirectUrls }: IdentityProviderOptions,
  idTokenSeconds: () => number,
): object {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        token_endpoint_auth_method: 'client_secret_post',
        redirect_uris: redirectUrls,
        post_logout_redirect_uris: redirectUrls.map((url) => new URL('/', url).href),
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'one' }] },
    cookies: { keys: ['of the tests'] },
    scopes: ['openid', 'offline_access', 'email', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: {
      IdToken: idTokenSeconds,
      AccessToken: 3600,
      Grant: 86_400,
      Session: 86_400,
      Interaction: 600,
      RefreshToken: 86_400,
    },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_context: unknown, id: string) => {
      const person = people[id];
      if (person === undefined) return undefined;
      const claims = {
        sub: id,
        email: `${id}@example.org`,
        email_verified: person.verified !== false,
        groups: person.groups,
      };
      return { accountId: id, claims: () => claims };
    },
  };
}

type Request = Parameters<Provider['interactionDetails']>[0];
type Response = Parameters<Provider['interactionDetails']>[1];

/** A form for the login; consent is given by itself. */
async function interact(
  provider: Provider,
  people: People,
  request: Request,
  response: Response,
): Promise<void> {
  const { prompt, params, session, uid } = await provider.interactionDetails(request, response);
  if (prompt.name === 'consent') {
    const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: params.client_id });
    grant.addOIDCScope('openid offline_access email groups');
    const result = { consent: { grantId: await grant.save() } };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
  }
  const form = new URLSearchParams(request.method === 'POST' ? (await request.toArray()).join('') : '');
  const [name, password] = [form.get('name') ?? '', form.get('password')];
  if (people[name] !== undefined && name === password) {
    const result = { login: { accountId: name } };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }
  response.setHeader('content-type', 'text/html; charset=utf-8');
  const fields = '<input name="name"><input name="password" type="password"><button>Log in</button>';
  response.end(
    `<!doctype html><title>Log in</title><form method="post" action="/interaction/${uid}">${fields}</form>`,
  );
}
