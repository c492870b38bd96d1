import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import tls from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { createAuthority, issueCertificate } from '../../../src/adapters/sandbox/certificates.ts';
import { connectTo, connectWith, fakeApi, gather, thrownBy, version, writeKubeconfig } from './fake-api.ts';

// A socket that is left open keeps the process up: the command has told its error, and the prompt does not come back.

test('what is asked after the end makes no connection', async () => {
  const api = await fakeApi(() => version);
  const cluster = await connectTo(api);
  await cluster.version();
  await cluster.close();
  expect(await thrownBy(cluster.version())).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
  const kind = { group: '', version: 'v1', kind: 'ConfigMap' };
  const options = { namespace: 'web', resourceVersion: '1', signal: new AbortController().signal };
  expect(await thrownBy(gather(cluster.watch(kind, options)))).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
  expect(api.counts.connections).toBe(1);
});

/** Shakes hands, agrees to HTTP/2, and says no more. */
function silentAfterTls(): tls.Server {
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
  const { certificate, key } = issueCertificate(createAuthority('silent', validity), {
    commonName: 'silent',
    usage: 'server',
    addresses: ['127.0.0.1'],
    ...validity,
  });
  return tls.createServer({ cert: certificate, key, ALPNProtocols: ['h2'] });
}

interface Stopping {
  readonly listen: () => Server;
  /** The event that gives the socket which has to be given up. */
  readonly reached: 'connection' | 'secureConnection';
  readonly proxied?: boolean;
}

test.each<[string, Stopping]>([
  ['a server that does not begin TLS', { listen: () => createServer(), reached: 'connection' }],
  ['a server that does not begin HTTP/2', { listen: silentAfterTls, reached: 'secureConnection' }],
  ['a proxy that says nothing', { listen: () => createServer(), reached: 'connection', proxied: true }],
])('closing gives up the connection to %s', async (_, { listen, reached, proxied }) => {
  const silent = listen();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const entry = proxied
    ? { server: 'https://cluster.example', 'proxy-url': `http://${host}` }
    : { server: `https://${host}`, 'insecure-skip-tls-verify': true };
  const cluster = await connectWith({ kubeconfig: await writeKubeconfig(entry, {}) });
  const call = thrownBy(cluster.version());
  const socket: Socket = await new Promise((taken) => silent.once(reached, taken));
  const gone = new Promise((done) => socket.on('error', () => undefined).once('close', done));
  socket.resume();
  await cluster.close();
  await gone;
  expect(await call).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
});
