import { commands } from '../../src/cli/tree.ts';
import { cliPage } from './cli-page.ts';
import { errorsPage } from './errors-page.ts';
import { lintPage } from './lint-page.ts';
import { searchScriptModule } from './search-script.ts';

/** Every generated file by its path in the project. */
export function generatedPages(): Readonly<Record<string, string>> {
  return {
    'docs/cli.md': cliPage(commands),
    'docs/errors.md': errorsPage(),
    'docs/lint.md': lintPage(),
    'src/adapters/catalog/site/pages/search-script.ts': searchScriptModule(),
  };
}

/** What differs between a page as it lies there and as it should be, in a few lines; `''` where nothing does. */
export function differences(path: string, present: string, expected: string): string {
  if (present === expected) return '';
  const old = new Set(present.split('\n'));
  const fresh = new Set(expected.split('\n'));
  const lines = [
    ...[...old].filter((line) => !fresh.has(line)).map((line) => `- ${line}`),
    ...[...fresh].filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
  const more = lines.length > 10 ? [`and ${lines.length - 10} more lines`] : [];
  return [`${path} is out of date; run \`npm run docs\`:`, ...lines.slice(0, 10), ...more].join('\n');
}
