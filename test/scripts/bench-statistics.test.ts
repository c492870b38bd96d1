import { expect, test } from 'vitest';
import { readOptions } from '../../scripts/bench/options.ts';
import { linesOf, tableOf } from '../../scripts/bench/report.ts';
import { figuresOf, median, ratioText } from '../../scripts/bench/statistics.ts';

test.each([
  [[3], 3],
  [[9, 1, 5], 5],
  [[4, 1, 2, 10], 3],
  [[10, 9, 100, 8, 1], 9],
])('the median of %j is %d', (numbers, expected) => {
  expect(median(numbers)).toBe(expected);
});

test('there is no median of nothing, and the numbers given stay in their order', () => {
  expect(() => median([])).toThrow(RangeError);
  const numbers = [3, 1, 2];
  median(numbers);
  expect(numbers).toEqual([3, 1, 2]);
});

test('memory that was not seen in a run is left out, not counted as nothing', () => {
  const samples = [
    { milliseconds: 10, peakBytes: 50 },
    { milliseconds: 30 },
    { milliseconds: 20, peakBytes: 70 },
  ];
  expect(figuresOf(samples)).toEqual({ runs: 3, milliseconds: 20, fastest: 10, slowest: 30, peakBytes: 60 });
  expect(figuresOf([{ milliseconds: 10 }])).not.toHaveProperty('peakBytes');
});

test.each([
  [50, 100, '0.5'],
  [1, 3, '0.33'],
  [81, 10_000, '0.0081'],
  [1, 1, '1.0'],
  [150, 100, '1.5'],
  [1234, 100, '12'],
  [5, 0, '-'],
])('%d by %d reads %s', (ours, theirs, text) => {
  expect(ratioText(ours, theirs)).toBe(text);
});

test('the report has the ratio of the medians beside the aim, and a dash without Helm', () => {
  const ours = [{ milliseconds: 90 }, { milliseconds: 110 }, { milliseconds: 100 }];
  const helm = [{ milliseconds: 500 }, { milliseconds: 100 }, { milliseconds: 400 }];
  const both = linesOf(
    new Map([
      [
        'install',
        new Map([
          ['appstore', ours] as const,
          ['helm', helm] as const,
          ['bare', [{ milliseconds: 60 }]] as const,
          ['process', [{ milliseconds: 80 }]] as const,
        ]),
      ],
    ]),
  );
  expect(both).toMatchObject([{ key: 'install', ratio: 0.25, aim: 0.5 }]);
  expect(tableOf(both)).toContain(
    '| 100 (90-110) | 400 (100-500) | 60 (60-60) | 80 (80-80) | 0.25 | 0.15 | 0.2 | 0.5 |',
  );
  const alone = linesOf(new Map([['install', new Map([['appstore', ours] as const])]]));
  expect(alone[0]).not.toHaveProperty('ratio');
  expect(tableOf(alone)).toContain('| 100 (90-110) | - | - | - | - | - | - | 0.5 |');
});

test('options: everything five times unless told; what is unknown is refused', () => {
  const usual = readOptions([]);
  expect(usual).toMatchObject({ runs: 5, installations: 1000, helm: true });
  expect(usual.only.has('list')).toBe(true);
  const told = readOptions(['--only', 'install,list', '--runs', '3', '--without-helm', '--json', 'f.json']);
  expect(told).toMatchObject({ runs: 3, helm: false, json: 'f.json' });
  expect([...told.only]).toEqual(['install', 'list']);
  expect(() => readOptions(['--only', 'instal'])).toThrow(/instal: there is start/);
  expect(() => readOptions(['--runs', '0'])).toThrow(/1 to 50/);
  expect(() => readOptions(['--runs', '2.5'])).toThrow(/1 to 50/);
  expect(usual).toMatchObject({ payload: 0, roundTrip: 0 });
  expect(readOptions(['--round-trip', '0'])).toMatchObject({ roundTrip: 0 });
  expect(() => readOptions(['--round-trip', '1e3'])).toThrow(/--round-trip 1e3: .* 0 to 1000/);
});
