import { describe, expect, test } from 'vitest';
import { surelyValid } from '../../src/domain/simple-objects.ts';
import { simpleSamples } from '../support/simple-samples.ts';

describe('objects that are valid beyond doubt', () => {
  test.for(simpleSamples)('$title: $sure', ({ object, sure }) => {
    expect(surelyValid(object) !== undefined).toBe(sure);
  });

  test('other kinds are left to the server', () => {
    const metadata = { name: 'web' };
    expect(surelyValid({ apiVersion: 'v1', kind: 'Service', metadata })).toBeUndefined();
    expect(surelyValid({ apiVersion: 'example.com/v1', kind: 'ConfigMap', metadata })).toBeUndefined();
  });

  test('nothing is vouched for that a real server refuses', () => {
    expect(simpleSamples.filter((sample) => sample.sure && sample.server === 'refuses')).toEqual([]);
  });
});
