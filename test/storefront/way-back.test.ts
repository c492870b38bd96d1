import { expect, test } from 'vitest';
import { goodRevision, standings } from '../../src/storefront/plan/standing.ts';

type Result = 'pending' | 'deployed' | 'superseded' | 'failed';

/** The newest first, as the API has them. */
const history = (...results: readonly Result[]) =>
  results.map((result, at) => ({ number: results.length - at, result }));

test.each<[string, Result[], number | undefined]>([
  ['a failed update leaves the one before', ['failed', 'deployed', 'superseded'], 2],
  ['so does one that was stopped', ['pending', 'deployed'], 1],
  ['several that failed leave the last that worked', ['failed', 'failed', 'deployed', 'superseded'], 2],
  ['what works needs no way back', ['deployed', 'failed', 'superseded'], undefined],
  ['a first install that failed has none', ['failed'], undefined],
])('%s', (_name, results, revision) => expect(goodRevision(history(...results))).toBe(revision));

test('what a newer revision failed to take the place of is not called in use', () => {
  expect([...standings(history('failed', 'deployed', 'superseded')).values()]).toEqual([
    'failed',
    'good',
    'superseded',
  ]);
  expect([...standings(history('deployed', 'superseded')).values()]).toEqual(['deployed', 'superseded']);
});
