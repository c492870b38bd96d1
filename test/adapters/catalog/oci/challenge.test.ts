import { describe, expect, test } from 'vitest';
import { mayAskRealm, parseChallenge } from '../../../../src/adapters/catalog/oci/challenge.ts';
import { seeded } from '../../../support/random.ts';

describe('a challenge', () => {
  test.each([
    [
      'Bearer realm="https://a/t",service="s",scope="repository:x:pull"',
      { scheme: 'bearer', realm: 'https://a/t', service: 's', scope: 'repository:x:pull' },
    ],
    [
      'bearer realm=https://a/t, service="a, \\"b\\""',
      { scheme: 'bearer', realm: 'https://a/t', service: 'a, "b"', scope: '' },
    ],
    ['Basic realm="x"', { scheme: 'basic', realm: 'x', service: '', scope: '' }],
    ['Basic', { scheme: 'basic', realm: '', service: '', scope: '' }],
    ['Negotiate, Basic realm="x"', { scheme: 'basic', realm: 'x', service: '', scope: '' }],
    ['Bearer realm="first",realm="second"', { scheme: 'bearer', realm: 'first', service: '', scope: '' }],
    ['Digest realm="x"', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j', (header, expected) => {
    expect(parseChallenge(header)).toEqual(expected);
  });

  test('10000 mutated ones are read at once', () => {
    const next = seeded(1);
    const parts = ['Bearer ', 'Basic ', 'realm=', '"', '\\', ',', ' ', 'service="x"', 'a', '='];
    for (let run = 0; run < 10_000; run += 1) {
      const text = Array.from({ length: next(60) }, () => parts[next(parts.length)]).join('');
      const challenge = parseChallenge(text);
      expect(challenge === undefined || typeof challenge.realm === 'string').toBe(true);
    }
  });
});

describe('the realm that credentials may go to', () => {
  test.each([
    ['https://ghcr.io/', 'https://ghcr.io/token', true],
    ['https://registry-1.docker.io/', 'https://auth.docker.io/token', true],
    ['https://registry.gitlab.com/', 'https://gitlab.com/jwt/auth', true],
    ['https://registry.gitlab.com/', 'https://evil.com/jwt/auth', false],
    ['https://registry.gitlab.com/', 'https://evilgitlab.com/', false],
    ['https://ghcr.io/', 'https://evil.io/', false],
    ['https://ghcr.io/', 'http://ghcr.io/token', false],
    ['https://10.0.0.1/', 'https://10.9.0.1/', false],
    // without a list of public suffixes siblings are trusted there, too: a registry could pass on what it is sent anyway
    ['https://example.co.uk/', 'https://other.co.uk/', true],
    ['http://127.0.0.1:5000/', 'http://127.0.0.1:5001/token', true],
    ['http://127.0.0.1:5000/', 'http://127.0.0.2:5001/token', false],
  ])('of %s at %s', (registry, realm, expected) => {
    expect(mayAskRealm(new URL(registry), new URL(realm))).toBe(expected);
  });
});
