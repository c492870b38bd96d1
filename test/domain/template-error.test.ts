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
  [
    'template: web/templates/a.yaml:1:3: executing "web/templates/a.yaml" at <include "r" .>: error calling include: ' +
      'template: web/templates/_r.tpl:2:5: executing "r" at <include "r" .>: error calling include: ' +
      'rendering template has a nested reference name: r: unable to execute template',
    {
      place: { file: 'templates/_r.tpl', line: 2, column: 6 },
      message:
        '`include "r" .`: error calling include: rendering template has a nested reference name: r: unable to execute template',
      calledFrom: [{ place: { file: 'templates/a.yaml', line: 1, column: 4 }, what: '`include "r" .`' }],
    },
  ],
  ['rendering template failed: boom', { message: 'rendering template failed: boom', calledFrom: [] }],
])('%s', (text, expected) => {
  expect(readTemplateError(text)).toEqual(expected);
});
