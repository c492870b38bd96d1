import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  checkAuthorities,
  contextDirectory,
  ownCluster,
  parseCluster,
  readClusterFile,
  tokenDirectory,
} from '../../../src/adapters/kubernetes/directory.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'appstore-directory-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const surroundings = () => ({ env: {}, home: folder, cwd: folder, userAgent: 'test' });
const prod = {
  name: 'prod',
  cluster: { server: 'https://10.0.0.1:6443', 'certificate-authority-data': 'UEVN' },
};

async function file(config: object): Promise<string> {
  const path = join(folder, `${Math.random()}.json`);
  await writeFile(path, JSON.stringify(config));
  return path;
}

describe('a file of clusters', () => {
  it('holds addresses and certificate authorities', async () => {
    expect(await readClusterFile(await file({ clusters: [prod] }))).toEqual([
      { name: 'prod', server: 'https://10.0.0.1:6443', ca: 'PEM' },
    ]);
  });

  it.each([
    ['exec', { users: [{ name: 'u', user: { exec: { command: 'aws' } } }] }],
    ['an auth provider', { users: [{ name: 'u', user: { 'auth-provider': { name: 'gcp' } } }] }],
    ['a token', { users: [{ name: 'u', user: { token: 'secret-token' } }] }],
    ['a certificate', { users: [{ name: 'u', user: { 'client-key-data': 'c2VjcmV0' } }] }],
    ['a user without anything', { users: [{ name: 'u', user: {} }] }],
    ['a path', { clusters: [{ ...prod, cluster: { ...prod.cluster, 'certificate-authority': '/ca.crt' } }] }],
    [
      'no check of certificates',
      { clusters: [{ ...prod, cluster: { ...prod.cluster, 'insecure-skip-tls-verify': true } }] },
    ],
    ['a proxy', { clusters: [{ ...prod, cluster: { ...prod.cluster, 'proxy-url': 'http://evil' } }] }],
    ['nothing', { clusters: [] }],
  ])('is refused with %s', async (_what, config) => {
    const refusal = await readClusterFile(await file({ clusters: [prod], ...config })).catch(
      (error) => error,
    );
    expect(refusal).toMatchObject({
      code: 'KUBECONFIG_INVALID',
      hint: expect.stringContaining('nothing else'),
    });
    expect(refusal.message).not.toMatch(/secret/);
  });

  it('has addresses that tokens may be sent to', async () => {
    for (const server of ['http://10.0.0.1', 'https://user:pass@10.0.0.1', 'ftp://x'])
      await expect(
        readClusterFile(await file({ clusters: [{ name: 'a', cluster: { server } }] })),
      ).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('clusters that are named', () => {
  it('are read from flags', () => {
    expect(parseCluster('prod=https://10.0.0.1:6443,ca=/ca.crt')).toEqual({
      name: 'prod',
      server: 'https://10.0.0.1:6443',
      caFile: '/ca.crt',
    });
    for (const text of ['prod', 'prod=http://x', '=https://x', 'prod=https://x,key=/y'])
      expect(() => parseCluster(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it('have an authority that can be read, told to whoever starts the server', async () => {
    const [good, none] = [join(folder, 'good.crt'), join(folder, 'none.crt')];
    await writeFile(good, '-----BEGIN CERTIFICATE-----\n');
    await writeFile(none, 'hello');
    const server = 'https://10.0.0.1:6443';
    await checkAuthorities([
      { name: 'a', server },
      { name: 'b', server, caFile: good },
    ]);
    for (const [caFile, what] of [
      [join(folder, 'nofile'), 'of cluster `a` cannot be read'],
      [none, 'of cluster `a` is no certificate'],
    ] as const)
      await expect(checkAuthorities([{ name: 'a', server, caFile }])).rejects.toMatchObject({
        code: 'FILE_UNREADABLE',
        message: expect.stringContaining(what),
      });
  });

  it('are that of the pod where none is, by address and authority alone', () => {
    expect(ownCluster({})).toBeUndefined();
    expect(ownCluster({ KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }, '/sa')).toEqual(
      {
        name: 'in-cluster',
        server: 'https://[fd00::1]:443',
        caFile: '/sa/ca.crt',
      },
    );
  });

  it('are connected to with the token of a caller and with nothing else', async () => {
    const directory = tokenDirectory([{ name: 'prod', server: 'https://10.0.0.1:6443' }], surroundings());
    expect(await directory.list()).toEqual([
      { name: 'prod', server: 'https://10.0.0.1:6443', default: true, simulated: false },
    ]);
    const token = async () => 'token';
    await expect(directory.connect('other', { kind: 'token', token })).rejects.toMatchObject({
      code: 'CLUSTER_UNKNOWN',
    });
    await expect(directory.connect('prod', { kind: 'own' })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    const cluster = await directory.connect('prod', { kind: 'token', token });
    expect(cluster.target).toMatchObject({ context: 'prod', server: 'https://10.0.0.1:6443' });
    await cluster.close();
  });
});

it('contexts of a kubeconfig are for whoever started the program', async () => {
  const kubeconfig = await file({
    'current-context': 'b',
    contexts: [
      { name: 'a', context: { cluster: 'prod', user: '' } },
      { name: 'b', context: { cluster: 'prod', user: '' } },
      { name: 'broken', context: { cluster: 'gone' } },
    ],
    clusters: [prod],
  });
  const directory = contextDirectory({ ...surroundings(), kubeconfig });
  expect((await directory.list()).map(({ name, default: first }) => [name, first])).toEqual([
    ['a', false],
    ['b', true],
  ]);
  const credential = { kind: 'token', token: async () => 'x' } as const;
  await expect(directory.connect('a', credential)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(directory.connect('zz', { kind: 'own' })).rejects.toMatchObject({ code: 'CLUSTER_UNKNOWN' });
});
