import type { JsonSchema } from '../../domain/app.ts';
import { referenceTo } from '../../domain/reference.ts';
import { cleanLine, cleanText } from '../../domain/text.ts';
import { appListOutput, appOutput, marksOf } from '../../outputs/apps.ts';
import type { CatalogHit } from '../../services/ports.ts';
import type { AppDetails, UnreadPart } from '../../services/requests.ts';
import type { ResultView, TextStyle } from './print.ts';
import { signatureText } from './signature.ts';
import { renderTable } from './table.ts';
import { wrapProse, wrapWords } from './wrap.ts';

/** Apps that a search found. */
export function appListView(hits: readonly CatalogHit[], unread: readonly UnreadPart[]): ResultView {
  return {
    data: appListOutput(hits, unread),
    names: () => hits.map(({ catalog, app }) => `${catalog}/${app.name}`),
    text: (style) => (hits.length === 0 ? '' : appTable(hits, style)),
  };
}

/** Problems of one catalog that are told one by one. */
const mostLines = 3;

/** What a search left out: what, where, and what to do. */
export function unreadLines(unread: readonly UnreadPart[]): readonly string[] {
  const byCatalog = Map.groupBy(unread, ({ catalog }) => catalog);
  return [...byCatalog].flatMap(([catalog, parts]) => {
    const name = cleanLine(catalog);
    const lines = parts
      .slice(0, mostLines)
      .map(({ error }) => cleanLine(`Left out of catalog ${name}: ${error.message} ${error.hint}`));
    const more = parts.length - lines.length;
    return more > 0
      ? [...lines, `Left out of catalog ${name}: ${more} more; \`appstore doctor\` tells all.`]
      : lines;
  });
}

/** Where apps are of several catalogs, one name may be in two of them: then each row says of which it is. */
function appTable(hits: readonly CatalogHit[], style: TextStyle): Promise<string> {
  const named = style.wide || new Set(hits.map(({ catalog }) => catalog)).size > 1;
  const columns = [
    { title: 'NAME' },
    { title: 'VERSION' },
    { title: 'APP VERSION' },
    ...(named ? [{ title: 'CATALOG' }] : []),
    ...(style.wide ? [{ title: 'CATEGORY' }] : []),
    { title: 'SUMMARY', flexible: true },
  ];
  const rows = hits.map(({ catalog, app }) => [
    cleanLine(app.name),
    cleanLine(app.version),
    cleanLine(app.appVersion),
    ...(named ? [cleanLine(catalog)] : []),
    ...(style.wide ? [cleanLine(app.category)] : []),
    cleanLine(app.summary),
  ]);
  return renderTable(columns, rows, style);
}

/** One app in full. */
export function appView(app: AppDetails): ResultView {
  const { resolved, description } = app;
  return {
    data: appOutput(app),
    names: () => [`${resolved.catalog}/${description.metadata.name}`],
    text: (style) => appText(app, style),
  };
}

/** Columns of the names of facts, with the space behind. */
const labelWidth = 14;

function appText({ resolved, description, versions }: AppDetails, style: TextStyle): string {
  const { metadata, requires, schema } = description;
  const { bold, dim } = style.palette;
  const marks = { ...metadata, ...marksOf(metadata, versions) };
  const facts: readonly (readonly [string, string])[] = [
    ['Name', `${resolved.catalog}/${metadata.name}`],
    [
      'Version',
      metadata.appVersion === '' ? metadata.version : `${metadata.version} (runs ${metadata.appVersion})`,
    ],
    [
      'Versions',
      versions
        .map(({ version, yanked }) => (yanked === undefined ? version : `${version} (taken back)`))
        .join(', '),
    ],
    [
      'Deprecated',
      marks.deprecated === true
        ? (marks.deprecation ?? 'its makers say that it should not be used any more')
        : '',
    ],
    ['Taken back', marks.yanked ?? ''],
    ['Category', metadata.category],
    ['Keywords', metadata.keywords.join(', ')],
    ['Licence', metadata.license],
    ['Home', metadata.home],
    ['Sources', metadata.sources.join(', ')],
    ['Maintainers', metadata.maintainers.map(({ name }) => name).join(', ')],
    [
      'Needs',
      [
        requires.kubernetes === undefined ? '' : `Kubernetes ${requires.kubernetes}`,
        ...(requires.capabilities ?? []),
      ]
        .filter((need) => need !== '')
        .join(', '),
    ],
    ['Source', resolved.source],
    ['Digest', resolved.contentDigest],
    ['Archive', resolved.archiveDigest ?? ''],
    ['Index', resolved.provenance?.indexDigest ?? ''],
    ['Signed', signatureText(resolved.provenance)],
  ];
  const lines = facts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => {
      const text = wrapWords(cleanLine(value), style.width - labelWidth, labelWidth);
      return `${dim(`${name}:`.padEnd(labelWidth - 1))} ${text}`;
    });
  const text = metadata.description === '' ? metadata.summary : metadata.description;
  return [
    bold(cleanLine(metadata.title)),
    wrapProse(cleanText(text).trim(), style.width),
    '',
    ...lines,
    '',
    bold('Values'),
    ...valueLines(schema, []),
    '',
    dim(`All of them with comments: appstore values ${referenceTo(resolved)}`),
  ].join('\n');
}

/** The values at the top, the advanced ones left out. */
function valueLines(schema: JsonSchema, path: readonly string[]): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    if (property['x-advanced'] === true) return [];
    const here = [...path, name];
    if (property.properties !== undefined) return valueLines(property, here);
    const value = property.default === undefined ? noDefault(property) : JSON.stringify(property.default);
    return [
      `  ${cleanLine(here.join('.'))} = ${cleanLine(value)}  ${cleanLine(property.title ?? '')}`.trimEnd(),
    ];
  });
}

function noDefault(property: JsonSchema): string {
  return property['x-generate'] === undefined ? '(none)' : '(generated)';
}
