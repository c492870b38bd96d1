import { apiVersion } from '../../outputs/api-version.ts';
import type { ResultView } from './print.ts';

interface CreatedApp {
  readonly name: string;
  readonly folder: string;
  readonly files: readonly string[];
}

/** A new app, and what to do with it next. */
export function createdAppView(created: CreatedApp): ResultView {
  const { folder, files, name } = created;
  const path = /^(\.{0,2}[\\/])/.test(folder) ? folder : `./${folder}`;
  return {
    data: { apiVersion, kind: 'CreatedApp', ...created },
    text: () =>
      [
        ...files.map((file) => `+ ${folder}/${file}`),
        '',
        `See what it renders to:  appstore template ${path}`,
        `Hold it against the rules:  appstore catalog lint ${path}`,
        `Install it:  appstore install ${path} my-${name}`,
      ].join('\n'),
  };
}
