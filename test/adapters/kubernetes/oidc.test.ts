import { expect, test } from 'vitest';
import { connectTo, fakeApi, thrownBy, version } from './fake-api.ts';

function token(issuer: string, expiresIn: number, name: string): string {
  const seconds = Math.floor(Date.now() / 1000);
  const part = (data: object) => Buffer.from(JSON.stringify(data)).toString('base64url');
  const claims = { iss: issuer, aud: 'kubernetes', sub: 'me', name, iat: seconds, exp: seconds + expiresIn };
  return `${part({ alg: 'RS256', kid: 'k' })}.${part(claims)}.${Buffer.from('signature').toString('base64url')}`;
}

/** An identity provider that gives a new token for a refresh token. */
async function identityProvider() {
  let issuer = '';
  const provider = await fakeApi((request) => {
    if (request.path === '/.well-known/openid-configuration') {
      return {
        body: {
          issuer,
          token_endpoint: `${issuer}/token`,
          authorization_endpoint: `${issuer}/auth`,
          jwks_uri: `${issuer}/keys`,
          id_token_signing_alg_values_supported: ['RS256'],
        },
      };
    }
    const id_token = token(issuer, 3600, 'renewed');
    return {
      body: { id_token, access_token: 'a', token_type: 'Bearer', expires_in: 3600, refresh_token: 'r2' },
    };
  });
  issuer = provider.server;
  return { provider, issuer };
}

test('a login that still holds is used as it is', async () => {
  const api = await fakeApi(() => version);
  const idToken = token('https://idp.example', 3600, 'as it is');
  const config = { 'id-token': idToken, 'client-id': 'kubernetes', 'idp-issuer-url': 'https://idp.example' };
  await (await connectTo(api, { user: { 'auth-provider': { name: 'oidc', config } } })).version();
  expect(api.seen[0]?.headers.authorization).toBe(`Bearer ${idToken}`);
});

test('one that has expired is renewed with its refresh token', async () => {
  const [api, { provider, issuer }] = await Promise.all([fakeApi(() => version), identityProvider()]);
  const config = {
    'id-token': token(issuer, -3600, 'old'),
    'refresh-token': 'r1',
    'client-id': 'kubernetes',
    'idp-issuer-url': issuer,
    'idp-certificate-authority-data': Buffer.from(provider.ca).toString('base64'),
  };
  const cluster = await connectTo(api, { user: { 'auth-provider': { name: 'oidc', config } } });
  await cluster.version();
  await cluster.version();
  const used = api.seen.map((request) => request.headers.authorization?.split('.')[1] ?? '');
  const names = used.map((claims) => JSON.parse(Buffer.from(claims, 'base64url').toString()).name);
  expect(names).toEqual(['renewed', 'renewed']);
  expect(provider.seen.map((request) => request.path)).toEqual([
    '/.well-known/openid-configuration',
    '/token',
  ]);
  expect(provider.seen[1]?.body).toContain('refresh_token=r1');
});

test('one that has expired and has no refresh token is said to be so', async () => {
  const api = await fakeApi(() => version);
  const config = { 'id-token': token('https://idp.example', -3600, 'old'), 'client-id': 'kubernetes' };
  const cluster = await connectTo(api, { user: { 'auth-provider': { name: 'oidc', config } } });
  expect(await thrownBy(cluster.version())).toMatchObject({
    code: 'UNAUTHENTICATED',
    message: 'user "test" of context "test": the login has expired and cannot be renewed',
  });
  expect(api.seen).toEqual([]);
});

test('an identity provider that is not there', async () => {
  const api = await fakeApi(() => version);
  const config = {
    'id-token': token('https://127.0.0.1:1', -3600, 'old'),
    'refresh-token': 'hidden-refresh-token',
    'client-id': 'kubernetes',
    'idp-issuer-url': 'https://127.0.0.1:1',
  };
  const cluster = await connectTo(api, { user: { 'auth-provider': { name: 'oidc', config } } });
  const error = await thrownBy(cluster.version());
  expect(error).toMatchObject({
    code: 'UNAUTHENTICATED',
    message: expect.stringContaining('https://127.0.0.1:1 did not renew it'),
  });
  expect(String(error)).not.toContain('hidden-refresh-token');
});
