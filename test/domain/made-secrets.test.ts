import { describe, expect, test } from 'vitest';
import { madeSecrets } from '../../src/domain/made-secrets.ts';
import type { KubeObject } from '../../src/domain/objects.ts';

function secret(texts: Readonly<Record<string, string>>, kind = 'Secret'): KubeObject {
  const data = Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  return { apiVersion: 'v1', kind, metadata: { name: 'one' }, data: Object.fromEntries(data) };
}

const none = { made: [], found: [] };
const key =
  '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0\n-----END PRIVATE KEY-----\n';

describe('what a package put into its Secrets', () => {
  test.each([
    ['made by chance', { anything: 'x7Kq2m' }, { made: ['x7Kq2m'], found: [] }, ['x7Kq2m']],
    [
      'made by chance, within a longer text',
      { url: 'a://b:x7Kq2mP9@c' },
      { made: ['x7Kq2mP9'], found: [] },
      ['x7Kq2mP9'],
    ],
    ['made, of small letters alone', { pin: 'qhwkzjvb' }, { made: ['qhwkzjvb'], found: [] }, ['qhwkzjvb']],
    [
      'looked up in a Secret',
      { anything: 'x7Kq2mP9' },
      { made: [], found: [secret({ old: 'x7Kq2mP9' }) as never] },
      ['x7Kq2mP9'],
    ],
    ['named by its key', { 'postgres-password': 'x7Kq2mP9' }, none, ['x7Kq2mP9']],
    ['named in another style', { SECRET_KEY: 'a-1b2c3d4e' }, none, ['a-1b2c3d4e']],
    ['a private key', { 'tls.key': key }, none, [key]],
  ])('is masked: %s', (_what, texts, sources, expected) => {
    expect(madeSecrets([secret(texts)], sources)).toEqual(expected);
  });

  test.each([
    ['a user', { username: 'postgres', user: 'bn_wordpress' }, none],
    ['a word for a password, which stands in the chart', { password: 'changeme' }, none],
    ['words for a password', { 'admin-password': 'prom-operator' }, none],
    ['what is short', { password: 'admin', token: '5432', secret: 'true' }, none],
    ['an address', { 'redis-password': '10.0.0.1:6379' }, none],
    ['made, and too short to be looked for', { password: 'aB3xY' }, { made: ['aB3xY'], found: [] }],
    ['made, and in no Secret', { note: 'else' }, { made: ['x7Kq2mP9'], found: [] }],
    [
      'a word that was looked up',
      { host: 'postgres.default' },
      { made: [], found: [secret({ host: 'postgres.default' }) as never] },
    ],
    ['a certificate', { 'tls.crt': '-----BEGIN CERTIFICATE-----\nMIIB\n' }, none],
    ['a file', { 'app.password': 'a = 1\nb = x7Kq2mP9\n' }, none],
  ])('is not masked by value: %s', (_what, texts, sources) => {
    expect(madeSecrets([secret(texts)], sources)).toEqual([]);
  });

  test('of Secrets alone', () => {
    expect(madeSecrets([secret({ password: 'x7Kq2mP9' }, 'ConfigMap')], none)).toEqual([]);
  });
});
