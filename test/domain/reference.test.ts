import { describe, expect, test } from 'vitest';
import { formatReference, parseReference } from '../../src/domain/reference.ts';

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
  ])('%s', (text, expected) => {
    const reference = parseReference(text);
    expect(reference).toEqual({ text, ...expected });
    expect(formatReference(reference)).toBe(text);
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
    ['oci://host/app', /addresses/, /written as/],
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
