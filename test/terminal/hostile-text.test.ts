import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { chartArchive } from '../support/chart.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { testTerminal } from '../support/terminal.ts';
import { webServer } from '../support/web-server.ts';

/** Clears the screen, names the window, writes over the line, turns the direction, hides. */
const evil = '\\e[2J\\e]0;owned\\a\\x9b31m\\r\\u202etxt.exe\\u200b\\u2066';
/** What must never come out, whatever the format. */
const steering =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** A catalog folder whose texts try everything, in an app and in a chart. */
async function hostileCatalog(): Promise<string> {
  const root = await temporaryFolder();
  const put = async (path: string, text: string) => {
    await mkdir(join(root, 'apps', path, '..'), { recursive: true });
    await writeFile(join(root, 'apps', path), text);
  };
  const text = `"x${evil}"`;
  await put(
    'wiki/app.yaml',
    `apiVersion: appstore.dev/v1
kind: App
metadata: {name: wiki, version: 1.0.0, appVersion: ${text}, title: ${text}, summary: ${text}, description: ${text}, category: web, license: ${text}, home: "https://example.com", keywords: [wiki], maintainers: [{name: ${text}}]}
values:
  type: object
  properties:
    greeting: {type: string, title: ${text}, description: ${text}, default: ${text}}
resources:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: page}
  data: {greeting: "\${values.greeting}"}
notes: ${text}
`,
  );
  await put('wiki/README.md', 'x');
  await put(
    'web/Chart.yaml',
    `apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: ${text}\ndescription: ${text}\nkeywords: [${text}]\nmaintainers: [{name: ${text}}]\nhome: ${text}\nannotations: {category: ${text}, licenses: ${text}}\n`,
  );
  await put('web/values.yaml', `greeting: ${text}\n`);
  return root;
}

async function shown(root: string, argv: readonly string[]): Promise<{ out: string; code: number }> {
  const terminal = testTerminal({
    env: { HOME: root, XDG_CONFIG_HOME: join(root, 'config'), XDG_CACHE_HOME: join(root, 'cache') },
  });
  const code = await run(argv as string[], terminal.io, {});
  return { out: terminal.stdout() + terminal.stderr(), code };
}

/** Colours and cursor moves are ours alone where there are any; there are none with NO_COLOR, but for hiding a progress line. */
function expectCalm(out: string): void {
  // biome-ignore lint/complexity/useRegexLiterals: built of escapes
  const ours = new RegExp('\\u001b\\[(\\?25[lh]|[0-9;]*[GKJ])|\\r', 'g');
  expect(out.replace(ours, '')).not.toMatch(steering);
  expect(out).not.toContain('owned\u0007');
}

describe('what a catalog says of its apps cannot steer the terminal', () => {
  test.each([
    ['search', ['search', 'wiki']],
    ['search as JSON', ['search', 'wiki', '-o', 'json']],
    ['search as YAML', ['search', 'wiki', '-o', 'yaml']],
    ['names alone', ['search', 'wiki', '-o', 'name']],
    ['all columns', ['search', '', '-o', 'wide']],
    ['show of an app', ['show', 'apps/wiki']],
    ['show of an app as JSON', ['show', 'apps/wiki', '-o', 'json']],
    ['show of an app as YAML', ['show', 'apps/wiki', '-o', 'yaml']],
    ['values of an app', ['values', 'apps/wiki']],
  ])('%s', async (_what, argv) => {
    const root = await hostileCatalog();
    const { out, code } = await shown(root, [...argv, '--catalog', join(root, 'apps')]);
    expect([code, out.length > 20]).toEqual([0, true]);
    expectCalm(out);
  });

  test('errors that quote it', async () => {
    const root = await hostileCatalog();
    await writeFile(join(root, 'apps/web/Chart.yaml'), `name: "web${evil}"\nversion: "1${evil}"\n`);
    const { out, code } = await shown(root, ['show', 'apps/web', '--catalog', join(root, 'apps')]);
    expect(code).not.toBe(0);
    expectCalm(out);
  });
});

test('what an index says of its charts, and what is left out of it, cannot steer the terminal', async () => {
  const root = await temporaryFolder();
  const text = `"x${evil}"`;
  const server = await webServer((request, response) => {
    if (request.url?.endsWith('index.yaml') === true)
      response.end(
        `entries:\n  web:\n  - {name: web, version: 1.0.0, appVersion: ${text}, description: ${text}, home: ${text}, urls: [${text}], annotations: {category: ${text}}}\n  ${text}:\n  - {name: ${text}, version: ${text}, urls: [x]}\n  bad:\n  - {name: bad, version: ${text}, urls: [x]}\n`,
      );
    else if (request.url?.endsWith('.tgz') === true)
      response.end(chartArchive({ name: 'web', version: '1.0.0' }));
    else response.writeHead(404).end();
  });
  const added = await shown(root, ['catalog', 'add', 'team', server.url]);
  expect([added.code, added.out]).toEqual([0, expect.stringContaining('left out')]);
  expectCalm(added.out);
  for (const argv of [
    ['search', 'web'],
    ['search', 'web', '-o', 'json'],
    ['show', 'team/web'],
    ['catalog', 'list'],
    ['catalog', 'list', '-o', 'json'],
  ]) {
    const { out } = await shown(root, argv);
    expect(out).toMatch(/web|team/);
    expectCalm(out);
  }
});
