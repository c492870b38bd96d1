import { LOCAL_CATALOG } from '../domain/catalog-names.ts';
import { endsSoon, type IndexStatement, isCurrent } from '../domain/index-statement.ts';
import { cleanLine } from '../domain/text.ts';
import { searchApps } from './browse.ts';
import type { Catalog } from './ports.ts';
import type { BrowseDeps, Finding } from './requests.ts';

/** Whether every catalog can be read, how many apps it has, and whether its signature ends soon. */
export async function catalogFindings(deps: BrowseDeps, now: Date, signal: AbortSignal): Promise<Finding[]> {
  // What is named by its folder is looked at when it is named.
  const named = deps.catalogs.filter(({ name }) => name !== LOCAL_CATALOG);
  return (await Promise.all(named.map((catalog) => examine(catalog, now, signal)))).flat();
}

async function examine(catalog: Catalog, now: Date, signal: AbortSignal): Promise<readonly Finding[]> {
  const base = { area: 'catalogs', check: catalog.name } as const;
  const { hits, unread } = await searchApps({ catalogs: [catalog] }, { text: '' }, signal);
  const message = `${hits.length} ${hits.length === 1 ? 'app' : 'apps'}`;
  if (unread.length === 0) {
    const signed = signatureFindings(catalog.name, await catalog.signedFor?.(), now);
    return [{ ...base, state: 'ok', message }, ...signed];
  }
  return unread.map(({ error }) => {
    const [first] = error.problems;
    const where = first?.at === undefined ? '' : ` (${first.at})`;
    const fix = error.hint ?? 'Mend the catalog, or leave it out.';
    return { ...base, state: 'problem', message: cleanLine(`${error.message}${where}`), fix: cleanLine(fix) };
  });
}

/** Told before it is too late: from its end on nothing is installed from the catalog. */
function signatureFindings(
  name: string,
  signed: Pick<IndexStatement, 'issued' | 'expires'> | undefined,
  now: Date,
): Finding[] {
  if (signed === undefined || !endsSoon(signed, now)) return [];
  const fix = `Run \`appstore catalog update ${name}\`. If it stays so, ask who runs the catalog to sign it again.`;
  const base = { area: 'catalogs', check: name, fix } as const;
  return isCurrent(signed, now)
    ? [{ ...base, state: 'warning', message: `its signature ends soon: ${signed.expires}` }]
    : [
        {
          ...base,
          state: 'problem',
          message: `its signature counted until ${signed.expires}: nothing is installed from it any more`,
        },
      ];
}
