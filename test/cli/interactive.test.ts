import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { built, cli, cliError, cliJson, packageFolder } from '../support/cli.ts';
import { written } from '../support/contents.ts';
import { chartFolder } from '../support/helm-cli.ts';
import { startPty } from '../support/pty.ts';
import { freshNamespace, kube, testKubeconfig } from '../support/sandbox.ts';
import { type TestTerminal, testTerminal } from '../support/terminal.ts';
import { configMapResource, tinyApp } from '../support/tiny-app.ts';

const enter = '\r';

const asking = tinyApp(
  [
    configMapResource('${name}', { host: '${values.host}' }),
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: '${name}' },
      stringData: { token: '${values.token}' },
    },
  ],
  {
    properties: {
      host: { type: 'string', title: 'Host' },
      token: { type: 'string', format: 'password', title: 'Token' },
    },
    required: ['host', 'token'],
  },
);

/** An install that somebody sits before; the questions have been answered, and the last one is open. */
async function installAt(terminal: TestTerminal, namespace: string): Promise<{ done: Promise<number> }> {
  const folder = await packageFolder(asking);
  const done = run(['install', folder, '-n', namespace, '--kubeconfig', testKubeconfig()], terminal.io);
  await terminal.answer('Host (host):', `example.org${enter}`);
  await terminal.answer('empty has one made:', `hidden-token${enter}`);
  return { done };
}

test('a terminal is asked for what is missing, sees the plan, and nothing is written before its yes', async () => {
  const namespace = await freshNamespace();
  const terminal = testTerminal({ columns: 120 });
  const { done } = await installAt(terminal, namespace);
  await terminal.answer('2 to create', '');
  expect(await written(namespace)).toEqual({});
  await terminal.answer('Go on?', `y${enter}`);
  expect(await done, terminal.stderr()).toBe(0);
  expect(terminal.stderr()).toContain(`namespace ${namespace} of cluster appstore-sandbox`);
  expect(terminal.stderr() + terminal.stdout()).not.toContain('hidden-token');
  const { data } = await kube('GET', `/api/v1/namespaces/${namespace}/secrets/tiny`);
  expect(Buffer.from(data.token, 'base64').toString()).toBe('hidden-token');
});

test('a chart without a schema: asked for is what its templates require, as long as they find something', async () => {
  const namespace = await freshNamespace();
  const chart = await chartFolder({
    'Chart.yaml': 'apiVersion: v2\nname: needy\nversion: 1.0.0\n',
    'templates/all.yaml': `apiVersion: v1
kind: Secret
metadata: {name: needy}
stringData:
  host: {{ required "say under which name it is reached" .Values.host | quote }}
  password: {{ .Values.auth.password | required "a password is needed" | quote }}
  {{- if .Values.host }}
  path: {{ required "say where below the host" .Values.path | quote }}
  {{- end }}
`,
    'values.yaml': 'host: ""\nauth: {}\n',
  });
  const terminal = testTerminal({ columns: 120 });
  const done = run(['install', chart, '-n', namespace, '--kubeconfig', testKubeconfig()], terminal.io);
  await terminal.answer('say under which name it is reached (host):', `example.org${enter}`);
  await terminal.answer('a password is needed (auth.password), hidden', `hidden-word${enter}`);
  await terminal.answer('say where below the host (path):', `/app${enter}`);
  await terminal.answer('Go on?', `y${enter}`);
  expect(await done, terminal.stderr()).toBe(0);
  expect(terminal.stderr() + terminal.stdout()).not.toContain('hidden-word');
  const { data } = await kube('GET', `/api/v1/namespaces/${namespace}/secrets/needy`);
  const text = (key: string) => Buffer.from(data[key], 'base64').toString();
  expect(['host', 'password', 'path'].map(text)).toEqual(['example.org', 'hidden-word', '/app']);
  const nobody = await cliError(['install', chart, 'other', '-n', namespace]);
  expect(nobody.error).toMatchObject({
    code: 'VALUES_MISSING',
    problems: [{ at: 'host' }, { at: 'auth.password' }],
  });
});

test.each([
  ['no', `n${enter}`, 1, 'DECLINED'],
  ['Ctrl-C', '\u0003', 130, 'INTERRUPTED'],
  ['Ctrl-D', '\u0004', 130, 'INTERRUPTED'],
])('the answer %s writes nothing', async (_answer, typed, exit, code) => {
  const namespace = await freshNamespace();
  const terminal = testTerminal({ columns: 120 });
  const { done } = await installAt(terminal, namespace);
  await terminal.answer('Go on?', typed);
  expect(await done).toBe(exit);
  expect(terminal.stderr()).toContain(`[${code}]`);
  expect(await written(namespace)).toEqual({});
});

test.each([
  ['done', ['--dry-run'], 0],
  ['refused', ['--set', 'replicas=none'], 2],
])('on a pseudo terminal of no size the built file ends by itself: %s', async (_what, flags, exit) => {
  const namespace = await freshNamespace();
  await built(['version']);
  const program = resolve(import.meta.dirname, '../../bin/appstore.js');
  const argv = [process.execPath, program, 'install', 'whoami', '-n', namespace, ...flags];
  const env = { HOME: '/nonexistent', PATH: process.env.PATH, TERM: 'xterm', KUBECONFIG: testKubeconfig() };
  const pty = startPty(argv.join(' '), env);
  expect(await pty.ended, pty.screen()).toBe(exit);
  expect(pty.screen()).toContain('Looking for the app...');
});

test('generated passwords and volumes outlive a removal, and a new installation takes them up (row 24)', async () => {
  const namespace = await freshNamespace();
  const secret = async () => (await cli(['credentials', 'db', 'password', '-n', namespace])).stdout;
  await cliJson(['install', 'postgres', 'db', '-n', namespace]);
  const password = await secret();
  expect(password.length).toBeGreaterThan(11);
  await cliJson(['remove', 'db', '-n', namespace, '--yes']);
  await cliJson(['install', 'postgres', 'db', '-n', namespace]);
  expect(await secret()).toBe(password);
});
