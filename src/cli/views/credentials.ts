import { cleanLine } from '../../domain/text.ts';
import type { InstallationName } from '../../services/requests.ts';
import { apiVersion } from './api-version.ts';
import type { ResultView } from './print.ts';
import { renderTable } from './table.ts';

/** Generated secrets: their names, and their values only where every one was asked for. */
export function credentialsView(
  name: InstallationName,
  secrets: Readonly<Record<string, string>>,
  options: { readonly values: boolean },
): ResultView {
  const entries = Object.entries(secrets).sort(([a], [b]) => (a < b ? -1 : 1));
  const items = entries.map(([key, value]) => (options.values ? { key, value } : { key }));
  return {
    data: { apiVersion, kind: 'CredentialList', name: name.name, namespace: name.namespace, items },
    names: () => entries.map(([key]) => key),
    text: (style) => {
      if (entries.length === 0) return '';
      if (!options.values) return entries.map(([key]) => cleanLine(key)).join('\n');
      return renderTable(
        [{ title: 'KEY' }, { title: 'VALUE' }],
        entries.map(([key, value]) => [cleanLine(key), cleanLine(value)]),
        style,
      );
    },
  };
}
