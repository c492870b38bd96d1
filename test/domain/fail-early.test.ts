import { describe, expect, it } from 'vitest';
import { causeCodes } from '../../src/domain/causes.ts';
import { type Evidence, failEarly, reasonToStop } from '../../src/domain/fail-early.ts';
import type { CauseCode } from '../../src/domain/health.ts';

const nothing = { heldMs: 0, knownMs: 0, pulls: 0, restarts: 0, settledRestarts: 0, scalingUp: false };
const never = Number.POSITIVE_INFINITY;

// DESIGN "Waiting and failing early".
const rows: readonly [string, CauseCode, Partial<Evidence>, boolean, number?][] = [
  ['image refused once', 'IMAGE_PULL_NOT_FOUND', { pulls: 1, heldMs: 19_999 }, false],
  ['image refused twice', 'IMAGE_PULL_NOT_FOUND', { pulls: 2 }, true],
  ['image unauthorised twice', 'IMAGE_PULL_AUTH', { pulls: 2 }, true],
  ['refusal that outlasts the back-off', 'IMAGE_PULL_AUTH', { pulls: 1, heldMs: 20_000 }, true],
  ['network, for ever', 'IMAGE_PULL_NETWORK', { pulls: 99, heldMs: 1e9 }, false],
  ['two restarts', 'CRASH_LOOP', { restarts: 2, heldMs: 1e9 }, false],
  ['three restarts', 'CRASH_LOOP', { restarts: 3 }, true],
  ['back-off since before, not for long', 'CRASH_LOOP', { settledRestarts: 6, heldMs: 29_999 }, false],
  ['back-off since before', 'CRASH_LOOP', { settledRestarts: 6, heldMs: 30_000 }, true],
  ['two restarts since before', 'CRASH_LOOP', { settledRestarts: 2, heldMs: 1e9 }, false],
  ['out of memory since before', 'OOM_KILLED', { settledRestarts: 3, heldMs: 30_000 }, true],
  ['--fail-after, back-off', 'CRASH_LOOP', { settledRestarts: 6, heldMs: 59_999 }, false, 60_000],
  ['out of memory three times', 'OOM_KILLED', { restarts: 3 }, true],
  ['unschedulable for less than a minute', 'UNSCHEDULABLE_CPU', { heldMs: 59_999 }, false],
  ['unschedulable for a minute', 'UNSCHEDULABLE_CPU', { heldMs: 60_000 }, true],
  ['a node is being added', 'UNSCHEDULABLE_MEMORY', { heldMs: 1e9, scalingUp: true }, false],
  ['quota', 'QUOTA_EXCEEDED', {}, true],
  ['admission', 'ADMISSION_DENIED', {}, true],
  ['failed Job', 'JOB_FAILED', {}, true],
  ['slow Deployment', 'PROGRESS_DEADLINE', { heldMs: 1e9 }, false],
  ['not in the table', 'NOT_READY', { heldMs: 1e9 }, false],
  ['--fail-after, not yet', 'UNSCHEDULABLE', { heldMs: 4_999 }, false, 5_000],
  ['--fail-after', 'UNSCHEDULABLE', { heldMs: 5_000 }, true, 5_000],
  ['--fail-after, three restarts too soon', 'CRASH_LOOP', { restarts: 9, knownMs: 4_999 }, false, 5_000],
  ['--fail-after, three restarts', 'CRASH_LOOP', { restarts: 3, knownMs: 5_000 }, true, 5_000],
  ['--fail-after, two restarts for long', 'CRASH_LOOP', { restarts: 2, knownMs: 1e9 }, false, 5_000],
  [
    '--fail-after, image refused twice too soon',
    'IMAGE_PULL_AUTH',
    { pulls: 2, knownMs: 4_999 },
    false,
    5_000,
  ],
  ['--fail-after never', 'CRASH_LOOP', { restarts: 99, heldMs: 1e9, knownMs: 1e9 }, false, never],
  ['--fail-after never, quota', 'QUOTA_EXCEEDED', { heldMs: 1e9 }, false, never],
  ['--fail-after does not hold back what is sure', 'QUOTA_EXCEEDED', {}, true, 600_000],
];

describe('failing early', () => {
  it.each(rows)('%s', (_title, cause, evidence, stops, failAfter) => {
    expect(reasonToStop({ ...nothing, cause, ...evidence }, failAfter) !== undefined).toBe(stops);
  });

  it('gives a reason for each row, and every cause has a meaning and a fix', () => {
    for (const row of Object.values(failEarly)) expect(row.reason.length).toBeGreaterThan(10);
    for (const [code, entry] of Object.entries(causeCodes)) {
      expect(entry.meaning, code).toMatch(/\.$/);
      expect(entry.fix, code).toMatch(/\.$/);
    }
  });
});
