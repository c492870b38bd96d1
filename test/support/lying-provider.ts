import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { testAuthority } from './web-server.ts';

/** What an id token says instead of the truth; undefined takes a claim out. */
export interface Lies {
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Signs with another key than the provider shows. */
  readonly foreignKey?: boolean;
  /** Says that nothing has to be signed. */
  readonly unsigned?: boolean;
  readonly noIdToken?: boolean;
}

/** An OpenID Connect provider that logs everybody in and says what a test wants of them. */
export interface LyingProvider {
  readonly issuer: string;
  readonly ca: string;
  lies: Lies;
  /** The address that a browser would be sent back to after it was sent to `authorization`. */
  answer(authorization: string): URL;
  stop(): Promise<void>;
}

const base64 = (data: object) => Buffer.from(JSON.stringify(data)).toString('base64url');

export async function startLyingProvider(): Promise<LyingProvider> {
  const { ca, issue } = testAuthority();
  const { key, certificate } = issue('server');
  const [own, foreign] = [0, 1].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  let asked = new URLSearchParams();
  const server = createServer({ key, cert: certificate }, (request, response) => {
    const answers: Record<string, () => object> = {
      '/.well-known/openid-configuration': () => ({
        issuer: made.issuer,
        authorization_endpoint: `${made.issuer}/auth`,
        token_endpoint: `${made.issuer}/token`,
        jwks_uri: `${made.issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
        authorization_response_iss_parameter_supported: true,
      }),
      '/jwks': () => ({
        keys: [{ ...own?.publicKey.export({ format: 'jwk' }), kid: '1', alg: 'ES256', use: 'sig' }],
      }),
      '/token': () => ({
        access_token: 'a',
        token_type: 'bearer',
        ...(made.lies.noIdToken ? {} : { id_token: idToken() }),
      }),
    };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answers[request.url ?? '']?.() ?? {}));
  });
  const idToken = (): string => {
    const now = Math.floor(Date.now() / 1000);
    const truth = { iss: made.issuer, aud: asked.get('client_id'), sub: 'anna', nonce: asked.get('nonce') };
    const claims = { ...truth, iat: now, exp: now + 3600, ...made.lies.claims };
    const head = made.lies.unsigned ? { alg: 'none' } : { alg: 'ES256', kid: '1' };
    const text = `${base64(head)}.${base64(claims)}`;
    if (made.lies.unsigned) return `${text}.`;
    const signer = made.lies.foreignKey ? foreign : own;
    if (signer === undefined) throw new Error('no key');
    const signature = sign('sha256', Buffer.from(text), {
      key: signer.privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    return `${text}.${signature.toString('base64url')}`;
  };
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const made: LyingProvider = {
    issuer: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca,
    lies: {},
    answer(authorization) {
      asked = new URL(authorization).searchParams;
      const back = new URL(asked.get('redirect_uri') ?? '');
      const said = { code: 'a-code', state: asked.get('state') ?? '', iss: made.issuer };
      for (const [name, value] of Object.entries(said)) back.searchParams.set(name, value);
      return back;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return made;
}
