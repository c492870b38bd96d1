import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { inject } from 'vitest';
import { sandboxLayout } from '../../src/adapters/sandbox/layout.ts';
import { withLock } from '../../src/adapters/sandbox/lock.ts';
import type { IdentityProvider } from './identity-provider.ts';

interface Configuration {
  readonly jwt: readonly { readonly issuer: { readonly url: string } }[];
}

/**
 * Has the API server of the run believe a provider: users are `oidc:` and their address, groups `oidc:` and their name. Answers a function that
 * takes it back; a provider that is gone would keep the server from believing the next one.
 */
export async function trustIssuer({ issuer, ca, clientId }: IdentityProvider): Promise<() => Promise<void>> {
  const jwt = {
    issuer: { url: issuer, certificateAuthority: ca, audiences: [clientId] },
    claimMappings: {
      username: { claim: 'email', prefix: 'oidc:' },
      groups: { claim: 'groups', prefix: 'oidc:' },
    },
  };
  await change((all) => [...all, jwt]);
  return () => change((all) => all.filter(({ issuer: { url } }) => url !== issuer));
}

async function change(make: (all: Configuration['jwt']) => Configuration['jwt']): Promise<void> {
  const { sandboxes, name } = inject('sandbox');
  const { authentication } = sandboxLayout(sandboxes, name);
  const signal = new AbortController().signal;
  await withLock(dirname(authentication), 'authentication', { signal, onWait: () => {} }, async () => {
    const before = JSON.parse(await readFile(authentication, 'utf8')) as Configuration;
    await writeFile(authentication, JSON.stringify({ ...before, jwt: make(before.jwt) }));
  });
}
