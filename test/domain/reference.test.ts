import { describe, expect, test } from 'vitest';
import { formatReference, parseReference } from '../../src/domain/reference.ts';
import { shownAddress } from '../../src/domain/shown-address.ts';

describe('parseReference', () => {
  test.each([
    ['postgres', { name: 'postgres' }],
    ['uptime-kuma', { name: 'uptime-kuma' }],
    ['builtin/postgres', { catalog: 'builtin', name: 'postgres' }],
    ['postgres@1.4.0', { name: 'postgres', range: '1.4.0' }],
    ['builtin/postgres@^1.4', { catalog: 'builtin', name: 'postgres', range: '^1.4' }],
    ['postgres@>=1.2 <2', { name: 'postgres', range: '>=1.2 <2' }],
    ['postgres@1', { name: 'postgres', range: '1' }],
    ['postgres@2.0.0-rc.1', { name: 'postgres', range: '2.0.0-rc.1' }],
    ['.', { name: '', location: '.' }],
    ['..', { name: '', location: '..' }],
    ['./postgres', { name: '', location: './postgres' }],
    ['../apps/x@y', { name: '', location: '../apps/x@y' }],
    ['/srv/apps/My App', { name: '', location: '/srv/apps/My App' }],
    ['.\\apps', { name: '', location: '.\\apps' }],
    ['./web-1.2.3.tgz', { name: '', location: './web-1.2.3.tgz' }],
    ['https://example.com/web-1.2.3.tgz', { name: '', location: 'https://example.com/web-1.2.3.tgz' }],
    ['http://charts.home/a.tgz?x=@1', { name: '', location: 'http://charts.home/a.tgz?x=@1' }],
    ['oci://example.com/charts/web', { name: '', location: 'oci://example.com/charts/web' }],
    ['oci://localhost:5000/web@^1.2', { name: '', location: 'oci://localhost:5000/web', range: '^1.2' }],
    [
      `oci://example.com/web@sha256:${'a'.repeat(64)}`,
      { name: '', location: `oci://example.com/web@sha256:${'a'.repeat(64)}` },
    ],
    ['team/Web_x.y@1', { catalog: 'team', name: 'Web_x.y', range: '1' }],
  ])('%s', (text, expected) => {
    const reference = parseReference(text);
    expect(reference).toEqual({ text, ...expected });
    expect(formatReference(reference)).toBe(text);
  });

  test('a tag chooses the version of a repository', () => {
    expect(parseReference('oci://example.com:5000/a/web:1.2.3+b1')).toEqual({
      text: 'oci://example.com:5000/a/web:1.2.3+b1',
      name: '',
      location: 'oci://example.com:5000/a/web',
      range: '1.2.3+b1',
    });
    // a digest is exact, whatever tag stands beside it
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(parseReference(`oci://example.com/web:1@${digest}`).location).toBe(
      `oci://example.com/web@${digest}`,
    );
  });

  test.each([
    ['', /is empty/, /written as/],
    ['  ', /is empty/, /written as/],
    ['Postgres', /not a name/, /lower case: `postgres`/],
    ['post_gres', /not a name/, /written as/],
    ['-x', /not a name/, /written as/],
    ['builtin/', /no name follows/, /`\.\/builtin\/`/],
    ['a/b/c', /more than one/, /`\.\/a\/b\/c`/],
    ['Cat/app', /`Cat` is not a name/, /`cat`/],
    ['postgres@', /no version follows/, /written as/],
    ['postgres@latest', /not a version/, /Leave/],
    ['postgres@new', /neither a version nor a range/, /1\.4\.0/],
    ['@1.0', /not a name/, /written as/],
    ['ftp://host/app', /nothing to install from/, /written as/],
    ['file:///srv/app.tgz', /nothing to install from/, /written as/],
    ['https://ann:secret@host/x.tgz', /a password is written/, /netrc/],
    ['https://', /no address/, /written as/],
    ['oci://host', /names no repository/, /oci:\/\/host/],
    ['oci:///app', /is no host/, /oci:\/\/host/],
    ['oci://ann@host/app', /a user is written/, /oci:\/\/host/],
    ['oci://host/App', /is no repository/, /oci:\/\/host/],
    ['oci://host/a/../b', /is no repository/, /oci:\/\/host/],
    ['oci://host/a//b', /is no repository/, /oci:\/\/host/],
    ['oci://host/app:', /is no tag/, /oci:\/\/host/],
    ['oci://host/app:1 2', /is no tag/, /oci:\/\/host/],
    ['oci://host/app:1@^2', /names two versions/, /oci:\/\/host/],
    ['oci://host/app@sha256:abc', /is no digest/, /oci:\/\/host/],
    ['oci://host/app@', /no version follows/, /oci:\/\/host/],
    [`oci://host/${'a'.repeat(255)}`, /is no repository/, /oci:\/\/host/],
    ['team/-x', /not a name/, /written as/],
    ['team/..', /not a name/, /written as/],
    ['.hidden', /not a name/, /written as/],
    [`a${'b'.repeat(63)}`, /longer than 63/, /written as/],
  ])('refuses %j', (text, message, hint) => {
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      }),
    );
  });
});

describe('an address with a password in it', () => {
  test.each([
    ['http://ann:sekret9@127.0.0.1:1/x.tgz', 'http://********@127.0.0.1:1/x.tgz', /netrc/],
    ['https://sekret9@host/x.tgz', 'https://********@host/x.tgz', /netrc/],
    ['https://ann:sek/ret9@host/x.tgz', 'https://********@host/x.tgz', /./],
    ['git+https://ann:sekret9@host/r.git#v1', 'git+https://********@host/r.git#v1', /netrc/],
    ['git+ssh://git:sekret9@host/r.git', 'git+ssh://********@host/r.git', /netrc/],
    ['oci://ann:sekret9@host/app', 'oci://********@host/app', /docker login/],
    ['ftp://ann:sekret9@host/app', 'ftp://********@host/app', /./],
  ])('%s is refused without showing it, and it is said how to log in', (text, shown, hint) => {
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(`\`${shown}\` is not an app reference`),
        hint: expect.stringMatching(hint),
      }),
    );
  });

  test.each([
    'https://host/x.tgz',
    'https://host:8443/x@1.tgz',
    'https://[::1]:80/x@1',
    'git+ssh://git@host/r',
    './a:b@c',
  ])('%s has none', (text) => {
    expect(shownAddress(text)).toBe(text);
  });
});
