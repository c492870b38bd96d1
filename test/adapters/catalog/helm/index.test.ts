import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { writeLargeIndex } from '../../../../scripts/bench/large-index.ts';
import { openIndex } from '../../../../src/adapters/catalog/helm/local-index.ts';
import { readIndex } from '../../../../src/adapters/catalog/helm/read-index.ts';
import { writeIndex } from '../../../../src/adapters/catalog/helm/write-index.ts';
import { rankApps } from '../../../../src/domain/search.ts';
import { seeded } from '../../../support/random.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const facts = () => ({ location: 'x', read: '', etag: '', lastModified: '', reach: 'here', digest: '' });

async function* pieces(text: string | Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text as string);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string | Uint8Array, size?: number) {
  const entries = [];
  for await (const one of readIndex(pieces(text, size))) entries.push(one);
  return {
    charts: entries.flatMap(({ entry }) =>
      entry === undefined
        ? []
        : [`${entry.name} ${entry.versions.map((one) => one.metadata.version).join(' ')}`],
    ),
    skipped: entries.flatMap(({ skipped }) => skipped.map(({ at, why }) => `${at}: ${why}`)),
    entries,
  };
}

const version = (name: string, number: string, more = '') =>
  `  - name: ${name}\n    version: ${number}\n    urls: [${name}-${number}.tgz]\n${more}`;

