import { describe, expect, test } from 'vitest';
import { plain } from '../../src/cli/views/color.ts';
import { renderTable } from '../../src/cli/views/table.ts';
import { textWidth, truncate } from '../../src/cli/views/width.ts';

const columns = [{ title: 'NAME' }, { title: 'SUMMARY', flexible: true }];
const rows = [
  ['db', 'Relational database with SQL, JSON, full-text search and transactions'],
  ['a-longer-name', 'short'],
];

describe('tables', () => {
  test('columns stand under each other, without borders or trailing spaces', async () => {
    const text = await renderTable(columns, rows, { palette: plain, width: Number.POSITIVE_INFINITY });
    const lines = text.split('\n');
    expect(lines).toHaveLength(3);
    expect(new Set(lines.map((line) => line.search(/SUMMARY|Relational|short/))).size).toBe(1);
    expect(text).toContain('full-text search and transactions');
    expect(lines.every((line) => line === line.trimEnd())).toBe(true);
  });

  test.each([Number.POSITIVE_INFINITY, 44])(
    'a long table has the lines of a short one, in %d columns',
    async (width) => {
      const mixed = [...rows, ['日本', '\u001b[32mgreen\u001b[39m text'], ['', 'no name'], ['last', '']];
      const short = await renderTable(columns, mixed, { palette: plain, width });
      const many = Array.from({ length: 60 }, (_, at) => mixed[at % mixed.length] ?? []);
      const long = (await renderTable(columns, many, { palette: plain, width })).split('\n');
      const [head, ...body] = short.split('\n');
      expect(long[0]).toBe(head);
      expect(long.slice(1)).toEqual(many.map((_, at) => body[at % body.length]));
    },
  );

  test.each([40, 60, 80])('on a terminal of %i columns every row is one line that fits', async (width) => {
    const text = await renderTable(columns, rows, { palette: plain, width });
    const lines = text.split('\n');
    expect(lines).toHaveLength(3);
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(width);
    expect(lines[0]).toContain('SUMMARY');
  });

  test('the widest column gives way first', async () => {
    const both = [
      { title: 'OBJECT', flexible: true },
      { title: 'MESSAGE', flexible: true },
    ];
    const row = ['StatefulSet/demo/database', 'm'.repeat(100)];
    const text = await renderTable(both, [row], { palette: plain, width: 60 });
    expect(text.split('\n')[1]).toBe(`StatefulSet/demo/database   ${'m'.repeat(31)}…`);
  });

  test('where even that is too wide each row is a block, and what identifies it is never cut', async () => {
    const text = await renderTable(columns, rows, { palette: plain, width: 20 });
    expect(text).toBe(
      [
        ...[
          'NAME     db',
          'SUMMARY  Relational',
          '         database',
          '         with SQL,',
          '         JSON,',
          '         full-text',
          '         search and',
          '         transactions',
          '',
        ],
        ...['NAME     a-longer-name', 'SUMMARY  short'],
      ].join('\n'),
    );
  });
});

test.each([
  ['plain', 5],
  ['\u001b[31mred\u001b[39m', 3],
  ['日本語', 6],
  ['🚀', 2],
])('%s takes %i columns', (text, expected) => {
  expect(textWidth(text)).toBe(expected);
});

test.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdefg', 6, 'abcde…'],
  ['日本語日本語', 6, '日本…'],
])('%s cut to %i is %s', (text, width, expected) => {
  expect(truncate(text, width)).toBe(expected);
});
