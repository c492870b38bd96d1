import { join } from 'node:path';
import { expect } from 'vitest';
import { type CatalogFolders, openAdded } from '../../src/adapters/catalog/config/added.ts';
import { localCatalogs } from '../../src/adapters/catalog/config/store.ts';
import { openLocations } from '../../src/adapters/catalog/locations.ts';
import { parseReference } from '../../src/domain/reference.ts';
import type { GivenCredential } from '../../src/services/catalog-store.ts';
import { addCatalog } from '../../src/services/catalogs.ts';
import { temporaryFolder } from './temporary.ts';

const signal = new AbortController().signal;

/** Everything of a person on one machine: their folders, a home where nothing is, and the programs that they have. */
export async function person(home?: string, path = process.env.PATH) {
  const root = await temporaryFolder();
  const folders: CatalogFolders = { config: join(root, 'config'), cache: join(root, 'cache') };
  const environment = { PATH: path };
  const surroundings = {
    cwd: '/',
    home: home ?? join(root, 'home'),
    environment,
    userAgent: 'appstore/test',
  };
  const store = localCatalogs(folders, surroundings);
  return {
    folders,
    store,
    surroundings,
    add: (location: string, credential?: GivenCredential) =>
      addCatalog(
        store,
        { name: 'team', location, ...(credential === undefined ? {} : { credential }) },
        signal,
      ),
    async catalog() {
      const [catalog] = (await openAdded(folders, surroundings)).catalogs;
      if (catalog === undefined) throw new Error('no catalog');
      return catalog;
    },
    async pull(text: string) {
      const { catalogs, locations } = await openAdded(folders, surroundings);
      for (const catalog of [...catalogs, openLocations('/', locations)]) {
        const resolved = await catalog.resolve(parseReference(text), signal);
        if (resolved !== undefined) return catalog.open(resolved, signal);
      }
      throw new Error(`${text} is nowhere`);
    },
  };
}

/** The error of a refusal. */
export function refused(code: string, message: RegExp, hint: RegExp = /./): unknown {
  return expect.objectContaining({
    code,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });
}
