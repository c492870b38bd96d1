import { load, YAML11_SCHEMA } from 'js-yaml';
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
