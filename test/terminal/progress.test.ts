import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createProgress } from '../../src/cli/progress/progress.ts';
import { createSandboxProgress } from '../../src/cli/progress/sandbox.ts';
import type { Health } from '../../src/domain/health.ts';
import type { AppstoreEvent } from '../../src/services/events.ts';
import { createTestClock } from '../support/clock.ts';
import { plannedObject, ref, samplePlan } from '../support/sample-plan.ts';
import { testTerminal } from '../support/terminal.ts';

const clock = createTestClock();

function health(name: string, status: Health['status'], ready: number, reason = ''): AppstoreEvent {
  return { type: 'health', ref: ref('Deployment', name), health: { status, reason }, ready, total: 2 };
}

const wait: AppstoreEvent = { type: 'step', step: 'wait', state: 'started', total: 2 };
const plan = samplePlan({ objects: [plannedObject({ ref: ref('Secret', 'db'), action: 'create' })] });

describe('without a terminal', () => {
  test.each([
    ['in a pipe', { tty: false }],
    ['on a terminal that is dumb', { env: { TERM: 'dumb' } }],
    // As `script` in a pipeline has: with 0 columns ora clears rows for ever
    ['on a pseudo terminal without a size', { columns: 0, rows: 0 }],
  ])('%s each step and each state is one line, and no control sequence is written', async (_, given) => {
    const terminal = testTerminal(given);
    const progress = await createProgress(terminal.io, {}, { clock, plan: true });
    progress.emit({ type: 'step', step: 'apply', state: 'started' });
    progress.emit({ type: 'written', ref: ref('Secret', 'db'), action: 'create', done: 1, total: 1 });
    progress.emit({ type: 'step', step: 'apply', state: 'done' });
    progress.emit(wait);
    progress.emit(health('web', 'in-progress', 0, '0/1 ready'));
    progress.emit(health('web', 'in-progress', 0, '0/1 ready; pulling'));
    progress.emit(health('web', 'current', 1));
    progress.stop();
    expect(terminal.stderr()).toBe(
      [
        'Writing...',
        'Waiting until everything is ready...',
        '  Deployment/demo/web: in-progress, 0/1 ready (0 of 2)',
        '  Deployment/demo/web: current (1 of 2)',
        '',
      ].join('\n'),
    );
    expect(terminal.stdout()).toBe('');
  });

  test.each([
    ['in a pipe', { tty: false }],
    ['on a terminal that is dumb', { env: { TERM: 'dumb' } }],
    ['on a pseudo terminal without a size', { columns: 0, rows: 0 }],
  ])('%s a sandbox tells each phase on a line', async (_, given) => {
    const terminal = testTerminal(given);
    const progress = await createSandboxProgress({ io: terminal.io, options: {} });
    progress.emit({ type: 'phase', phase: 'keys' });
    progress.emit({ type: 'phase', phase: 'nodes' });
    progress.stop();
    expect(terminal.stderr()).toBe('Starting: keys\nStarting: nodes\n');
  });

  test('a sign of life where nothing happens for long, none after the end', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const terminal = testTerminal({ tty: false });
    const progress = await createProgress(terminal.io, {}, { clock, plan: true });
    progress.emit(wait);
    progress.emit(health('web', 'in-progress', 0, 'pulling'));
    const before = terminal.stderr().length;
    vi.advanceTimersByTime(60_000);
    const told = terminal.stderr().slice(before);
    progress.stop();
    vi.advanceTimersByTime(60_000);
    vi.useRealTimers();
    expect(
      told.split('\n').filter((line) => line.includes('Deployment/demo/web: in-progress, pulling')),
    ).toHaveLength(4);
    expect(terminal.stderr().length).toBe(before + told.length);
  });

  test('warnings, evidence, retries and lost connections are told, cleaned', async () => {
    const terminal = testTerminal({ tty: false });
    const progress = await createProgress(terminal.io, {}, { clock, plan: true });
    progress.emit({ type: 'warning', problem: { message: 'careful' } });
    progress.emit({ type: 'evidence', ref: ref('Pod', 'web-0'), source: 'log', text: 'boom\u001b[2J\nbang' });
    progress.emit({ type: 'retry', ref: ref('Secret', 'db'), reason: 'no webhook yet' });
    progress.emit({ type: 'connection', state: 'lost', reason: 'reset' });
    progress.emit({ type: 'connection', state: 'restored', reason: '' });
    progress.stop();
    const text = terminal.stderr();
    for (const part of [
      'careful',
      'Pod/demo/web-0 log: boom',
      'bang',
      'no webhook yet',
      'reset',
      'answers again',
    ])
      expect(text).toContain(part);
    expect(text).not.toMatch(/\u001b/);
  });
});

