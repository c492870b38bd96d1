import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/domain/json.ts';
import {
  clusterEntry,
  connectTo,
  type FakeApi,
  fakeApi,
  status,
  testFolder,
  thrownBy,
  version,
} from './fake-api.ts';

const API_VERSION = 'client.authentication.k8s.io/v1';

/** A plugin of a few lines: it notes how it was called and prints what the lines make of it. */
async function plugin(lines: string, more: JsonObject = {}) {
  const folder = await testFolder();
  const script = join(folder, 'login.mjs');
  const calls = join(folder, 'calls');
  await writeFile(
    script,
    `import { appendFileSync, readFileSync } from 'node:fs';
    appendFileSync(${JSON.stringify(calls)}, JSON.stringify({ info: JSON.parse(process.env.KUBERNETES_EXEC_INFO), extra: process.env.EXTRA, outer: process.env.OUTER }) + '\\n');
    const count = readFileSync(${JSON.stringify(calls)}, 'utf8').trim().split('\\n').length;
    const print = (status) => console.log(JSON.stringify({ apiVersion: '${API_VERSION}', kind: 'ExecCredential', status }));
    ${lines}`,
  );
  const exec = {
    apiVersion: API_VERSION,
    command: process.execPath,
    args: [script],
    interactiveMode: 'Never',
    ...more,
  };
  const read = async () =>
    (await readFile(calls, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { exec, calls: read };
}

function connectBy(api: FakeApi, exec: JsonObject) {
  return connectTo(api, { user: { exec }, options: { env: { OUTER: 'kept', PATH: process.env.PATH } } });
}

test('a token, its environment, and one call for many requests', async () => {
  const api = await fakeApi(() => version);
  const { exec, calls } = await plugin(`print({ token: 'by-plugin' });`, {
    env: [{ name: 'EXTRA', value: 'given' }],
    provideClusterInfo: true,
  });
  const cluster = await connectBy(api, exec);
  await Promise.all([cluster.version(), cluster.version(), cluster.version()]);
  expect(api.seen.map((request) => request.headers.authorization)).toEqual(Array(3).fill('Bearer by-plugin'));
  const [call, ...others] = await calls();
  expect(others).toEqual([]);
  expect(call).toMatchObject({ extra: 'given', outer: 'kept' });
  expect(call.info).toEqual({
    apiVersion: API_VERSION,
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: clusterEntry(api) },
  });
});

test('a token that the server refuses is renewed once', async () => {
  const api = await fakeApi((request) =>
    request.headers.authorization === 'Bearer token-2'
      ? version
      : status(401, 'Unauthorized', 'Unauthorized'),
  );
  const { exec, calls } = await plugin('print({ token: `token-${count}` });');
  const cluster = await connectBy(api, exec);
  expect(await cluster.version()).toMatchObject({ minor: 36 });
  expect((await calls()).length).toBe(2);
});

test('a credential that has expired is renewed before it is refused', async () => {
  const api = await fakeApi(() => version);
  const { exec } = await plugin(
    'print({ token: `token-${count}`, expirationTimestamp: new Date(Date.now() + (count === 1 ? -1 : 1) * 3600_000).toISOString() });',
  );
  const cluster = await connectBy(api, exec);
  await cluster.version();
  await cluster.version();
  await cluster.version();
  expect(api.seen.map((request) => request.headers.authorization)).toEqual([
    'Bearer token-1',
    'Bearer token-2',
    'Bearer token-2',
  ]);
});

test('a client certificate', async () => {
  const api = await fakeApi(() => version, { requestClientCertificate: true });
  const { certificate, key } = api.client();
  const { exec } = await plugin(
    `print({ clientCertificateData: ${JSON.stringify(certificate)}, clientKeyData: ${JSON.stringify(key)} });`,
  );
  await (await connectBy(api, exec)).version();
  expect(api.clientNames).toEqual(['client']);
});

test.each<[string, string, RegExp]>([
  ['it fails', `console.error('please log in'); process.exit(3);`, /ended with exit code 3: please log in$/],
  ['no JSON', `console.log('hello secret');`, /did not print JSON$/],
  ['another kind', `console.log('{"kind":"Secret"}');`, /did not print an ExecCredential$/],
  ['another version', `console.log('{"kind":"ExecCredential","apiVersion":"v9"}');`, /printed apiVersion v9/],
  ['nothing in it', `print({});`, /printed neither a token nor a certificate/],
])('%s: a clear error', async (_, lines, message) => {
  const api = await fakeApi(() => version);
  const { exec } = await plugin(lines);
  const error = await thrownBy((await connectBy(api, exec)).version());
  expect(error).toMatchObject({ code: 'CREDENTIAL_PLUGIN_FAILED', message: expect.stringMatching(message) });
  expect(String(error)).not.toContain('secret');
});

test('a plugin that is not installed says how to get it', async () => {
  const api = await fakeApi(() => version);
  const exec = {
    apiVersion: API_VERSION,
    command: 'no-such-plugin',
    installHint: 'Install it with your package manager.',
  };
  expect(await thrownBy((await connectBy(api, exec)).version())).toMatchObject({
    code: 'CREDENTIAL_PLUGIN_FAILED',
    message: 'The credential plugin `no-such-plugin` is not installed',
    hint: 'Install it with your package manager.',
  });
});

test('a plugin that has to ask is not started where nobody can answer', async () => {
  const api = await fakeApi(() => version);
  const { exec } = await plugin(`print({ token: 'x' });`, { interactiveMode: 'Always' });
  expect(await thrownBy((await connectBy(api, exec)).version())).toMatchObject({
    code: 'CREDENTIAL_PLUGIN_FAILED',
    message: expect.stringContaining('there is no terminal'),
  });
});
