import { cleanLine } from '../../domain/text.ts';
import { credentialsOutput, sortedByKey } from '../../outputs/credentials.ts';
import type { InstallationName } from '../../services/requests.ts';
import type { ResultView } from './print.ts';
import { renderTable } from './table.ts';

/** Generated secrets: their names, and their values only where every one was asked for. */
export function credentialsView(
  name: InstallationName,
  secrets: Readonly<Record<string, string>>,
  options: { readonly values: boolean },
): ResultView {
  const entries = sortedByKey(secrets);
  return {
    data: credentialsOutput(name, secrets, options),
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
