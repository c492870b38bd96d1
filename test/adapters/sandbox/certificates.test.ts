import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { createAuthority, issueCertificate } from '../../../src/adapters/sandbox/certificates.ts';

const validity = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2055-06-01T12:00:00Z') };
const authority = createAuthority('test authority', validity);
const server = issueCertificate(authority, {
  commonName: 'server',
  usage: 'server',
  addresses: ['127.0.0.1', '10.96.0.1'],
  names: ['localhost'],
  ...validity,
});
const client = issueCertificate(authority, {
  commonName: 'ada',
  organizations: ['staff', 'system:masters'],
  usage: 'client',
  ...validity,
});

test('a certificate says whom and what it is for, and is signed by its authority', () => {
  const parsed = new X509Certificate(server.certificate);
  const root = new X509Certificate(authority.certificate);
  expect(parsed.subject).toBe('CN=server');
  expect(parsed.issuer).toBe('CN=test authority');
  expect(parsed.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:10.96.0.1');
  expect(parsed.validFrom).toBe('Jan  1 00:00:00 2026 GMT');
  expect(parsed.validTo).toBe('Jun  1 12:00:00 2055 GMT');
  expect(parsed.verify(root.publicKey)).toBe(true);
  expect([root.ca, parsed.ca]).toEqual([true, false]);
  expect(new X509Certificate(client.certificate).subject).toBe('O=staff\nO=system:masters\nCN=ada');
});

test('a server and a client that trust the authority shake hands', async () => {
  const options = { ca: authority.certificate, key: server.key, cert: server.certificate };
  const listener = createServer({ ...options, requestCert: true, rejectUnauthorized: true });
  onTestFinished(() => void listener.close());
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const accepted = once(listener, 'secureConnection');
  const socket = connect({
    port,
    host: '127.0.0.1',
    ca: authority.certificate,
    key: client.key,
    cert: client.certificate,
  });
  await once(socket, 'secureConnect');
  const [peer] = (await accepted) as [TLSSocket];
  expect(socket.authorized).toBe(true);
  expect(peer.getPeerCertificate().subject.CN).toBe('ada');
  socket.destroy();
  peer.destroy();
});
