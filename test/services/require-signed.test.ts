import { expect, test } from 'vitest';
import type { ResolvedPackage } from '../../src/domain/app.ts';
import { openApp } from '../../src/services/browse.ts';
import type { Catalog } from '../../src/services/ports.ts';
import { onlySigned } from '../../src/services/require-signed.ts';

function catalog(name: string, signed: boolean): Catalog {
  const signature = { signer: 'sha256:1', catalog: 'x', version: 1, verifiedAt: '2026-01-01T00:00:00Z' };
  const resolved: ResolvedPackage = {
    catalog: name,
    name: 'web',
    version: '1.0.0',
    appVersion: '',
    contentDigest: 'sha256:0',
    source: 'x',
    provenance: { indexDigest: 'sha256:2', ...(signed ? { signature } : {}) },
  };
  return {
    name,
    search: async () => [],
    versions: async () => [],
    resolve: async (reference) => (reference.name === 'web' ? resolved : undefined),
    open: async (wanted) => ({ resolved: wanted, files: [] }),
  };
}

const open = (one: Catalog, app = 'web') =>
  openApp({ catalogs: onlySigned([one]), renderers: [] }, { text: app, name: app, catalog: one.name });

test('what a signed index lists is taken, and the built-in catalog', async () => {
  expect((await open(catalog('team', true))).resolved.catalog).toBe('team');
  expect((await open(catalog('builtin', false))).resolved.catalog).toBe('builtin');
});

test('anything else is refused, and an app that is not there is just that', async () => {
  await expect(open(catalog('team', false))).rejects.toMatchObject({ code: 'SIGNATURE_REQUIRED' });
  await expect(open(catalog('local', false))).rejects.toMatchObject({ code: 'SIGNATURE_REQUIRED' });
  await expect(open(catalog('team', false), 'none')).rejects.toMatchObject({ code: 'APP_NOT_FOUND' });
});
