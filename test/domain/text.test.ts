import { describe, expect, it } from 'vitest';
import { cleanLine, cleanText } from '../../src/domain/text.ts';

const esc = '\u001b';

// DESIGN "Ownership and trust": text shown is stripped of control sequences.
describe('text from outside', () => {
  it.each([
    ['colour', `${esc}[31mred${esc}[0m`, 'red'],
    ['cursor and erase', `a${esc}[2J${esc}[1;1Hb`, 'ab'],
    ['C1 sequence', 'a\u009b31mb', 'ab'],
    ['window title', `${esc}]0;owned\u0007text`, 'text'],
    ['link', `${esc}]8;;https://evil.example${esc}\\click${esc}]8;;${esc}\\`, 'click'],
    ['unfinished sequence', `a${esc}[`, 'a'],
    ['unfinished title', `a${esc}]0;b`, 'a0;b'],
    ['carriage return that writes over', 'good\rbad', 'good\nbad'],
    ['backspace, bell, null', 'a\bb\u0007c\u0000', 'abc'],
    ['right to left override', 'a\u202etxt.exe', 'atxt.exe'],
    ['zero-width', 'pay\u200bpal\ufeff', 'paypal'],
    ['tag characters', 'a\u{e0041}b', 'ab'],
    ['half a surrogate pair', 'a\ud83db', 'ab'],
    ['what is right stays', 'tab\there\nünïcode 😀 中文', 'tab\there\nünïcode 😀 中文'],
  ])('%s', (_title, text, expected) => {
    expect(cleanText(text)).toBe(expected);
  });

  it('is bounded', () => {
    expect(cleanText('x'.repeat(10_000), 10)).toBe(`${'x'.repeat(9)}…`);
    expect(cleanText(`${esc}[0m`.repeat(100_000), 10).length).toBeLessThanOrEqual(10);
  });

  it('is one line where one is wanted', () => {
    expect(cleanLine('  a\n\tb \r\n c ')).toBe('a b c');
  });
});
