import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chooseContext } from '../../../src/adapters/kubernetes/context.ts';
import { parseKubeconfig, readKubeconfig } from '../../../src/adapters/kubernetes/kubeconfig.ts';
import { connectWith, testFolder, thrownBy } from './fake-api.ts';

const one = `
apiVersion: v1
kind: Config
current-context: red
contexts:
  - {name: red, context: {cluster: big, user: red-user, namespace: red-space}}
clusters:
  - {name: big, cluster: {server: https://big.example:6443, certificate-authority: ca/big.crt}}
users:
  - name: red-user
    user: {client-certificate: red.crt, client-key: /keys/red.key, tokenFile: token}
`;
const two = `
current-context: blue
contexts:
  - {name: blue, context: {cluster: big, user: blue-user}}
  - {name: red, context: {cluster: other, user: other}}
users:
  - {name: red-user, user: {token: from-the-second-file}}
  - {name: blue-user, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./bin/login}}}
`;

async function files(): Promise<{ folder: string; first: string; second: string }> {
  const folder = await testFolder();
  await mkdir(join(folder, 'b'));
  const first = join(folder, 'one.yaml');
  const second = join(folder, 'b', 'two.yaml');
  await Promise.all([writeFile(first, one), writeFile(second, two)]);
  return { folder, first, second };
}

describe('where it is read from', () => {
  test('several files of KUBECONFIG: the first that has an entry wins, missing ones are passed over', async () => {
    const { folder, first, second } = await files();
    const KUBECONFIG = [first, join(folder, 'missing'), second, ''].join(delimiter);
    const config = await readKubeconfig({ env: { KUBECONFIG }, home: '/nonexistent', cwd: '/' });
    expect(config?.currentContext).toBe('red');
    expect([...(config?.contexts.keys() ?? [])].sort()).toEqual(['blue', 'red']);
    expect(config?.contexts.get('red')?.cluster).toBe('big');
    expect(config?.users.get('red-user')).not.toHaveProperty('token');
    expect(config?.files).toEqual([first, second]);
  });

  test('--kubeconfig is the only one, and relative to the working folder', async () => {
    const { folder, first } = await files();
    const config = await readKubeconfig({
      kubeconfig: 'b/two.yaml',
      env: { KUBECONFIG: first },
      home: '/nonexistent',
      cwd: folder,
    });
    expect(config?.currentContext).toBe('blue');
  });

  test('the home folder comes last', async () => {
    const { folder } = await files();
    await mkdir(join(folder, '.kube'));
    await writeFile(join(folder, '.kube', 'config'), two);
    expect((await readKubeconfig({ env: {}, home: folder, cwd: '/' }))?.currentContext).toBe('blue');
  });

  test('paths count from the folder of the file that has them', async () => {
    const { folder, first, second } = await files();
    const [a, b] = await Promise.all([parseKubeconfig(first, one), parseKubeconfig(second, two)]);
    expect(a.clusters.get('big')?.['certificate-authority']).toBe(join(folder, 'ca', 'big.crt'));
    expect(a.users.get('red-user')).toEqual({
      'client-certificate': join(folder, 'red.crt'),
      'client-key': '/keys/red.key',
      tokenFile: join(folder, 'token'),
    });
    expect(b.users.get('blue-user')?.exec).toMatchObject({ command: join(folder, 'b', 'bin', 'login') });
  });
});

describe('what is wrong with it', () => {
  test.each([
    ['a: [1, 2\nb: 3\n', 'KUBECONFIG_INVALID', /^x:2:1: /],
    ['just text', 'KUBECONFIG_INVALID', /holds no map/],
    ['contexts: {}', 'KUBECONFIG_INVALID', /`contexts` has to be a list/],
    ['users: [{user: {}}]', 'KUBECONFIG_INVALID', /users\[0\].name is missing/],
    ['clusters: [{name: a, cluster: text}]', 'KUBECONFIG_INVALID', /clusters\[0\].cluster has to be a map/],
  ])('%j', async (text, code, message) => {
    expect(await thrownBy(parseKubeconfig('x', text))).toMatchObject({
      code,
      message: expect.stringMatching(message),
      place: { file: 'x' },
    });
  });

  test('no kubeconfig at all', async () => {
    const home = await testFolder();
    expect(await thrownBy(connectWith({ home }))).toMatchObject({
      code: 'KUBECONFIG_MISSING',
      message: expect.stringContaining(join(home, '.kube', 'config')),
    });
  });

  test('a file that was asked for and is not there', async () => {
    expect(await thrownBy(connectWith({ kubeconfig: '/nonexistent/config' }))).toMatchObject({
      code: 'KUBECONFIG_MISSING',
      message: '/nonexistent/config: there is no such file',
    });
  });

  test('a folder instead of a file', async () => {
    expect(await thrownBy(connectWith({ kubeconfig: await testFolder() }))).toMatchObject({
      code: 'KUBECONFIG_INVALID',
    });
  });

  test('an empty file is as none', async () => {
    const folder = await testFolder();
    await writeFile(join(folder, 'empty'), '\n');
    const KUBECONFIG = join(folder, 'empty');
    expect(await thrownBy(connectWith({ env: { KUBECONFIG } }))).toMatchObject({
      code: 'KUBECONFIG_MISSING',
    });
  });
});

describe('the context', () => {
  const choose = async (text: string, context?: string) =>
    chooseContext(await parseKubeconfig('x', text), {
      env: {},
      ...(context === undefined ? {} : { context }),
    });

  test('what it says, and a namespace that overrules it', async () => {
    const config = await parseKubeconfig('x', one);
    const chosen = chooseContext(config, { env: {} });
    expect(chosen).toMatchObject({
      context: 'red',
      namespace: 'red-space',
      server: 'https://big.example:6443',
      endpoint: { secure: true, host: 'big.example', port: 6443, basePath: '', insecure: false },
    });
    expect(chooseContext(config, { env: {}, namespace: 'mine' }).namespace).toBe('mine');
  });

  test('an unknown one lists all, with a near match', async () => {
    const error = await thrownBy(choose(one, 'rde'));
    expect(error).toMatchObject({
      code: 'CONTEXT_UNKNOWN',
      message: expect.stringContaining('there are: red'),
    });
    expect(error).toMatchObject({ hint: 'Did you mean `--context red`?' });
  });

  test.each([
    ['contexts: []', 'CONTEXT_UNKNOWN', /no current context is set; it has no contexts at all/],
    ['current-context: gone', 'CONTEXT_UNKNOWN', /current context has no context "gone"/],
    [
      'current-context: a\ncontexts: [{name: a, context: {cluster: c}}]',
      'KUBECONFIG_INVALID',
      /names the cluster "c"/,
    ],
    [
      'current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: "https://h"}}]',
      'KUBECONFIG_INVALID',
      /names the user "u"/,
    ],
    [
      'current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {}}]',
      'KUBECONFIG_INVALID',
      /has no `server`/,
    ],
    [
      'current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: "ftp://h"}}]',
      'KUBECONFIG_INVALID',
      /not an http or https address/,
    ],
    [
      'current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: "https://h", proxy-url: "::"}}]',
      'KUBECONFIG_INVALID',
      /address of the proxy/,
    ],
  ])('%j', async (text, code, message) => {
    expect(await thrownBy(choose(text))).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
