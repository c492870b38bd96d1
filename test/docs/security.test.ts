import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');

/** The rows of the tables, by cells. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('|--'))
  .map((line) => line.slice(2, -2).split(' | '));

interface Cited {
  readonly file: string;
  readonly titles: readonly string[];
}

/** `domain/text.test.ts`: “a title”, “another” */
function citedIn(text: string): readonly Cited[] {
  return [...text.matchAll(/`([\w/-]+\.test\.ts)`: ((?:“[^”]+”(?:, )?)+)/g)].map(
    ([, file = '', list = '']) => ({
      file,
      titles: [...list.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title),
    }),
  );
}

const source = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

describe('docs/security.md', () => {
  test.each(citedIn(page))('the tests that it names in $file are there', ({ file, titles }) => {
    const text = source(file).replace(/\\'/g, "'");
    const missing = titles.filter((title) => !text.includes(`'${title}'`) && !text.includes(`"${title}"`));
    expect(missing).toEqual([]);
  });

  test('every row of a threat, and every advisory but those of plugins, names a test', () => {
    const threats = rows.filter(
      (cells) => cells.length === 3 && !/^(Threat|Advisory|Parser)$/.test(cells[0] ?? ''),
    );
    expect(threats.length).toBeGreaterThan(40);
    const bare = threats.filter(
      ([, done = '', tests = '']) => citedIn(tests).length === 0 && !/no plugins/.test(done),
    );
    expect(bare.map(([threat]) => threat)).toEqual([]);
  });

  test('every advisory is named once', () => {
    const named = rows.flatMap(([first = '']) => [...first.matchAll(/GHSA(?:-\w{4}){3}/g)].map(([id]) => id));
    expect(named.length).toBeGreaterThan(20);
    expect(new Set(named).size).toBe(named.length);
  });

  test('the numbers of runs are those of the tests', () => {
    const start = page.indexOf('| Parser |');
    const fuzzed = page
      .slice(start)
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| Parser'));
    expect(fuzzed.length).toBeGreaterThan(12);
    for (const line of fuzzed) {
      const [, runs = '', tests = ''] = line.slice(2, -2).split(' | ');
      const [title = ''] = citedIn(tests).flatMap(({ titles }) => titles);
      expect(title.split(' ')[0], line).toBe(runs.replaceAll(',', ''));
    }
  });
});
