import { expect, test } from 'vitest';
import { newestOf } from '../../src/storefront/parts/newest.ts';

const versions = (...names: string[]) => names.map((version) => ({ version }));
const offered = versions('1.1.0-alpha.1', '1.0.0', '0.9.0');

test('newest is what is installed where no version is named', () => {
  expect(newestOf(offered)).toBe('1.0.0');
  expect(newestOf([{ version: '2.0.0', yanked: 'broken' }, ...offered])).toBe('1.0.0');
  expect(newestOf(versions('1.0.0+build-2', '0.9.0'))).toBe('1.0.0+build-2');
  expect(newestOf(versions('1.0.0-rc.1'))).toBe('1.0.0-rc.1');
  expect(newestOf([])).toBe('');
});
