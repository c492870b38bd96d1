import { describe, expect, test } from 'vitest';
import { chooseVersion, newestFirst } from '../../src/domain/versions.ts';

const of = (...versions: string[]) => versions.map((version) => ({ version, appVersion: `app-${version}` }));

describe('chooseVersion', () => {
  test.each([
    [undefined, '2.1.0'],
    ['1', '1.10.0'],
    ['~1.2', '1.2.3'],
    ['1.2.3', '1.2.3'],
    ['<2', '1.10.0'],
    ['>=3.0.0-0', '3.0.0-rc.1'],
    ['3.0.0-rc.1', '3.0.0-rc.1'],
  ])('%s', (range, expected) => {
    const versions = of('1.2.3', '1.10.0', '3.0.0-rc.1', '2.1.0');
    expect(chooseVersion('builtin/app', versions, range).version).toBe(expected);
  });

  test('says which versions there are, with what they run', () => {
    expect(() => chooseVersion('builtin/app', of('1.0.0', '1.1.0'), '17')).toThrow(
      expect.objectContaining({
        code: 'VERSION_NOT_FOUND',
        message:
          'builtin/app has no version that fits `17`. There is: 1.1.0 (runs app-1.1.0), 1.0.0 (runs app-1.0.0).',
      }),
    );
  });

  test('a prerelease alone is not chosen unless named', () => {
    expect(() => chooseVersion('builtin/app', of('1.0.0-rc.1'))).toThrow(/not a prerelease/);
  });

  test('a long list is cut', () => {
    const many = of(...Array.from({ length: 14 }, (_, index) => `1.${index}.0`));
    expect(() => chooseVersion('builtin/app', many, '9')).toThrow(/1\.13\.0 .* and 4 older/);
  });
});

test('newestFirst orders by semver and leaves its argument alone', () => {
  const versions = of('1.2.0', '1.10.0', '1.10.0-beta');
  expect(newestFirst(versions).map((entry) => entry.version)).toEqual(['1.10.0', '1.10.0-beta', '1.2.0']);
  expect(versions[0]?.version).toBe('1.2.0');
});
