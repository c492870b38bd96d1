import { dump } from 'js-yaml';
import { beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { ChartEngine } from '../../src/adapters/render/helm/engine.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { bothEngines, chartFiles, chartRequest, nothingAnswered } from '../support/helm-engine.ts';

/**
 * Definitions in crds/ are read by a reader of the engine's own where they are written as programs write them. It has to read every text as the library
 * does, which reads the stream of the other side here, or leave it to that.
 */

let engine: ChartEngine;
beforeAll(async () => {
  [engine] = await bothEngines();
}, 1_800_000);

const outcome = (work: Promise<{ readonly documents: readonly { readonly object: Json }[] }>) =>
  work.then(
    ({ documents }) => documents.map(({ object }) => object),
    () => 'refused',
  );

const asDefinition = (text: string) => {
  const files = chartFiles({
    'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n',
    'crds/a.yaml': text,
  });
  return outcome(engine.render({ ...chartRequest(files), includeCrds: true }, nothingAnswered));
};

/** The engine ends what lies in a file with a line break, as Helm does where it prints it. */
const byLibrary = (text: string) => outcome(engine.documents(`${text}\n`));

const head = 'apiVersion: v1\nkind: X\n';

/** Texts below a key, where YAML has traps. */
const values = [
  ...[
    'yes',
    'No',
    'on',
    'y',
    'true',
    'True',
    'null',
    '~',
    'Null',
    '0',
    '-0',
    '007',
    '0x1F',
    '1_000',
    '1e3',
    '1.5',
    '.5',
  ],
  ...[
    '-1',
    '+1',
    '1.10',
    '12345678901234567890',
    '9007199254740993',
    '2001-01-01',
    '1:30',
    '10s',
    '5m',
    '50%',
    '1h30m',
  ],
  ...[
    '.inf',
    'a: b',
    'a:',
    'a #b',
    'a#b',
    '# c',
    '"a" b',
    '"a\\u00e9\\x41\\n\\t\\/"',
    '"a\\"b" # c',
    "'it''s'",
    "'a' 'b'",
  ],
  ...[
    '[]',
    '{}',
    '[a, b]',
    '{a: b}',
    '&a b',
    '*a',
    '!!str 1',
    '!t x',
    '%x',
    '@x',
    '`x`',
    '- a',
    '? a',
    '|',
    '>',
    '^(a|b)$',
  ],
  ...[
    '|\n  a\n   b\n\n  c\n\n',
    '|-\n  a\n  b\n',
    '|+\n  a\n\n\n',
    '|2\n   a\n',
    '>\n  a\n  b\n',
    '|\n\n  a\n',
    '|\n   \n  a\n',
  ],
  ...[
    '|\n  a\n    \n  b\n',
    '|\n  a\n # c\nb: c\n',
    '|\n a\nb: |\n    c\n   d\n',
    '| # c\n  a\n',
    '|\na\n',
    '|-\n  # a\n',
  ],
  ...[
    'a\n  b\n  c\n',
    'a\n\n  b\n',
    'a\n  # c\n',
    'a\n  b # c\n',
    'a\n  b: c\n',
    'a\n  - b\n',
    '"a\n  b\n\n\n  c"\n',
    '"a\\\n  \\ b"\n',
  ],
  ...[
    '"a\\ \n  b"\n',
    '"a \n  b"\n',
    "'a\n  b\n\n  c'\n",
    "'a\nb'\n",
    '"a\n',
    "'a",
    '"a\\q"',
    '\n  b: 1\n   c: 2\n',
    '\n  b: 1\n c: 2\n',
  ],
  ...[
    '\n- a\n- b: c\n  d: e\n-\n- - f\n  - g\n',
    '\n  - a\n - b\n',
    '\n  -\n    b: c\n  - |\n    d\n  - "e\n    f"\n',
    '\n  - a: b\n   c: d\n',
  ],
  ...[
    '\n  b: 1\n  b: 2\n',
    '\n  z: 1\n  a: 2\n  m: {}\n',
    '\n  "q": 1\n',
    '\n  on: 1\n',
    '\n  1: a\n',
    '\n  b c: d\n',
    '\n  b:c: d\n',
  ],
  ...[
    '\n\tb: c\n',
    'a\tb',
    'é',
    'naïve ✓',
    '\u0085',
    'a\u2028b',
    '\u{1F600}',
    '\u0000',
    '\u007f',
    'a \u00a0',
    '\r',
    'a\r\nb: c\r\n',
  ],
  ...[
    '\n  <<: {a: b}\n',
    '\n  ? a\n  : b\n',
    '\n  - b: |\n      c\n    d: e\n',
    '\n- b:\n  - c\n  d:\n- e\n',
    '\n  b:\n  c:\n    - d\n',
  ],
].map((value) => `${head}a: ${value}\n`);

/** Whole texts. */
const texts = [
  ...[
    'a: b\n...\nc: d\n',
    '%YAML 1.1\na: b\n',
    'a\n',
    '- a\n',
    '42\n',
    ' a: b\n',
    '  a: b\n  c: d\n',
    '# a\n\n# b\n',
    '{a: b}\n',
    'a: b\n c\n',
  ],
  ...[
    '\ufeffa: b\n',
    'a: b   \nc:   \n  d: e   \n',
    'a:\n\n\n  # c\n\n  b: c\n# d\nd: e',
    `${'a'.repeat(300)}: b\n`,
    `${deep(600)}\n`,
  ],
  `a:\n${'  - '.repeat(600)}b\n`,
];

function deep(levels: number): string {
  return Array.from({ length: levels }, (_, level) => `${' '.repeat(level)}a:`).join('\n');
}

test.each([...values, ...texts])('%j is read as the library reads it', async (text) => {
  expect(await asDefinition(text)).toEqual(await byLibrary(text));
});

/** Numbers that are the same in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const words = [
  'a',
  'object',
  'x-kubernetes-int-or-string',
  'a: b',
  "it's",
  '"q"',
  'one\ntwo\n',
  'one\n\n  two',
  '',
  ' a',
  'a ',
  'no',
  '1',
  '#',
  '{{ x }}',
];
const long =
  'A description that is so long that whoever writes YAML folds it at eighty characters, or at ninety: "so it is".';

function anything(next: () => number, depth: number): Json {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const kind = next();
  if (depth > 3 || kind < 0.5)
    return pick<Json>([...words, long, long.repeat(3), true, null, 0, -7, 65_535, 0.5, 1e21]);
  const length = Math.floor(next() * 4);
  if (kind < 0.65) return Array.from({ length }, () => anything(next, depth + 1));
  return Object.fromEntries(
    Array.from({ length }, () => [pick(words), anything(next, depth + 1)]),
  ) as JsonObject;
}

const writers: readonly ((value: JsonObject) => string)[] = [
  (value) => dump(value),
  (value) => dump(value, { seqNoIndent: true, lineWidth: 40 }),
  (value) => dump(value, { lineWidth: -1, quoteStyle: 'double' }),
  (value) => stringify(value),
  (value) => stringify(value, { indentSeq: false, lineWidth: 30, blockQuote: 'literal' }),
  (value) => stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 30 }),
];

/** As somebody's editor might leave it. */
function spoiled(text: string, next: () => number): string {
  const at = Math.floor(next() * text.length);
  const put = ['', ' ', '\n', ': ', ' #', '"', "'", '- ', '  ', '|'][Math.floor(next() * 10)] ?? '';
  return text.slice(0, at) + put + text.slice(at + (next() < 0.5 ? 1 : 0));
}

test('what programs write, and what is spoiled of it, is read as the library reads it', async () => {
  const next = numbers(45);
  for (let round = 0; round < 60; round++) {
    const value = {
      b: anything(next, 0),
      a: anything(next, 0),
      list: [anything(next, 1), anything(next, 1)],
    };
    for (const write of writers) {
      const text = round % 2 === 0 ? write(value) : spoiled(write(value), next);
      expect([text, await asDefinition(text)]).toEqual([text, await byLibrary(text)]);
    }
  }
}, 300_000);
