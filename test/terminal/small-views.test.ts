import { expect, test } from 'vitest';
import type { Cli } from '../../src/cli/cli.ts';
import { run as sandboxStatus } from '../../src/cli/commands/sandbox-status.ts';
import { plain } from '../../src/cli/views/color.ts';
import { eventsView } from '../../src/cli/views/events.ts';
import { planText } from '../../src/cli/views/plan.ts';
import { statusView } from '../../src/cli/views/status.ts';
import { testsView } from '../../src/cli/views/tests.ts';
import { eventReport, report } from '../docs/samples.ts';
import { plannedObject, ref, samplePlan } from '../support/sample-plan.ts';
import { testTerminal } from '../support/terminal.ts';

const style = { palette: plain, width: 80, wide: false, verbose: false, now: new Date(0) };

test('a plan that changes nothing has one empty line before what is unchanged', () => {
  const objects = [plannedObject({ ref: ref('Service', 'db'), action: 'unchanged' })];
  expect(planText(samplePlan({ objects }), style)).toMatch(/\)\n\n1 unchanged\.$/);
  const changed = [plannedObject({ ref: ref('Service', 'db'), action: 'create' })];
  expect(planText(samplePlan({ objects: changed }), style)).toMatch(
    /\)\n\n {2}\+ Service\/demo\/db\n\n1 to create\.$/,
  );
});

test('an app that names no version of what it runs says nothing of it', async () => {
  const { record } = report;
  const text = async (appVersion: string) =>
    statusView({ ...report, record: { ...record, appVersion } }, { simulated: false }).text(style);
  expect(await text('9.1')).toContain(' (runs 9.1)');
  expect(await text('')).not.toContain('runs');
});

test.each([
  ['passed', 1, 'The test of wiki passed.'],
  ['failed', 1, 'The test of wiki failed.'],
  ['passed', 2, 'All 2 tests of wiki passed.'],
  ['failed', 2, '2 of 2 tests of wiki failed.'],
] as const)('tests that %s, %i of them', async (result, count, said) => {
  const at = '2026-01-02T03:04:05Z';
  const one = { ref: ref('Pod', 'test'), result, startedAt: at, finishedAt: at, message: '' };
  const tests = Array.from({ length: count }, () => one);
  const view = testsView({ name: 'wiki', namespace: 'team', revision: 1, tests }, { simulated: false });
  expect(await view.text(style)).toContain(said);
});

test('events are cut to the terminal, but not with -o wide', async () => {
  const message = `0/3 nodes are available: ${'insufficient memory, '.repeat(6)}and that is all`;
  const events = eventReport.events.map((event) => ({ ...event, message }));
  const view = eventsView({ ...eventReport, events });
  expect(await view.text(style)).not.toContain('that is all');
  expect(await view.text({ ...style, wide: true })).toContain(`${message} (3 times)`);
});

test('the kubeconfig of a sandbox is to be copied: it is never cut', async () => {
  const kubeconfig = `/home/ann/.local/state/${'deep/'.repeat(8)}kubeconfig`;
  const item = {
    name: 'dev',
    condition: 'running',
    server: 'https://127.0.0.1:40123',
    kubeconfig,
    programs: [],
  };
  const terminal = testTerminal({ columns: 80 });
  const context = {
    sandboxes: async () => ({ list: async () => [item] }),
    clock: { now: () => new Date(0) },
  };
  await sandboxStatus({ io: terminal.io, options: {}, args: [], context } as unknown as Cli);
  expect(terminal.stdout()).toContain(kubeconfig);
});
