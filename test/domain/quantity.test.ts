import { describe, expect, test } from 'vitest';
import { approximate, formatQuantity, isWhole, parseQuantity, units } from '../../src/domain/quantity.ts';

// Cases of k8s.io/apimachinery/pkg/api/resource/quantity_test.go.
describe('canonical form', () => {
  test.each([
    ['0', '0'],
    ['0Mi', '0'],
    ['1', '1'],
    ['+1', '1'],
    ['-1', '-1'],
    ['100m', '100m'],
    ['1000m', '1'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['8Gi', '8Gi'],
    ['1000Ki', '1000Ki'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['5.', '5'],
    ['1e3', '1e3'],
    ['1E3', '1e3'],
    ['12e-3', '12e-3'],
    ['1000k', '1M'],
    ['0.0001n', '1n'],
    ['1Ki', '1Ki'],
    ['0.5Ki', '512'],
    ['100u', '100u'],
    ['9Ei', undefined],
    ['', undefined],
    ['Gi', undefined],
    ['1 Gi', undefined],
    ['1GiB', undefined],
    ['1e', undefined],
    ['--1', undefined],
    ['1.2.3', undefined],
    ['１', undefined],
    ['1e99999', undefined],
  ])('%s', (text, expected) => {
    const quantity = parseQuantity(text);
    expect(quantity && formatQuantity(quantity)).toBe(expected);
  });
});

test('units', () => {
  const memory = parseQuantity('2Gi');
  const cpu = parseQuantity('1500m');
  expect(memory && units(memory)).toBe(2147483648n);
  expect(memory && isWhole(memory)).toBe(true);
  expect(cpu && isWhole(cpu)).toBe(false);
  expect(cpu && approximate(cpu)).toBe(1.5);
});
