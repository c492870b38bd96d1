import { expect, test } from 'vitest';
import { leftAt } from '../../src/storefront/left.ts';

test.each([
  [null, { top: 0, shown: 0 }],
  [undefined, { top: 0, shown: 0 }],
  ['of somebody else', { top: 0, shown: 0 }],
  [
    { top: 2775, shown: 96 },
    { top: 2775, shown: 96 },
  ],
  [{ top: 12.5 }, { top: 12.5, shown: 0 }],
  [
    { top: '9', shown: -1 },
    { top: 0, shown: 0 },
  ],
])('an entry of the history with %j is gone back to at %j', (state, left) =>
  expect(leftAt(state)).toEqual(left),
);
