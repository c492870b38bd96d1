import { AppstoreError } from '../domain/errors.ts';
import { LOCAL_CATALOG } from '../domain/reference.ts';
import { cleanLine } from '../domain/text.ts';
import type { Catalog } from './ports.ts';
import type { BrowseDeps, Finding } from './requests.ts';

/** Whether every catalog can be read, and how many apps it has. */
export async function catalogFindings(deps: BrowseDeps, signal: AbortSignal): Promise<Finding[]> {
  // What is named by its folder is looked at when it is named.
  const named = deps.catalogs.filter(({ name }) => name !== LOCAL_CATALOG);
  return Promise.all(named.map((catalog) => examine(catalog, signal)));
}

async function examine(catalog: Catalog, signal: AbortSignal): Promise<Finding> {
  const base = { area: 'catalogs', check: catalog.name } as const;
  try {
    const { length } = await catalog.search({ text: '' }, signal);
    return { ...base, state: 'ok', message: `${length} ${length === 1 ? 'app' : 'apps'}` };
  } catch (error) {
    if (!(error instanceof AppstoreError) || error.code === 'INTERRUPTED') throw error;
    const [first] = error.problems;
    const where = first?.at === undefined ? '' : ` (${first.at})`;
    const fix = error.hint ?? 'Mend the catalog, or leave it out.';
    return { ...base, state: 'problem', message: cleanLine(`${error.message}${where}`), fix: cleanLine(fix) };
  }
}
