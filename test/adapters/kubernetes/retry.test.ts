import { describe, expect, test } from 'vitest';
import { parseRefusal } from '../../../src/adapters/kubernetes/api-errors.ts';
import { type Failure, retryWait, type Safety } from '../../../src/adapters/kubernetes/retry.ts';

function refused(status: number, message = '', retryAfter?: string): Failure {
  const body = JSON.stringify({ kind: 'Status', message });
  return { type: 'refused', refusal: parseRefusal(status, body, retryAfter) };
}

const all: readonly Safety[] = ['repeat', 'settle', 'once'];

describe('what is repeated, for which safety', () => {
  test.each<[string, Failure, readonly Safety[]]>([
    ['no connection, for good', { type: 'unreachable', passing: false }, []],
    ['no connection, for now', { type: 'unreachable', passing: true }, all],
    ['a refused stream', { type: 'lost', processed: 'no' }, all],
    ['a lost answer', { type: 'lost', processed: 'unknown' }, ['repeat', 'settle']],
    ['429', refused(429), all],
    ['500', refused(500), ['repeat', 'settle']],
    ['502', refused(502), ['repeat', 'settle']],
    ['503', refused(503), ['repeat', 'settle']],
    ['504', refused(504), ['repeat', 'settle']],
    ['500 about a webhook', refused(500, 'failed calling webhook "x"'), []],
    [
      '500 about an unknown field',
      refused(500, 'failed to create typed patch object (a): .b: field not declared'),
      [],
    ],
    ['501', refused(501), []],
    ['400', refused(400), []],
    ['403', refused(403), []],
    ['403 by a server that has just come back', { ...refused(403), early: true } as Failure, all],
    ['404', refused(404), []],
    ['409', refused(409), []],
    ['410', refused(410), []],
    ['422', refused(422), []],
  ])('%s', (_, failure, safeties) => {
    expect(all.filter((safety) => retryWait(failure, safety, 1, 0.5) !== undefined)).toEqual(safeties);
  });
});

test('the waits grow, and end', () => {
  const waits = [1, 2, 3, 4, 5, 6].map((attempt) => retryWait(refused(503), 'repeat', attempt, 0.5));
  expect(waits).toEqual([150, 300, 600, 1200, 2400, undefined]);
});

test('a lost connection is made anew at once, the second time with a pause', () => {
  const lost: Failure = { type: 'lost', processed: 'no' };
  expect(retryWait(lost, 'once', 1, 0)).toBe(0);
  expect(retryWait(lost, 'once', 2, 0)).toBeGreaterThan(0);
});

test('Retry-After is kept to, up to a pause that a person would wait', () => {
  expect(retryWait(refused(429, '', '3'), 'once', 1, 0)).toBe(3000);
  expect(retryWait(refused(429, '', '31'), 'once', 1, 0)).toBeUndefined();
});
