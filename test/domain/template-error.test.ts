import { expect, test } from 'vitest';
import { readTemplateError } from '../../src/domain/template-error.ts';

// The texts are what Helm 4.3.1 prints.
test.each([
  [
    'parse error at (web/templates/a.yaml:3): function "x" not defined',
    { place: { file: 'templates/a.yaml', line: 3 }, message: 'function "x" not defined', calledFrom: [] },
  ],
  [
    'execution error at (web/templates/a.yaml:3:4): first line\nsecond line',
    {
      place: { file: 'templates/a.yaml', line: 3, column: 5 },
      message: 'first line\nsecond line',
      calledFrom: [],
    },
  ],
  [
    `web/charts/db/templates/a.yaml:1:6
  executing "web/charts/db/templates/a.yaml" at <include "b" .>:
    error calling include:
web/charts/db/templates/_b.tpl:1:26
  executing "b" at <.Values.x.y>:
    nil pointer evaluating interface {}.y`,
    {
      place: { file: 'charts/db/templates/_b.tpl', line: 1, column: 27 },
      message: '`.Values.x.y`: nil pointer evaluating interface {}.y',
      calledFrom: [
        { place: { file: 'charts/db/templates/a.yaml', line: 1, column: 7 }, what: '`include "b" .`' },
      ],
    },
  ],
  ['rendering template failed: boom', { message: 'rendering template failed: boom', calledFrom: [] }],
])('%s', (text, expected) => {
  expect(readTemplateError(text)).toEqual(expected);
});
