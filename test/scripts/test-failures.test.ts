import { expect, it } from 'vitest';
import { failures, type TestReport } from '../../scripts/test-failures.ts';

type Result = TestReport['testResults'][number];

const passed = { fullName: 'adds', status: 'passed', failureMessages: [] };

function result(given: Partial<Result>): Result {
  return {
    name: '/repo/test/a.test.ts',
    status: 'failed',
    message: '',
    assertionResults: [passed],
    ...given,
  };
}

const told: [string, Partial<Result>, string[]][] = [
  ['a file that passed', { status: 'passed' }, []],
  [
    'a failed test, by the first line of its error',
    {
      assertionResults: [
        passed,
        {
          fullName: 'sums subtracts',
          status: 'failed',
          failureMessages: ['\u001b[31mError: expected 1 to be 2\u001b[39m\n    at x.ts:3'],
        },
      ],
    },
    ['test/a.test.ts: sums subtracts: Error: expected 1 to be 2'],
  ],
  [
    'a failed test without a message',
    { assertionResults: [{ fullName: 'subtracts', status: 'failed', failureMessages: null }] },
    ['test/a.test.ts: subtracts: it does not say why'],
  ],
  [
    'a file that failed outside its tests',
    { message: '\nSyntaxError: Unexpected token\nmore', assertionResults: [] },
    ['test/a.test.ts: SyntaxError: Unexpected token'],
  ],
];

it.each(told)('tells of %s', (_name, given, lines) => {
  expect(failures({ testResults: [result(given)] }, '/repo')).toEqual(lines);
});
