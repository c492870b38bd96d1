import { expect, test } from 'vitest';
import { paletteFor, useColor } from '../../src/cli/views/color.ts';
import { testTerminal } from '../support/terminal.ts';

test.each([
  ['a terminal', { tty: true, env: {} }, {}, true],
  ['a pipe', { tty: false, env: {} }, {}, false],
  ['NO_COLOR', { tty: true, env: { NO_COLOR: '1' } }, {}, false],
  ['an empty NO_COLOR is none', { tty: true, env: { NO_COLOR: '' } }, {}, true],
  ['FORCE_COLOR in a pipe', { tty: false, env: { FORCE_COLOR: '1' } }, {}, true],
  ['NO_COLOR before FORCE_COLOR', { tty: true, env: { NO_COLOR: '1', FORCE_COLOR: '1' } }, {}, false],
  ['an empty FORCE_COLOR is none', { tty: false, env: { FORCE_COLOR: '' } }, {}, false],
  ['FORCE_COLOR=0', { tty: true, env: { FORCE_COLOR: '0' } }, {}, false],
  ['a dumb terminal', { tty: true, env: { TERM: 'dumb' } }, {}, false],
  ['--color always in a pipe', { tty: false, env: { NO_COLOR: '1' } }, { color: 'always' as const }, true],
  ['--color never', { tty: true, env: { FORCE_COLOR: '1' } }, { color: 'never' as const }, false],
  ['--no-color', { tty: true, env: {} }, { color: false as const }, false],
])('%s', async (_name, { tty, env }, options, expected) => {
  const { io } = testTerminal({ tty, env: { NO_COLOR: '', ...env } });
  expect(useColor(io, io.stdout, options)).toBe(expected);
  expect((await paletteFor(io, io.stdout, options)).red('x') !== 'x').toBe(expected);
});
