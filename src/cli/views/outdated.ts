import { cleanLine } from '../../domain/text.ts';
import { outdatedOutput } from '../../outputs/outdated.ts';
import type { OutdatedReport } from '../../services/requests.ts';
import type { ResultView, TextStyle } from './print.ts';
import { renderTable } from './table.ts';

/** Installations that have a newer version; with `namespaces` each names its own. */
export function outdatedView(report: OutdatedReport, options: { readonly namespaces: boolean }): ResultView {
  return {
    data: outdatedOutput(report),
    names: () =>
      report.items.map(({ installation: { namespace, name } }) =>
        options.namespaces ? `${namespace}/${name}` : name,
      ),
    text: (style) => text(report, options.namespaces, style),
  };
}

async function text(
  { items, unknown }: OutdatedReport,
  namespaces: boolean,
  style: TextStyle,
): Promise<string> {
  const columns = [
    ...(namespaces ? [{ title: 'NAMESPACE' }] : []),
    { title: 'NAME' },
    { title: 'APP' },
    { title: 'VERSION' },
    { title: 'LATEST' },
    { title: 'APP VERSION' },
    { title: 'LATEST APP VERSION' },
  ];
  const rows = items.map(({ installation: one, latest }) => [
    ...(namespaces ? [cleanLine(one.namespace)] : []),
    cleanLine(one.name),
    cleanLine(one.app),
    cleanLine(one.version),
    style.palette.green(cleanLine(latest.version)),
    cleanLine(one.appVersion),
    cleanLine(latest.appVersion),
  ]);
  const table = rows.length === 0 ? '' : await renderTable(columns, rows, style);
  const unsaid = unknown.map(({ installation: { namespace, name }, reason }) =>
    style.palette.dim(`${cleanLine(namespace)}/${cleanLine(name)}: not known, ${reason}`),
  );
  return [table, ...unsaid].filter((part) => part !== '').join('\n');
}
