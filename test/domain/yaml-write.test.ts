import { dump, load, YAML11_SCHEMA } from 'js-yaml';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { writeYaml } from '../../src/domain/yaml-write.ts';

/** Texts that one YAML or another takes for something else. */
const texts = [
  'no',
  'yes',
  'on',
  'off',
  'y',
  'N',
  'true',
  'null',
  '~',
  '',
  '1',
  '012',
  '0x1f',
  '0o7',
  '1e3',
  '1_000',
  '.5',
  '12:30',
  '2026-01-31',
  '=',
  '<<',
  '- a',
  'a: b',
  '# c',
  'a #b',
  '*x',
  '&x',
  '!x',
  '|',
  '>',
  '%',
  '@',
  '`',
  '"',
  "'",
  '{a}',
  '[a]',
  ' lead',
  'trail ',
  'a\nb',
  'a\nb\n',
  '\n',
  'a\n\n b\n',
  '\t',
  '\u0007',
  '\u0085',
  '\u2028',
  '\ufeff',
  'é',
  '😀',
  'x'.repeat(200),
  '---',
  '...',
  '${a}',
];

test('YAML 1.1 and 1.2, by two parsers, read back what was written', () => {
  const data = {
    list: texts,
    ...Object.fromEntries(texts.map((text, index) => [`k${index}`, text])),
    keys: Object.fromEntries(texts.filter((text) => text !== '<<').map((text) => [text, 1])),
  };
  const written = writeYaml(data);
  expect(load(written)).toEqual(data);
  expect(load(written, { schema: YAML11_SCHEMA })).toEqual(data);
  expect(parse(written)).toEqual(data);
  expect(parse(written, { version: '1.1' })).toEqual(data);
});

test('equal parts are written out, undefined ones left out', () => {
  const shared = { a: 1 };
  expect(writeYaml({ a: shared, b: shared, c: undefined, d: null, e: [], f: {} })).toBe(
    'a:\n  a: 1\nb:\n  a: 1\nd: null\ne: []\nf: {}\n',
  );
});

/** Numbers that look random and are the same each time (a linear congruential generator). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

const awkward = [
  ...texts,
  'app.kubernetes.io/name',
  'a\n',
  'a\n\n',
  '\n',
  '\n\na',
  '  lead\nx\n',
  'a\n\n  b\n\n',
  'tail \nx',
  'a sentence: with a colon',
  'a sentence, with #no comment',
  "it's {{ braces }}",
  '{{ braces }}',
  '"quoted"',
  '/healthz:8080',
  'http://a.b/c?d=e&f#g',
  '$(VAR) and more',
  '(in brackets)',
  '_x y',
  'a:',
  'yes ',
  'a\n---\nb',
  '---\na',
  '#!/bin/sh\nset -e\n\n  echo "a: b" # c\n',
  'eins\n\n\nzwei – drei',
  'a\u00a0b',
  '0123456789012345678901234567890',
  '8080',
  '8080/tcp',
  '-1',
  '- ',
  '?a',
  'a\r\nb',
  '__proto__',
];
const scalars = [0, -0, -1, 1.5, 1e21, 2 ** 53, Number.NaN, true, false, null, undefined];

function made(next: (below: number) => number, depth: number): unknown {
  const text = () => awkward[next(awkward.length)] ?? '';
  const kind = next(depth === 0 ? 4 : 8);
  if (kind < 3) return text();
  if (kind === 3) return scalars[next(scalars.length)];
  const parts = Array.from({ length: next(4) }, () => made(next, depth - 1));
  return kind < 6 ? parts : Object.fromEntries(parts.map((part) => [text(), part]));
}

test('whatever the data, the document is the one that the library writes', () => {
  const next = numbers(7);
  for (let at = 0; at < 6_000; at++) {
    const data = made(next, 4);
    expect(writeYaml(data)).toBe(dump(data, { lineWidth: -1, noRefs: true, skipInvalid: true }));
  }
});
