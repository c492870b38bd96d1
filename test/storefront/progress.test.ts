import { expect, test } from 'vitest';
import type { AppstoreEvent } from '../../src/services/events.ts';
import { after, noProgress, type Progress, share, unwell } from '../../src/storefront/progress/progress.ts';
import { ref } from '../support/sample-plan.ts';

const run = (events: readonly AppstoreEvent[], from: Progress = noProgress) => events.reduce(after, from);

const begun: AppstoreEvent = {
  ...{ type: 'operation', operation: 'install', namespace: 'demo', name: 'db', id: '1', resumed: false },
};
const step = (name: 'plan' | 'apply' | 'wait' | 'finish', state: 'started' | 'done', total?: number) =>
  ({ type: 'step', step: name, state, ...(total === undefined ? {} : { total }) }) as AppstoreEvent;

test('steps, parts and reasons as they come', () => {
  const web = ref('Deployment', 'web');
  const progress = run([
    begun,
    step('plan', 'started'),
    step('plan', 'done'),
    step('apply', 'started', 2),
    { type: 'written', ref: web, action: 'create', done: 1, total: 2 },
    step('apply', 'done'),
    step('wait', 'started', 2),
    {
      type: 'health',
      ref: web,
      health: { status: 'in-progress', reason: '0 of 1 ready', cause: 'IMAGE_PULL_NOT_FOUND' },
      ready: 1,
      total: 2,
    },
    { type: 'evidence', ref: web, source: 'event', text: 'Failed to pull' },
  ]);
  expect(progress.steps.map(({ step: name, state }) => `${name} ${state}`)).toEqual([
    'plan done',
    'apply done',
    'wait started',
  ]);
  expect(progress).toMatchObject({ written: 1, toWrite: 2, ready: 1, toBeReady: 2 });
  expect(unwell(progress).map(({ ref: { name }, health }) => [name, health?.cause])).toEqual([
    ['web', 'IMAGE_PULL_NOT_FOUND'],
  ]);
  expect(progress.evidence.map(({ text }) => text)).toEqual(['Failed to pull']);
});

test('the bar only goes forward, and is full at the end alone', () => {
  const events: AppstoreEvent[] = [
    begun,
    step('plan', 'started'),
    step('apply', 'started', 2),
    { type: 'written', ref: ref('A', 'a'), action: 'create', done: 1, total: 2 },
    { type: 'written', ref: ref('B', 'b'), action: 'create', done: 2, total: 2 },
    step('apply', 'done'),
    step('wait', 'started', 1),
    { type: 'health', ref: ref('A', 'a'), health: { status: 'current', reason: '' }, ready: 1, total: 1 },
    step('wait', 'done'),
    step('finish', 'started'),
    step('finish', 'done'),
  ];
  const shares = events.map((_, index) => share(run(events.slice(0, index + 1))));
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(shares.at(-1)).toBe(1);
  expect(shares.at(-2)).toBeLessThan(1);
});

test('what is over is not shown any more, and a resumed operation begins anew', () => {
  const away: AppstoreEvent = { type: 'connection', state: 'lost', reason: 'refused' };
  const locked: AppstoreEvent = { type: 'locked', holder: 'ann', since: '' };
  const waiting = run([begun, away, locked]);
  expect(waiting).toMatchObject({ away: 'refused', lockedBy: 'ann' });
  const going = run(
    [{ type: 'connection', state: 'restored', reason: '' }, step('plan', 'started')],
    waiting,
  );
  expect(going).not.toHaveProperty('away');
  expect(going).not.toHaveProperty('lockedBy');
  expect(run([{ ...begun, resumed: true } as AppstoreEvent], going)).toMatchObject({
    resumed: true,
    steps: [],
  });
});

test('events of a later version are passed over', () => {
  expect(after(noProgress, { type: 'new-thing' } as unknown as AppstoreEvent)).toBe(noProgress);
});
