import { endsSoon } from '../../domain/index-statement.ts';
import { cleanLine } from '../../domain/text.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import { catalogListOutput } from '../../outputs/catalogs.ts';
import type { CatalogReading, CatalogState } from '../../services/catalog-store.ts';
import type { UpdateResult } from '../../services/catalogs.ts';
import type { ResultView, TextStyle } from './print.ts';
import { renderTable } from './table.ts';

/** The catalogs that were added. */
export function catalogListView(catalogs: readonly CatalogState[]): ResultView {
  return {
    data: catalogListOutput(catalogs),
    names: () => catalogs.map(({ name }) => name),
    text: (style) => (catalogs.length === 0 ? '' : listText(catalogs, style)),
  };
}

function listText(catalogs: readonly CatalogState[], style: TextStyle): Promise<string> {
  const columns = [
    { title: 'NAME' },
    { title: 'KIND' },
    { title: 'APPS' },
    { title: 'CHECKED' },
    { title: 'SIGNED' },
    { title: 'LOCATION', flexible: true },
  ];
  const rows = catalogs.map((catalog) => [
    cleanLine(catalog.name),
    cleanLine(catalog.kind),
    catalog.indexed === undefined ? '' : String(catalog.indexed.apps),
    checkedText(catalog, style),
    signedText(catalog, style),
    cleanLine(catalog.location),
  ]);
  return renderTable(columns, rows, style);
}

function checkedText({ kind, checked }: CatalogState, { now, palette }: TextStyle): string {
  if (kind === 'folder') return '';
  return checked === undefined ? palette.yellow('never') : agoText(checked, now);
}

function agoText(then: Date, now: Date): string {
  const hours = Math.floor((now.getTime() - then.getTime()) / 3_600_000);
  return hours < 1 ? 'within the hour' : hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} d ago`;
}

function signedText({ signature }: CatalogState, { now, palette }: TextStyle): string {
  if (signature === undefined) return '';
  if (signature.current && signature.index !== undefined)
    return endsSoon(signature.index, now) ? palette.yellow('ends soon') : 'yes';
  return palette.red(signature.index === undefined ? 'no' : 'expired');
}

/** A catalog that was removed. */
export function catalogRemovalView(name: string): ResultView {
  return {
    data: { apiVersion, kind: 'CatalogRemoval', name },
    text: () => `Catalog ${cleanLine(name)} is removed. What was installed from it stays.`,
  };
}

/** What came of reading catalogs anew. */
export function catalogUpdateView(results: readonly UpdateResult[]): ResultView {
  return {
    data: {
      apiVersion,
      kind: 'CatalogUpdate',
      items: results.map((result) =>
        result.outcome === 'failed'
          ? {
              name: result.name,
              outcome: result.outcome,
              error: { code: result.error.code, message: result.error.message },
              ...(result.checked === undefined ? {} : { checked: result.checked.toISOString() }),
            }
          : result,
      ),
    },
    names: () => results.map(({ name }) => name),
    text: (style) => results.map((result) => updateText(result, style)).join('\n'),
  };
}

function updateText(result: UpdateResult, style: TextStyle): string {
  const name = cleanLine(result.name);
  if (result.outcome === 'failed') return failureText(name, result, style);
  return [`${name}: ${readingText(result)}`, ...endingLines(result, style), ...skippedLines(result)].join(
    '\n',
  );
}

function failureText(
  name: string,
  { error, checked }: UpdateResult & { readonly outcome: 'failed' },
  { now }: TextStyle,
): string {
  const lines = [`${name}: failed: ${cleanLine(error.message)}`, cleanLine(error.hint)];
  if (checked !== undefined)
    lines.push(`What is kept here is used on; it was read ${agoText(checked, now)}.`);
  return lines.join('\n  ');
}

/** A reading in words. */
function readingText({ outcome, apps, versions, signed }: CatalogReading): string {
  if (outcome === 'nothing')
    return apps === 0 ? 'there is no index to read' : `${count(apps, 'app')}, read where they lie`;
  const size = `${count(apps, 'app')}, ${count(versions, 'version')}`;
  const signature =
    signed === undefined
      ? ''
      : `, signed as ${cleanLine(signed.catalog)}, version ${signed.version}, until ${signed.expires}`;
  return `${outcome === 'read' ? size : `nothing new (${size})`}${signature}`;
}

/** What a person can do something about while there is time. */
function endingLines({ signed }: CatalogReading, { now, palette }: TextStyle): readonly string[] {
  if (signed === undefined || !endsSoon(signed, now)) return [];
  return [
    `  ${palette.yellow('its signature ends soon')}: from ${signed.expires} on nothing is installed from it. Ask who runs the catalog to sign it again.`,
  ];
}

/** What of an index could not be used. */
function skippedLines({ skipped, problems }: CatalogReading): readonly string[] {
  const more = skipped - problems.length;
  return [
    ...problems.map(({ at, message }) => `  left out: ${cleanLine(at)}: ${cleanLine(message)}`),
    ...(more > 0 ? [`  left out: ${more} more`] : []),
  ];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
