import { describe, expect, test } from 'vitest';
import type { AppstoreError } from '../../src/domain/errors.ts';
import type { CatalogStore } from '../../src/services/catalog-store.ts';
import { addCatalog } from '../../src/services/catalogs.ts';

describe('the location of a catalog with a password in it', () => {
  test.each([
    ['git+https://ann:sekret9@host/r.git', /--password-stdin/],
    ['git+ssh://ann:sekret9@host/r.git', /agent/],
    ['oci://ann:sekret9@host/charts', /--password-stdin/],
    ['https://ann:sekret9@host/charts', /--password-stdin/],
    ['ftp://ann:sekret9@host/charts', /A catalog is a folder/],
  ])('%s is refused without showing it', async (location, hint) => {
    const store = { read: async () => [] } as unknown as CatalogStore;
    const adding = addCatalog(store, { name: 'g2', location }, new AbortController().signal);
    const error = await adding.catch((thrown: AppstoreError) => thrown);
    expect(error).toMatchObject({ code: 'USAGE', hint: expect.stringMatching(hint) });
    expect((error as AppstoreError).message).not.toContain('sekret9');
  });
});
