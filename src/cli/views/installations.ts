import { formatAge } from '../../domain/age.ts';
import type { RevisionSummary } from '../../domain/release.ts';
import { cleanLine } from '../../domain/text.ts';
import {
  historyOutput,
  installationListOutput,
  type ListedInstallation,
  mixedListOutput,
  withReleases,
} from '../../outputs/installations.ts';
import type { MixedList } from '../../services/list-with-helm.ts';
import type { HistoryReport, InstallationList } from '../../services/requests.ts';
import type { Palette } from './color.ts';
import type { ResultView, TextStyle } from './print.ts';
import { renderTable } from './table.ts';

/** Installations; with `namespaces` each names its own. */
export function installationListView(list: InstallationList, options: { namespaces: boolean }): ResultView {
  return {
    data: installationListOutput(list),
    names: () =>
      list.items.map(({ namespace, name }) => (options.namespaces ? `${namespace}/${name}` : name)),
    text: (style) =>
      list.items.length === 0 ? '' : installationTable(list.items, options.namespaces, style),
  };
}

/** Installations and Helm's own releases beside one another, each with who manages it. */
export function mixedListView(list: MixedList, options: { namespaces: boolean }): ResultView {
  const items = withReleases(list);
  return {
    data: mixedListOutput(list),
    names: () => items.map(({ namespace, name }) => (options.namespaces ? `${namespace}/${name}` : name)),
    text: (style) => (items.length === 0 ? '' : installationTable(items, options.namespaces, style)),
  };
}

function installationTable(
  items: readonly ListedInstallation[],
  namespaces: boolean,
  style: TextStyle,
): Promise<string> {
  const managers = items.some(({ manager }) => manager !== undefined);
  const columns = [
    ...(namespaces ? [{ title: 'NAMESPACE' }] : []),
    { title: 'NAME' },
    ...(managers ? [{ title: 'MANAGER' }] : []),
    { title: 'APP' },
    { title: 'VERSION' },
    { title: 'STATE' },
    { title: 'REVISION' },
    { title: 'UPDATED' },
    ...(style.wide ? [{ title: 'APP VERSION' }, { title: 'CATALOG' }] : []),
  ];
  const rows = items.map((item) => [
    ...(namespaces ? [cleanLine(item.namespace)] : []),
    cleanLine(item.name),
    ...(managers ? [item.manager ?? ''] : []),
    cleanLine(item.app) || '-',
    cleanLine(item.version) || '-',
    stateText(item.state, style.palette),
    String(item.revision),
    formatAge(item.updatedAt, style.now),
    ...(style.wide ? [cleanLine(item.appVersion), cleanLine(item.catalog)] : []),
  ]);
  return renderTable(columns, rows, style);
}

/** A state in its colour; records are edited by others too, so that it may be any text. */
export function stateText(state: string, palette: Palette): string {
  const text = cleanLine(state);
  if (text === 'deployed') return palette.green(text);
  return text === 'failed' ? palette.red(text) : palette.yellow(text);
}

/** The revisions of an installation, newest first. */
export function historyView(report: HistoryReport): ResultView {
  const { revisions } = report;
  return {
    data: historyOutput(report),
    names: () => revisions.map(({ number }) => String(number)),
    text: (style) =>
      renderTable(
        [
          { title: 'REVISION' },
          { title: 'OPERATION' },
          { title: 'VERSION' },
          { title: 'APP VERSION' },
          { title: 'RESULT' },
          { title: 'AGE' },
          ...(style.wide ? [{ title: 'STARTED' }, { title: 'FINISHED' }] : []),
          { title: 'MESSAGE', flexible: true },
        ],
        revisions.map((revision) => [
          String(revision.number),
          operationText(revision),
          cleanLine(revision.version),
          cleanLine(revision.appVersion),
          stateText(revision.result, style.palette),
          formatAge(revision.startedAt, style.now),
          ...(style.wide ? [cleanLine(revision.startedAt), cleanLine(revision.finishedAt ?? '-')] : []),
          cleanLine([revision.cause, revision.message].filter((text) => text !== undefined).join(': ')),
        ]),
        style,
      ),
  };
}

function operationText({ operation, target }: RevisionSummary): string {
  return target === undefined ? cleanLine(operation) : `${cleanLine(operation)} to ${target}`;
}