describe('the plan', () => {
  test('is shown once, whoever asks', async () => {
    const terminal = testTerminal({ tty: false });
    const progress = await createProgress(terminal.io, {}, { clock, plan: true });
    progress.emit({ type: 'planned', plan });
    progress.showPlan(plan);
    progress.stop();
    expect(terminal.stderr().split('+ Secret/demo/db')).toHaveLength(2);
  });

  test.each([
    ['it is the result', {}, false, plan],
    ['--quiet', { quiet: true }, true, plan],
    ['nothing changes', {}, true, samplePlan()],
  ])('is not shown by itself where %s', async (_name, options, show, given) => {
    const terminal = testTerminal({ tty: false });
    const progress = await createProgress(terminal.io, options, { clock, plan: show });
    progress.emit({ type: 'planned', plan: given });
    progress.stop();
    expect(terminal.stderr()).toBe('');
  });
});

describe('on a terminal', () => {
  // ora looks at the clock before it draws, and puts a drawing off for a while: all of that is time of the test
  beforeEach(
    () =>
      void vi.useFakeTimers({
        toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'Date'],
      }),
  );
  afterEach(() => void vi.useRealTimers());

  test('one live line an object that is not ready, and nothing of it stays', async () => {
    const terminal = testTerminal({ columns: 60 });
    const progress = await createProgress(terminal.io, {}, { clock, plan: true });
    progress.emit(wait);
    progress.emit(health('web', 'in-progress', 0, '0/1 ready'));
    progress.emit(health('api', 'current', 1));
    vi.advanceTimersByTime(1000);
    const text = terminal.stderr();
    progress.stop();
    vi.advanceTimersByTime(10_000);
    expect(text).toContain('Waiting until everything is ready: 1 of 2');
    expect(text).toContain('Deployment/demo/web  in-progress  0/1 ready');
    expect(text).not.toContain('Deployment/demo/api');
    expect(terminal.stderr().slice(text.length)).not.toContain('Waiting');
    expect(terminal.stdout()).toBe('');
  });

  test('many objects fit the height of the terminal, and the others are counted', async () => {
    const terminal = testTerminal({ columns: 60, rows: 10 });
    const progress = await createProgress(terminal.io, {}, { clock, plan: true });
    progress.emit(wait);
    for (let index = 0; index < 50; index++) progress.emit(health(`web-${index}`, 'in-progress', 0));
    progress.emit(health('last', 'failed', 0, 'x'.repeat(200)));
    vi.advanceTimersByTime(1000);
    const text = terminal.stderr();
    const frame = text.slice(text.lastIndexOf('Waiting until everything'));
    progress.stop();
    expect(frame).toContain('and 46 more that are not ready');
    expect(frame).toContain('Deployment/demo/last  failed');
    expect(frame).not.toContain('x'.repeat(60));
    expect(frame.split('\n').length).toBeLessThan(10);
  });

  test('the start of a sandbox is one line that fits, also when the terminal gets narrower', async () => {
    const terminal = testTerminal({ columns: 60 });
    const progress = await createSandboxProgress({ io: terminal.io, options: {} });
    progress.emit({ type: 'waiting', reason: 'y'.repeat(100), seconds: 3 });
    vi.advanceTimersByTime(1000);
    expect(terminal.stderr()).toContain('Waiting: yyy');
    expect(terminal.stderr()).not.toContain('y'.repeat(60));
    const before = terminal.stderr().length;
    Object.assign(terminal.io.stderr, { columns: 30 }).emit('resize');
    // The line of 59 columns stands on two rows now: the upper one is cleared as well
    expect(terminal.stderr().slice(before).split('\u001b[1A')).toHaveLength(2);
    progress.stop();
    const after = terminal.stderr().length;
    Object.assign(terminal.io.stderr, { columns: 20 }).emit('resize');
    expect(terminal.stderr().length).toBe(after);
  });
});
