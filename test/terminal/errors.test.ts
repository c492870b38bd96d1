import { describe, expect, test } from 'vitest';
import type { FailedRun } from '../../src/cli/report-error.ts';
import { reportError } from '../../src/cli/report-error.ts';
import { commands } from '../../src/cli/tree.ts';
import { plain } from '../../src/cli/views/color.ts';
import { errorText } from '../../src/cli/views/error.ts';
import { AppstoreError } from '../../src/domain/errors.ts';
import { testTerminal } from '../support/terminal.ts';

describe('an error for people', () => {
  const style = { palette: plain, verbose: false };

  test('says what, where, every problem, and what to do', () => {
    const error = new AppstoreError('VALUES_INVALID', 'the values do not fit', {
      place: { file: 'a.yaml', line: 3, column: 5, field: 'b.c' },
      problems: [{ at: 'b.c', message: 'is not known', hint: 'did you mean b.d?' }, { message: 'another' }],
      hint: 'Correct them.',
    });
    expect(errorText(error, style)).toBe(
      [
        'Error: the values do not fit [VALUES_INVALID]',
        '  at a.yaml:3:5 (b.c)',
        '  - b.c: is not known',
        '    did you mean b.d?',
        '  - another',
        'Hint: Correct them.',
        '',
      ].join('\n'),
    );
  });

  test('says nothing twice', () => {
    const message = 'a.yaml:3: `x` is required';
    const error = new AppstoreError('PACKAGE_INVALID', message, {
      place: { file: 'a.yaml', line: 3, field: 'x' },
      problems: [{ message: '`x` is required', at: 'a.yaml:3' }],
      hint: 'Add it.',
    });
    expect(errorText(error, style)).toBe(`Error: ${message} [PACKAGE_INVALID]\nHint: Add it.\n`);
    const advised = new AppstoreError('VALUES_INVALID', '`greting` is not known', {
      problems: [{ message: 'is not known', at: 'greting', hint: 'did you mean `greeting`?' }],
      hint: 'Did you mean `greeting`?',
    });
    expect(errorText(advised, style)).toBe(
      'Error: `greting` is not known [VALUES_INVALID]\nHint: Did you mean `greeting`?\n',
    );
  });

  test('names an object once where the message begins with it', () => {
    const error = new AppstoreError('OBJECT_ADOPTABLE', 'objects exist already', {
      problems: [{ at: 'ConfigMap/team/c', message: 'ConfigMap/team/c: exists already', consent: 'adopt' }],
      hint: 'Adopt it.',
    });
    expect(errorText(error, style)).toContain('  - ConfigMap/team/c: exists already\n');
  });

  test('shows causes and stack with -v alone', () => {
    const error = new AppstoreError('INTERNAL', 'outer', { cause: new Error('inner reason') });
    expect(errorText(error, style)).not.toContain('inner reason');
    const verbose = errorText(error, { ...style, verbose: true });
    expect(verbose).toContain('Caused by: Error: inner reason');
    expect(verbose).toContain('errors.test.ts');
  });

  test('cannot move the cursor', () => {
    const error = new AppstoreError('API_ERROR', 'a\u001b[2Jb', {
      problems: [{ message: '\u001b]0;x\u0007c' }],
    });
    expect(errorText(error, style)).not.toMatch(/\u001b/);
  });
});

describe('what is reported', () => {
  async function report(error: unknown, given: Partial<FailedRun> = {}) {
    const terminal = testTerminal({ tty: false });
    const failure = await reportError(error, { io: terminal.io, argv: [], ...given });
    return { failure, text: terminal.stderr(), stdout: terminal.stdout() };
  }

  const install = commands.find(({ name }) => name === 'install');
  const list = commands.find(({ name }) => name === 'list');

  test('something unforeseen is INTERNAL, with its cause', async () => {
    const { failure, text, stdout } = await report(new TypeError('x is not a function'));
    expect(failure).toMatchObject({ code: 'INTERNAL', category: 'failed' });
    expect(text).toContain('x is not a function [INTERNAL]');
    expect(stdout).toBe('');
  });

  test('a question that Ctrl-C ended: nothing was written', async () => {
    const error = Object.assign(new Error('User force closed the prompt'), { name: 'ExitPromptError' });
    const { failure, text } = await report(error, {
      ...(install && { spec: install }),
      args: ['postgres'],
      options: {},
    });
    expect(failure.category).toBe('interrupted');
    expect(text).toContain('Nothing was written.');
  });

  test('an interrupted change names the command that goes on, without values', async () => {
    const { text } = await report(new AppstoreError('INTERRUPTED', 'stopped before it was done'), {
      ...(install && { spec: install }),
      args: ['postgres', 'db'],
      options: { namespace: 'shop', assignments: [{ flag: 'set', text: 'password=hunter2' }] },
    });
    expect(text).toContain(
      'Run `appstore install postgres db -n shop` again, with the same values: it goes on from here.',
    );
    expect(text).not.toContain('hunter2');
  });

  test('an interrupted removal still takes the data', async () => {
    const remove = commands.find(({ name }) => name === 'remove');
    const { text } = await report(new AppstoreError('INTERRUPTED', 'stopped before it was done'), {
      ...(remove && { spec: remove }),
      args: ['db'],
      options: { purgeData: true },
    });
    expect(text).toContain('`appstore remove db --purge-data`');
  });

  test('an interrupted way back still goes back', async () => {
    const upgrade = commands.find(({ name }) => name === 'upgrade');
    const { text } = await report(new AppstoreError('INTERRUPTED', 'stopped before it was done'), {
      ...(upgrade && { spec: upgrade }),
      args: ['db'],
      options: { undo: true, allowClusterScope: true, namespace: 'shop' },
    });
    expect(text).toContain('`appstore upgrade db --undo --allow-cluster-scope -n shop`');
  });

  test('a request that the signal ended is an interruption, without it a failure', async () => {
    const error = new DOMException('This operation was aborted', 'AbortError');
    const terminal = testTerminal({ tty: false });
    terminal.stop.abort();
    const stopped = await reportError(error, {
      io: terminal.io,
      argv: [],
      ...(list && { spec: list }),
      options: {},
    });
    expect(stopped.category).toBe('interrupted');
    expect((await report(error)).failure.category).toBe('failed');
  });

  test.each([
    [['list', '-o', 'json'], true],
    [['list', '-ojson'], true],
    [['list', '--output=json'], true],
    [['list', '--output', 'json'], true],
    [['list', '--', '-o', 'json'], false],
    [['list'], false],
  ])('%j is told as JSON: %s', async (argv, json) => {
    const { text } = await report(new AppstoreError('USAGE', 'wrong'), { argv });
    expect(text.startsWith('{')).toBe(json);
  });
});
