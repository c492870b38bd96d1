import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/cli/duration.ts';
import { formatAge } from '../../src/domain/age.ts';

test.each([
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['250ms', 250],
  ['1m250ms', 60_250],
  ['0', 0],
])('%s', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each(['', '5', 's', '5 m', '-5s', '5d', '1h30', 'abc', '9999h', '1e3s'])('refuses %j', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  [0, '0.0s'],
  [4210, '4.2s'],
  [9990, '10s'],
  [59_400, '59s'],
  [190_000, '3m10s'],
  [7_500_000, '2h5m'],
  [277_200_000, '3d5h'],
])('%i ms is written %s', (milliseconds, expected) => {
  expect(formatDuration(milliseconds)).toBe(expected);
});

test.each([
  ['2026-01-01T00:00:00Z', '0s'],
  ['2025-12-31T23:58:30Z', '90s'],
  ['2025-12-31T23:50:00Z', '10m'],
  ['2025-12-31T12:00:00Z', '12h'],
  ['2025-12-01T00:00:00Z', '31d'],
  ['2026-01-01T00:05:00Z', '0s'],
  ['never', '-'],
])('%s was %s ago', (from, expected) => {
  expect(formatAge(from, new Date('2026-01-01T00:00:00Z'))).toBe(expected);
});
