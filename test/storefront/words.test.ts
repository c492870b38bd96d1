import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { causeCodes } from '../../src/domain/causes.ts';
import { errorCodes } from '../../src/domain/error-codes.ts';
import { schemaFormats } from '../../src/domain/schema-formats.ts';
import { en } from '../../src/storefront/i18n/en.ts';
import { formats } from '../../src/storefront/i18n/format.ts';
import { nl } from '../../src/storefront/i18n/nl.ts';
import { said, saidAlone, saidOnce } from '../../src/storefront/i18n/said.ts';
import { languageOf, textsIn, wordFor } from '../../src/storefront/i18n/texts.ts';

describe('languages', () => {
  test.each([
    [['nl-NL', 'en'], 'nl'],
    [['NL'], 'nl'],
    [['de-DE', 'nl', 'en'], 'nl'],
    [['fr'], 'en'],
    [['', 'en-GB'], 'en'],
    [[], 'en'],
  ] as const)('%j is %s', (wanted, language) => expect(languageOf(wanted)).toBe(language));

  test('are fetched by name', async () => {
    expect(await textsIn('nl')).toBe(nl);
    expect(await textsIn('en')).toBe(en);
  });

  test('differ in every sentence', () => {
    const same: string[] = [];
    const visit = (one: unknown, other: unknown, path: string): void => {
      if (typeof one === 'string' && one === other && one.includes(' ')) same.push(path);
      if (typeof one !== 'object' || one === null) return;
      for (const [name, inner] of Object.entries(one))
        visit(inner, (other as Record<string, unknown>)[name], `${path}.${name}`);
    };
    visit(en, nl, '');
    expect(same).toEqual([]);
  });

  test.each([
    ['en', en],
    ['nl', nl],
  ])('%s has words for every cause and every format', (_, table) => {
    expect(Object.keys(table.causes).sort()).toEqual(Object.keys(causeCodes).sort());
    expect(Object.keys(table.fixes).sort()).toEqual(Object.keys(causeCodes).sort());
    const checked = schemaFormats.map(({ name }) => name).filter((name) => name !== 'password');
    expect(Object.keys(table.form.formats).sort()).toEqual(checked.sort());
  });

  test('titles of problems are those of codes that there are', () => {
    expect(Object.keys(en.problem.codes).filter((code) => !Object.hasOwn(errorCodes, code))).toEqual([]);
  });

  test('what is translated of the server is what it says', async () => {
    const folders = ['services', 'domain'].map((name) => join(import.meta.dirname, '../../src', name));
    const files = (await Promise.all(folders.map((folder) => readdir(folder)))).flatMap((names, index) =>
      names.filter((name) => name.endsWith('.ts')).map((name) => join(folders[index] ?? '', name)),
    );
    const source = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('');
    const unsaid = nl.said
      .flatMap(([text]) => text.split('*'))
      .filter((part) => !source.includes(part) && !source.includes(part.replaceAll('`', '\\`')));
    expect(unsaid).toEqual([]);
  });

  test.each([
    ['en', en],
    ['nl', nl],
  ])('%s names tabs and sections as they are called', (_, { fixes, deployment, operation, frame }) => {
    expect(fixes.CRASH_LOOP).toContain(deployment.tabs.activity);
    for (const advice of [fixes.CRASH_LOOP, fixes.PROBE_FAILING, fixes.JOB_FAILED, fixes.ERROR])
      expect(advice).toMatch(new RegExp(`\\b${deployment.logs.toLowerCase()}\\b`));
    expect(operation.goneText).toContain(frame.mine);
  });

  test.each([
    ['whether it is gone may not be read', 'of het weg is, mag je niet zien'],
    [
      'the volume of data-db-0: its reclaim policy is Retain',
      'de schijf van data-db-0 wordt door het cluster bewaard',
    ],
    [
      'the upgrade to revision 3 was not finished; this takes its place',
      'Wat begonnen was (upgrade, revisie 3) is niet afgemaakt; dit komt ervoor in de plaats.',
    ],
    ['something of a later version, $& and *', 'something of a later version, $& and *'],
  ])('the server’s %j is said in Dutch', (text, dutch) => {
    expect(said(text, nl)).toBe(dutch);
    expect(said(text, en)).toBe(text);
  });

  test('a message alone is a sentence, and what is said twice is said once', () => {
    expect(saidAlone('the app is removed', en)).toBe('The app is removed');
    expect(saidOnce('0/1 ready', '0/1 ready; container web waits', en)).toBe(
      '0/1 ready; container web waits',
    );
    expect(saidOnce('0/1 ready', 'it is not in the cluster', nl)).toBe(
      '0/1 ready · het staat niet in het cluster',
    );
    expect(saidOnce('1/1 ready', '', en)).toBe('1/1 ready');
    expect(saidOnce('', 'not bound yet', en)).toBe('not bound yet');
  });

  test('a name of a later version has no word, and neither has one of every object', () => {
    expect(wordFor(en.causes, 'NEW_CAUSE')).toBeUndefined();
    expect(wordFor(en.causes, 'toString')).toBeUndefined();
  });
});

test('numbers, times and lists are written as the language does', () => {
  const now = Date.parse('2026-01-31T12:00:00Z');
  expect(formats('en').ago('2026-01-31T11:57:00Z', now)).toBe('3 minutes ago');
  expect(formats('nl').ago('2026-01-30T12:00:00Z', now)).toBe('gisteren');
  expect(formats('en').ago('no time', now)).toBe('no time');
  expect(formats('nl').number(1234.5)).toBe('1.234,5');
  expect(formats('nl').list(['a', 'b', 'c'])).toBe('a, b en c');
  expect(en.browse.found(1)).toBe('1 app');
  expect(nl.plan.keeps(2)).toBe('2 dingen blijven zoals ze zijn:');
});
