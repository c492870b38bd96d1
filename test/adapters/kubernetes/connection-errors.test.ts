import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { networkError } from '../../../src/adapters/kubernetes/network-errors.ts';
import { connectTo, connectWith, fakeApi, thrownBy, version, writeKubeconfig } from './fake-api.ts';

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('nobody listens: the address and the cause, at once', async () => {
  const server = `https://127.0.0.1:${await closedPort()}`;
  const cluster = await connectWith({ kubeconfig: await writeKubeconfig({ server }, {}) });
  expect(await thrownBy(cluster.version())).toMatchObject({
    code: 'CLUSTER_UNREACHABLE',
    message: `${server}: connection refused (ECONNREFUSED)`,
  });
});

test('another certificate authority', async () => {
  const [api, other] = await Promise.all([fakeApi(() => version), fakeApi(() => version)]);
  const ca = Buffer.from(other.ca).toString('base64');
  const cluster = await connectTo(api, { cluster: { 'certificate-authority-data': ca } });
  expect(await thrownBy(cluster.version())).toMatchObject({
    code: 'CLUSTER_TLS',
    message: expect.stringContaining('not signed by the certificate authority'),
  });
  expect(api.seen).toEqual([]);
});

test('a certificate for another name, and tls-server-name that settles it', async () => {
  const api = await fakeApi(() => version, { addresses: [], names: ['kubernetes.example'] });
  const strict = await connectTo(api);
  expect(await thrownBy(strict.version())).toMatchObject({
    code: 'CLUSTER_TLS',
    message: expect.stringContaining('for another name'),
  });
  const named = await connectTo(api, { cluster: { 'tls-server-name': 'kubernetes.example' } });
  expect(await named.version()).toMatchObject({ minor: 36 });
});

test('insecure-skip-tls-verify trusts anybody', async () => {
  const api = await fakeApi(() => version, { addresses: [], names: ['other.example'] });
  const cluster = await connectTo(api, { cluster: { 'insecure-skip-tls-verify': true } });
  expect(await cluster.version()).toMatchObject({ minor: 36 });
});

test('https to a server that speaks http', async () => {
  const server = createHttpServer((_, response) => response.end('plain'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const kubeconfig = await writeKubeconfig({ server: `https://127.0.0.1:${port}` }, {});
  const cluster = await connectWith({ kubeconfig });
  expect(await thrownBy(cluster.version())).toMatchObject({
    code: 'CLUSTER_TLS',
    message: expect.stringContaining('does not speak TLS'),
  });
});

test('plain http is spoken where the kubeconfig says so', async () => {
  const server = createHttpServer((_, response) => response.end(JSON.stringify(version.body)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const kubeconfig = await writeKubeconfig({ server: `http://127.0.0.1:${port}` }, {});
  expect(await (await connectWith({ kubeconfig })).version()).toMatchObject({ gitVersion: 'v1.36.3' });
});

test.each([
  [{ code: 'ENOTFOUND' }, 'CLUSTER_UNREACHABLE', /host name is not known \(DNS\)/],
  [{ code: 'EAI_AGAIN' }, 'CLUSTER_UNREACHABLE', /host name is not known/],
  [{ code: 'ETIMEDOUT' }, 'CLUSTER_UNREACHABLE', /no answer in time/],
  [{ code: 'EHOSTUNREACH' }, 'CLUSTER_UNREACHABLE', /no way to the host/],
  [{ code: 'CERT_HAS_EXPIRED' }, 'CLUSTER_TLS', /has expired/],
  [{ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, 'CLUSTER_TLS', /not signed/],
  [{ code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' }, 'CLUSTER_TLS', /handshake failed/],
  [{ code: 'ERR_OSSL_PEM_NO_START_LINE' }, 'KUBECONFIG_INVALID', /certificate or key/],
  [{ code: '' }, 'CLUSTER_UNREACHABLE', /something odd/],
])('%j is %s', (properties, code, message) => {
  const cause = new Error('outer', { cause: Object.assign(new Error('something odd'), properties) });
  expect(networkError('https://k:6443', cause)).toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});

test('several addresses tried: the first failure counts', () => {
  const refused = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
  expect(networkError('https://k', new AggregateError([refused, new Error('x')])).message).toContain(
    'connection refused',
  );
});

test('the password of a proxy is in no message', () => {
  const error = networkError('https://k', new Error('x'), new URL('http://me:hidden@proxy:3128'));
  expect(error.message).toContain('proxy:3128');
  expect(error.message).not.toContain('hidden');
});