describe('an index of a Helm repository', () => {
  test('gives its charts, newest versions first, whatever the pieces that it comes in', async () => {
    const text = `apiVersion: v1\n# comment\nentries:\n  # one\n  web:\n${version('web', '1.9.0')}${version('web', 'v1.10')}${version('web', '1.10.0-rc.1')}\n  größe:\n  db:\n${version('db', '1.0.0')}generated: "2026"\n`;
    for (const size of [1, 3, 100_000]) {
      const { charts, skipped } = await read(text, size);
      expect(charts).toEqual(['web v1.10 1.10.0-rc.1 1.9.0', 'db 1.0.0']);
      expect(skipped).toEqual(['line 16: "größe" is no name of a chart']);
    }
  });

  test.each([
    ['four spaces', '    web:\n    - {name: web, version: 1.0.0, urls: [x]}\n'],
    ['a list indented further', '  web:\n      - {name: web, version: 1.0.0, urls: [x]}\n'],
    ['Windows line ends', '  web:\r\n  - {name: web, version: 1.0.0, urls: [x]}\r\n'],
    ['a quoted name', '  "web":\n  - {name: web, version: 1.0.0, urls: [x]}\n'],
    [
      'folded text that looks like a chart',
      '  web:\n  - description: |\n      evil:\n      - x\n    name: web\n    version: 1.0.0\n    urls: [x]\n',
    ],
    ['an own anchor', '  web:\n  - &a {name: web, version: 1.0.0, urls: [x]}\n  - *a\n'],
  ])('with %s is read', async (_what, entries) => {
    expect((await read(`entries:\n${entries}`)).charts).toEqual(['web 1.0.0']);
  });

  test('in JSON is read', async () => {
    const json = JSON.stringify({
      entries: { web: [{ name: 'web', version: '1.0.0', urls: ['x'] }], bad: 7 },
    });
    const { charts, skipped } = await read(`\n ${json}`);
    expect([charts, skipped]).toEqual([['web 1.0.0'], ['bad: its versions are no list']]);
  });

  test('what is wrong with one chart hides no other', async () => {
    const good = `  good:\n${version('good', '1.0.0')}`;
    const rows: readonly (readonly [string, RegExp])[] = [
      [`  bad:\n${version('bad', 'newest')}`, /bad: "newest" is no semver version/],
      [`  bad:\n${version('other', '1.0.0')}`, /bad: it lists a chart "other" in its place/],
      ['  bad:\n  - {name: bad, version: 1.0.0}\n', /bad: version "1\.0\.0" has no address/],
      ['  bad:\n  - {name: bad, version: 1.0.0, urls: [x], digest: abc}\n', /has a digest that is none/],
      ['  bad: nothing\n', /bad: its versions are no list/],
      ['  ../bad:\n  - x\n', /is no name of a chart/],
      [
        '  __proto__:\n  - {name: __proto__, version: 1.0.0, urls: [x]}\n',
        /"__proto__" is no name of a chart/,
      ],
      [`  bad:\n  - [${'['.repeat(80)}\n`, /line 2: .*(depth|nesting)/],
      [`  bad:\n  - &a [x]\n  - [${'*a,'.repeat(1_100)}]\n`, /alias/],
      ['  bad:\n  - *other\n', /other/],
      ['  bad:\n  - {name: bad\n', /line 2: /],
      ['  bad:\n  - null\n', /bad: it lists a chart ""/],
    ];
    for (const [bad, why] of rows) {
      const { charts, skipped } = await read(`entries:\n${bad}${good}`);
      expect(charts).toEqual(['good 1.0.0']);
      expect(skipped[0]).toMatch(why);
    }
  });

  test('a chart or version that is listed twice is the first of them, and told', async () => {
    const other = '  - {name: web, version: 1.0.0, urls: [evil.tgz]}\n';
    const text = `entries:\n  web:\n${version('web', '1.0.0')}${other}  web:\n${other}`;
    const { charts, skipped } = await read(text);
    expect(charts[0]).toBe('web 1.0.0');
    expect(skipped).toContain('web: version "1.0.0" is listed twice');
    const file = join(await temporaryFolder(), 'index.sqlite');
    const built = await writeIndex(file, readIndex(pieces(text)), facts);
    expect(built).toMatchObject({ apps: 1, versions: 1, skipped: { count: 2 } });
    expect(built.skipped.first).toContainEqual({ at: 'web', why: 'it is listed twice' });
    const index = openIndex(file);
    expect(index?.versions('web').map(({ urls }) => urls)).toEqual([['web-1.0.0.tgz']]);
    index?.close();
  });

  test('nine levels of aliases to aliases cost nothing', async () => {
    const levels = Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}]`).join(
      ', ',
    );
    const bomb = `  bomb:\n  - {name: bomb, version: 1.0.0, urls: [x], a0: &a0 [x], ${levels}}\n`;
    expect((await read(`entries:\n${bomb}`)).charts).toEqual(['bomb 1.0.0']);
  });

  test('prototypes stay as they are', async () => {
    await read(
      'entries:\n  web:\n  - {name: web, version: 1.0.0, urls: [x], __proto__: {polluted: 1}, constructor: {prototype: {polluted: 1}}}\n',
    );
    await read('{"entries":{"__proto__":[{"polluted":1}],"web":[{"__proto__":{"polluted":1}}]}}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.each([
    ['', /holds no `entries`/],
    ['apiVersion: v1\n', /holds no `entries`/],
    ['<!DOCTYPE html><html>', /is a page of HTML/],
    ['{"a": 1}', /holds no `entries`/],
    ['{"entries": [', /is no valid JSON/],
    ['entries:\n- name: web\n', /has a list as its `entries`|belongs to no chart/],
    ['entries: {web: []}\n', /has its `entries` on one line/],
    ['entries:\n    web:\n  x: y\n', /is no|belongs|line/],
    [Buffer.from([0x65, 0x6e, 0xff, 0xfe]), /is not text in UTF-8/],
  ])('%j is refused', async (text, message) => {
    const { charts, skipped } = await read(text).catch((error: Error) => ({
      charts: [],
      skipped: [error.message],
    }));
    expect(charts).toEqual([]);
    expect(skipped.join()).toMatch(message);
  });

  test.each(['entries: {}', 'entries: null', 'entries:\n', 'entries:   # none\ngenerated: x\n'])(
    '%j is empty',
    async (text) => {
      expect((await read(text)).entries).toEqual([]);
    },
  );

  test('5000 mutated indexes are read or refused, and give charts with names and versions alone', async () => {
    const next = seeded(11);
    const sample = Buffer.from(
      `apiVersion: v1\nentries:\n  web:\n${version('web', '1.0.0', '    annotations: {a: &x b, c: *x}\n')}  db:\n${version('db', '2.0.0')}generated: x\n`,
    );
    const telling = [...Buffer.from(' -:{}[]&*!|>\'"#\n\t%@`,?0aZ_.'), 0xff, 0];
    for (let run = 0; run < 5_000; run += 1) {
      const bytes = Buffer.from(sample);
      for (let change = next(6); change >= 0; change -= 1)
        bytes[next(bytes.length)] = telling[next(telling.length)] ?? 0;
      const { entries } = await read(bytes, 64).catch((error: Error) => {
        expect(error.constructor.name).toBe('IndexRefused');
        return { entries: [] };
      });
      for (const { entry } of entries) {
        expect(entry?.name ?? 'none').toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
        for (const one of entry?.versions ?? []) expect(one.urls.length).toBeGreaterThan(0);
      }
    }
  });
});

