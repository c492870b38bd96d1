import { expect, test } from 'vitest';
import { requiredMissing } from '../../src/domain/required-values.ts';
import { packageFiles } from '../support/app-files.ts';

const pathOf = (template: string, message = 'say it', path = 'templates/a.yaml') =>
  requiredMissing('web', packageFiles({ [path]: template }), [message]).problems[0]?.at;

test.each([
  ['{{ required "say it" .Values.a }}', 'a'],
  ['{{ required "say it" $.Values.a.b-c }}', 'a.b'],
  ['{{- required "say it"   (.Values.a_1.b) | quote -}}', 'a_1.b'],
  ['{{ .Values.a.b | required "say it" }}', 'a.b'],
  ['{{ required `say it` .Values.a }}', 'a'],
  ['{{ required "say it" .a }}', undefined],
  ['{{ required "say it " .Values.a }}', undefined],
  ['{{ $x := .Values.a }}', undefined],
])('%s', (template, path) => {
  expect(pathOf(template)).toBe(path);
});

test('a value of a subchart is given below its name, unless it is global', () => {
  const at = (template: string) => pathOf(template, 'say it', 'charts/a/charts/b/templates/x.yaml');
  expect(at('{{ required "say it" .Values.c }}')).toBe('a.b.c');
  expect(at('{{ required "say it" .Values.global.c }}')).toBe('global.c');
  expect(pathOf('{{ required "say it" .Values.c }}', 'say it', 'README.md')).toBeUndefined();
});

test('a message that is no pattern is taken as it is, and each is told once', () => {
  expect(pathOf('{{ required "(a|b)* \\"c\\"" .Values.d }}', '(a|b)* "c"')).toBe('d');
  expect(requiredMissing('web', [], ['x', 'x', 'y']).problems).toEqual([{ message: 'x' }, { message: 'y' }]);
});

test('a chart that is written to keep a reader busy does not', () => {
  const template = `${'.Values.a'.repeat(300_000)} ${'required '.repeat(100_000)}`;
  const error = requiredMissing('web', packageFiles({ 'templates/a.yaml': template }), [
    'x',
    'z'.repeat(10_000),
  ]);
  expect(error.problems.map(({ message }) => message.length)).toEqual([1, 500]);
  expect(
    requiredMissing(
      'web',
      [],
      Array.from({ length: 500 }, (_, index) => `m${index}`),
    ).problems,
  ).toHaveLength(50);
});
