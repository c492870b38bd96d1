import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { built, cliJson, packageFolder } from '../support/cli.ts';
import { freshNamespace, testKubeconfig } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { configMapResource, tinyApp } from '../support/tiny-app.ts';

const program = resolve(import.meta.dirname, '../../bin/appstore.js');

/** A bash on a pseudo terminal, with `appstore` on its PATH and the completion loaded as the documents say. */
async function interactiveBash() {
  await built(['version']);
  const home = await temporaryFolder();
  await mkdir(join(home, 'bin'));
  const wrapper = `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`;
  await writeFile(join(home, 'bin/appstore'), wrapper, { mode: 0o755 });
  const rc = [
    "PS1='ready> '",
    "bind 'set enable-bracketed-paste off'",
    'source <(appstore completion bash)',
    'cd "$HOME"',
  ];
  await writeFile(join(home, 'rc'), `${rc.join('\n')}\n`);
  const shell = spawn('script', ['-qfec', `bash --noprofile --rcfile ${join(home, 'rc')} -i`, '/dev/null'], {
    env: {
      HOME: home,
      PATH: `${join(home, 'bin')}:${process.env.PATH}`,
      TERM: 'dumb',
      KUBECONFIG: testKubeconfig(),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => shell.once('close', done));
  onTestFinished(async () => {
    shell.stdin.end('\u0003exit\r');
    await ended;
  });
  let screen = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
  });
  const shows = (text: string) => expect.poll(() => screen, { timeout: 30_000 }).toContain(text);
  await shows('ready> ');
  return {
    /** Types, presses Tab, and waits until the line reads so. */
    async tab(typed: string, line: string): Promise<void> {
      screen = '';
      shell.stdin.write(`${typed}\t`);
      await shows(line);
      // Ctrl-U: away with the line
      shell.stdin.write('\u0015');
    },
  };
}

test('Tab completes commands, flags, apps and installations in an interactive bash', async () => {
  const namespace = await freshNamespace();
  const folder = await packageFolder(tinyApp([configMapResource('${name}')]));
  await cliJson(['install', folder, 'my-only-one', '-n', namespace]);
  const bash = await interactiveBash();
  await bash.tab('appstore upg', 'appstore upgrade ');
  await bash.tab('appstore install --na', 'appstore install --namespace ');
  await bash.tab('appstore install post', 'appstore install postgres ');
  await bash.tab('appstore list --output=js', 'appstore list --output=json ');
  await bash.tab(`appstore status -n ${namespace} my`, `appstore status -n ${namespace} my-only-one `);
});