describe('the local index', () => {
  const make = async (text: string) => {
    const file = join(await temporaryFolder(), 'index.sqlite');
    const built = await writeIndex(file, readIndex(pieces(text, 10_000)), facts);
    const index = openIndex(file);
    if (index === undefined) throw new Error('not opened');
    return { built, index };
  };

  test('a search finds what the ranking of all apps finds, in the same order with the same points', async () => {
    const folder = await temporaryFolder();
    const yaml = join(folder, 'index.yaml');
    await writeLargeIndex(yaml, { apps: 700, versions: 900 });
    const { index, built } = await make(await readFile(yaml, 'utf8'));
    expect(built).toMatchObject({ apps: 700, versions: 900 });
    const all = index.search({ text: '' }).map(({ app }) => app);
    expect(all).toHaveLength(700);
    const next = seeded(5);
    const words = all.flatMap(({ name, summary }) => `${name} ${summary}`.split(/[ -]/));
    const mistype = (word: string) => {
      const at = next(word.length);
      return (
        [
          word.slice(0, at) + word.slice(at + 1),
          `${word.slice(0, at)}x${word.slice(at)}`,
          word.slice(0, 3),
          word,
        ][next(4)] ?? word
      );
    };
    let found = 0;
    for (let run = 0; run < 300; run += 1) {
      const text = Array.from({ length: 1 + next(2) }, () => mistype(words[next(words.length)] ?? 'x')).join(
        ' ',
      );
      const hits = index.search({ text });
      expect(hits).toEqual(rankApps(all, { text }));
      found += hits.length;
    }
    expect(found).toBeGreaterThan(300);
    index.close();
  });

  test('30 MB of YAML are read in the memory of their largest chart (NEEDS row 27)', async () => {
    const folder = await temporaryFolder();
    const yaml = join(folder, 'index.yaml');
    await writeLargeIndex(yaml, { apps: 5_600, versions: 75_000 });
    expect((await stat(yaml)).size).toBeGreaterThan(30_000_000);
    const reader = new URL('../../../support/read-index.ts', import.meta.url).pathname;
    // Half of what the text alone has; parsed at once it takes many times as much.
    const args = ['--max-old-space-size=16', reader, yaml, join(folder, 'index.sqlite')];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(JSON.parse(stdout)).toEqual({ apps: 5_600, versions: 75_000 });
  });

  test('scripts of all kinds, categories, and words that SQL or FTS would take for more', async () => {
    const { index } = await make(
      `entries:\n  web:\n  - {name: web, version: 1.0.0, urls: [x], description: "Größe ΔΕΛΤΑ 日本 ÉTÉ", keywords: ["a'b", "NEAR"], annotations: {category: Web Servers}}\n  db:\n  - {name: db, version: 1.0.0, urls: [x], description: "select * from apps"}\n`,
    );
    const names = (text: string, category?: string) =>
      index.search({ text, ...(category === undefined ? {} : { category }) }).map(({ app }) => app.name);
    expect([names('größe'), names('δελτα'), names('日本'), names('été')]).toEqual([
      ['web'],
      ['web'],
      ['web'],
      ['web'],
    ]);
    expect([names('near'), names('and'), names('"'), names("'; drop table apps; --"), names('sel')]).toEqual([
      ['web'],
      [],
      ['db', 'web'],
      [],
      ['db'],
    ]);
    expect([names('', 'web servers'), names('', 'x')]).toEqual([['web'], []]);
    index.close();
  });

  test('versions come with what each of them says of itself', async () => {
    const { index } = await make(
      `entries:\n  web:\n  - {name: web, version: 1.0.0, appVersion: "8", urls: [a], description: old}\n  - {name: web, version: 2.0.0-rc.1, urls: [b], description: new, deprecated: true}\n  - {name: web, version: 1.0.0, urls: [twice]}\n`,
    );
    expect(index.search({ text: '' })[0]?.app).toMatchObject({ version: '1.0.0', summary: 'old' });
    expect(
      index
        .versions('web')
        .map(({ metadata, urls }) => [
          metadata.version,
          metadata.appVersion,
          metadata.summary,
          metadata.deprecated,
          urls,
        ]),
    ).toEqual([
      ['2.0.0-rc.1', '', 'new', true, ['b']],
      ['1.0.0', '8', 'old', undefined, ['a']],
    ]);
    expect(index.versions('web"')).toEqual([]);
    index.close();
  });
});
