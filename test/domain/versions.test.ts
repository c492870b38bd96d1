import { describe, expect, test } from 'vitest';
import { chooseVersion, isBelow, newerVersion, newestFirst } from '../../src/domain/versions.ts';

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

describe('newerVersion', () => {
  test.each([
    ['the newest release', '1.0.0', ['1.2.0', '1.10.0'], '1.10.0'],
    ['nothing where it runs the newest', '1.10.0', ['1.2.0', '1.10.0'], undefined],
    ['nothing below', '0.2.0', ['0.0.9'], undefined],
    ['no prerelease for who runs a release', '1.0.0', ['2.0.0-rc.1'], undefined],
    ['a newer prerelease for who runs one', '2.0.0-rc.1', ['1.0.0', '2.0.0-rc.2'], '2.0.0-rc.2'],
    ['a release before any prerelease', '2.0.0-rc.1', ['2.0.0', '2.1.0-rc.1'], '2.0.0'],
    ['nothing where the installed one is no version', 'main', ['1.0.0'], undefined],
  ])('%s', (_, installed, versions, expected) => {
    expect(newerVersion(of(...versions), installed)?.version).toBe(expected);
  });

  test('passes over what was taken back', () => {
    const [first, second] = of('0.1.5', '0.2.0');
    const versions = [first, { ...second, yanked: 'loses data' }] as ReturnType<typeof of>;
    expect(newerVersion(versions, '0.1.0')?.version).toBe('0.1.5');
    expect(newerVersion(versions, '0.1.5')).toBeUndefined();
  });
});

describe('isBelow', () => {
  test.each([
    ['0.1.0', '0.2.0', true],
    ['0.2.0', '0.2.0', false],
    ['2.0.0', '2.0.0-rc.1', false],
    ['1.0.0', '2.0.0-rc.1', true],
    ['1.0.0+a', '1.0.0+b', false],
    ['main', '1.0.0', false],
  ])('%s below %s: %s', (version, other, expected) => expect(isBelow(version, other)).toBe(expected));
});
