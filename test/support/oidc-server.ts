import { onTestFinished } from 'vitest';
import { claimsOf } from '../../src/server/callers/id-token.ts';
import { callbackPath, type OidcDeps, oidcCallers } from '../../src/server/callers/oidc.ts';
import { oidcIssuer } from '../../src/server/callers/oidc-issuer.ts';
import { createSealer } from '../../src/server/callers/seal.ts';
import { realClock } from './change-harness.ts';
import type { IdentityProvider } from './identity-provider.ts';
import { person } from './person.ts';
import { type ServerHarness, serverHarness } from './server.ts';

export const publicUrl = 'https://apps.example.test';
export const redirectUrl = `${publicUrl}${callbackPath}`;

export interface OidcServer extends ServerHarness {
  /** Moves the clock of the server on, seconds. */
  later(seconds: number): void;
  /** A browser that reaches the server under its public name. */
  browser(): ReturnType<typeof person>;
}

interface Options {
  readonly keys?: readonly string[];
  readonly longest?: number;
  readonly identify?: OidcDeps['identify'];
}

export const key = (name: string): string => `${name} `.repeat(20);

/** A server with login by OpenID Connect, on a cluster in memory; stopped with the test. */
export async function oidcServer(
  provider: Pick<IdentityProvider, 'issuer' | 'ca'> & Partial<IdentityProvider>,
  { keys = [key('one')], longest = 12 * 3600, identify = byClaims }: Options = {},
): Promise<OidcServer> {
  let offset = 0;
  const clock = { ...realClock, now: () => new Date(Date.now() + offset * 1000) };
  const random = { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) };
  const issuer = oidcIssuer({
    ...{ issuer: provider.issuer, ca: provider.ca, clientId: provider.clientId ?? 'appstore' },
    ...(provider.clientSecret === undefined ? {} : { clientSecret: provider.clientSecret }),
    scopes: ['openid', 'email', 'groups', 'offline_access'],
    redirectUrl,
  });
  const deps = { issuer, sealer: createSealer(keys, random), clock, random, identify };
  const callers = oidcCallers(deps, { mode: 'oidc', publicUrl, longest });
  const server = await serverHarness({ callers, clock, settings: { origins: () => [publicUrl] } });
  const address = await server.app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.stop());
  return Object.assign(server, {
    later: (seconds: number) => {
      offset += seconds;
    },
    browser: () => person(new Map([['apps.example.test', address]]), provider.ca),
  });
}

const byClaims: OidcDeps['identify'] = async (idToken, token) => {
  const { sub, groups } = claimsOf(idToken);
  return { name: String(sub), groups: (groups ?? []) as string[], credential: { kind: 'token', token } };
};
