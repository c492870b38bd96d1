import { describe, expect, test } from 'vitest';
import { createProgress } from '../../src/cli/progress/progress.ts';
import { plain } from '../../src/cli/views/color.ts';
import { doctorView } from '../../src/cli/views/doctor.ts';
import { errorText } from '../../src/cli/views/error.ts';
import { planText } from '../../src/cli/views/plan.ts';
import { tell } from '../../src/cli/views/print.ts';
import { wrapLines, wrapProse, wrapWords } from '../../src/cli/views/wrap.ts';
import { AppstoreError } from '../../src/domain/errors.ts';
import { createTestClock } from '../support/clock.ts';
import { samplePlan } from '../support/sample-plan.ts';
import { testTerminal } from '../support/terminal.ts';

describe('words', () => {
  test.each([
    ['fits', 'one two', 20, 0, 'one two'],
    ['is broken between words', 'one two three', 7, 0, 'one two\nthree'],
    ['is set in from its second line on', 'one two three four', 9, 2, 'one two\n  three\n  four'],
    [
      'keeps a word that is too wide whole',
      'see https://example.com/a now',
      10,
      0,
      'see\nhttps://example.com/a\nnow',
    ],
    ['counts what a terminal shows', '日本 日本', 5, 0, '日本\n日本'],
    ['may be empty', '', 10, 0, ''],
  ])('a line that %s', (_, line, width, indent, expected) => {
    expect(wrapWords(line, width, indent)).toBe(expected);
  });
});

describe('prose', () => {
  const text = 'A first\nparagraph that is\nlong.\n\n- a list that is long\n- stays\n\nThe\nend.';

  test('each paragraph is broken anew, lists stay', () => {
    expect(wrapProse(text, 16)).toBe(
      'A first\nparagraph that\nis long.\n\n- a list that is long\n- stays\n\nThe end.',
    );
  });

  test('in a pipe nothing is changed', () => {
    expect(wrapProse(text, Number.POSITIVE_INFINITY)).toBe(text);
  });
});

describe('messages', () => {
  test.each([
    ['fit', 'a\n  b  c', 20, 'a\n  b  c'],
    ['are broken between words, and set in', 'Hint: one two three', 12, 'Hint: one\n  two three'],
    ['keep their margin', '  - web: one two three', 14, '  - web: one\n    two three'],
    [
      'keep what is too wide whole',
      'see ServiceAccount/ing/ing-nginx',
      10,
      'see\n  ServiceAccount/ing/ing-nginx',
    ],
    ['keep a command together', 'Run `appstore why web` again', 20, 'Run\n  `appstore why web`\n  again'],
    ['keep spaces in a line', '  a  b c d', 8, '  a  b c\n    d'],
    ['count no colours', '\u001b[33m  one two\u001b[39m', 9, '\u001b[33m  one two\u001b[39m'],
    ['are not touched without a terminal', 'one two', Number.POSITIVE_INFINITY, 'one two'],
  ])('that %s', (_, text, width, expected) => {
    expect(wrapLines(text, width)).toBe(expected);
  });

  test('everything that is told on a terminal of 80 columns is broken between words', async () => {
    const long = 'word '.repeat(40).trim();
    const error = new AppstoreError('USAGE', long, { hint: long, problems: [{ message: long, hint: long }] });
    const plan = samplePlan({ grants: [{ by: `ServiceAccount/${'x'.repeat(60)}`, rights: long }] });
    const style = { palette: plain, width: 80, verbose: false, wide: false, now: new Date(0) };
    const finding = { area: 'state', check: 'lock', state: 'problem', message: long, fix: long } as const;
    const texts = [
      errorText(error, style),
      planText({ ...plan, warnings: [{ message: long }] }, style),
      await doctorView({ healthy: false, findings: [finding] } as never).text(style),
    ];
    for (const line of texts.join('\n').split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    const narrow = testTerminal({ columns: 80 });
    const progress = await createProgress(narrow.io, {}, { clock: createTestClock(), plan: true });
    progress.emit({ type: 'warning', problem: { message: long } });
    progress.stop();
    expect(narrow.stderr()).toContain('word\n    word');
    const pipe = testTerminal({ tty: false });
    tell({ io: pipe.io, options: {} }, long);
    expect(pipe.stderr()).toBe(`${long}\n`);
  });
});
