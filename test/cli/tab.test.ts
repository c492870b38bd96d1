import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { built, cliJson, packageFolder } from '../support/cli.ts';
import { startPty } from '../support/pty.ts';
import { freshNamespace, testKubeconfig } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { configMapResource, tinyApp } from '../support/tiny-app.ts';

const program = resolve(import.meta.dirname, '../../bin/appstore.js');

/** How a shell is started with nothing of the user's, and how it loads the completion as the documents say. */
const shells: Readonly<Record<string, { readonly start: string; readonly load: string }>> = {
  bash: { start: 'bash --noprofile --norc -i', load: 'source <(appstore completion bash)' },
  zsh: {
    start: 'zsh -f -i',
    load: 'autoload -Uz compinit; compinit -u -D; source <(appstore completion zsh)',
  },
  fish: { start: 'fish --no-config -i', load: 'appstore completion fish | source' },
};

/** bash is everywhere; the others are tried where they are. */
const installed = Object.keys(shells).filter(
  (shell) =>
    shell === 'bash' ||
    (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, shell))),
);

/** A shell on a pseudo terminal, with `appstore` on its PATH and its completion loaded. */
async function interactive(shell: string) {
  await built(['version']);
  const home = await temporaryFolder();
  await mkdir(join(home, 'bin'));
  const wrapper = `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`;
  await writeFile(join(home, 'bin/appstore'), wrapper, { mode: 0o755 });
  const { start = '', load = '' } = shells[shell] ?? {};
  const pty = startPty(start, {
    HOME: home,
    PATH: `${join(home, 'bin')}:${process.env.PATH}`,
    TERM: 'dumb',
    LANG: 'C.UTF-8',
    KUBECONFIG: testKubeconfig(),
  });
  onTestFinished(async () => {
    // Ctrl-U, so that the line is empty, and Ctrl-D
    pty.type('\u0015\u0004');
    await pty.ended;
  });
  pty.type(`cd; ${load}; echo re''ady\r`);
  await pty.shows(/^ready/m);
  let count = 0;
  return {
    /** Types, presses Tab, and lets the shell say what stands in the line. */
    async tab(typed: string, line: string): Promise<void> {
      const mark = `line${++count}`;
      // Ctrl-A goes to the beginning; the quotes keep what is typed apart from what is said
      pty.type(`${typed}\t\u0001echo li''ne${count} \r`);
      await pty.shows(new RegExp(`^${mark} `, 'm'));
      const said = pty
        .screen()
        .split(/[\r\n]+/)
        .find((each) => each.startsWith(`${mark} `));
      expect(said?.trimEnd()).toBe(`${mark} ${line}`);
    },
  };
}

test.each(installed)(
  'Tab completes commands, flags, apps and installations in an interactive %s',
  async (shell) => {
    const namespace = await freshNamespace();
    const folder = await packageFolder(tinyApp([configMapResource('${name}')]));
    await cliJson(['install', folder, 'my-only-one', '-n', namespace]);
    const { tab } = await interactive(shell);
    await tab('appstore upg', 'appstore upgrade');
    await tab('appstore install --na', 'appstore install --namespace');
    await tab('appstore install post', 'appstore install postgres');
    await tab('appstore list --output=js', 'appstore list --output=json');
    await tab(`appstore status -n ${namespace} my`, `appstore status -n ${namespace} my-only-one`);
  },
);
