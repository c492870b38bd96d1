import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { parseApp } from '../../src/domain/app-yaml.ts';
import { AppstoreError } from '../../src/domain/errors.ts';
import { ExpressionError, Expressions } from '../../src/domain/expressions.ts';
import { renderApp } from '../../src/domain/render-app.ts';
import { RenderBudget } from '../../src/domain/render-budget.ts';
import { parseTemplate, type TemplatePart } from '../../src/domain/template-string.ts';
import { withDefaults } from '../../src/domain/values.ts';
import { packageFiles, renderRequest } from '../support/app-files.ts';

/** Numbers below a bound, the same in every run. */
function seeded(seed: string): (below: number) => number {
  let turn = 0;
  return (below) => createHash('sha256').update(`${seed}${turn++}`).digest().readUInt32BE() % below;
}

const pieces = [
  '${',
  '}',
  '$${',
  '"',
  "'",
  '{',
  '[',
  ']',
  ': ',
  '- ',
  '\n',
  '  ',
  '#',
  '&a ',
  '*a',
  '!!str ',
  '<<: ',
  '|',
  '>',
  '---\n',
  'null',
  '~',
  '1e999',
  '__proto__',
  'constructor',
  'values',
  'values.a',
  '.?',
  '[?',
  ' ? ',
  ' : ',
  '.map(x, ',
  '))',
  "r'",
  "'''",
  '//',
  '\\',
  '\u0000',
  '\ufeff',
  '😀',
  '9223372036854775808',
  '$ref',
  'pattern',
  '(a+)+$',
  'default',
  'x-generate',
  'when',
  'forEach',
  'resource',
  'lists.range(99999)',
];

function mutate(text: string, random: (below: number) => number): string {
  let result = text;
  for (let change = random(3); change >= 0; change--) {
    const at = random(result.length + 1);
    const piece = pieces[random(pieces.length)] ?? '';
    const cut = random(3) === 0 ? random(30) : 0;
    result = result.slice(0, at) + piece + result.slice(at + cut);
  }
  return result;
}

/** Hundreds of runs a test, on machines that do other things too. */
vi.setConfig({ testTimeout: 120_000 });

const app = readFileSync(new URL('../support/mutated.app.yaml', import.meta.url), 'utf8');

/** A piece without its place. */
function contents(part: TemplatePart): string {
  return part.kind === 'text' ? `text ${part.text}` : `expression ${part.source}`;
}

test('300 mutated packages: rendered, or refused with a code and a place, never anything else', () => {
  const random = seeded('packages');
  let rendered = 0;
  for (let run = 0; run < 300; run++) {
    const text = mutate(app, random);
    try {
      const parsed = parseApp(packageFiles({ 'app.yaml': text }), 'p');
      const { schema } = parsed.description;
      renderApp(parsed, renderRequest(withDefaults(schema, { password: 'hunter2hunter2' })));
      rendered++;
    } catch (error) {
      if (!(error instanceof AppstoreError))
        throw new Error(`run ${run}: ${String(error)}\n${text}`, { cause: error });
      expect(error.code).toMatch(
        /^(YAML_INVALID|PACKAGE_INVALID|EXPRESSION_FAILED|RENDER_LIMIT|OBJECT_INVALID)$/,
      );
      expect(error.message).not.toContain('hunter2hunter2');
      if (error.code !== 'RENDER_LIMIT') expect(error.place?.line).toBeGreaterThan(0);
    }
  }
  expect(rendered).toBeGreaterThan(10);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('2000 mutated strings: written out again, the pieces are the same', () => {
  const random = seeded('strings');
  for (let run = 0; run < 2000; run++) {
    const text = mutate("a ${values.a ? {'x': '}'}.x : \"y\"} $${b} ${[1, 2].map(i, i)} c", random);
    const template = parseTemplate(text);
    if ('problem' in template) expect(template.at).toBeLessThanOrEqual(text.length);
    else {
      const written = template.parts.map((part) =>
        part.kind === 'text' ? part.text.replaceAll('${', () => '$${') : `\${${part.source}}`,
      );
      const again = parseTemplate(written.join(''));
      expect('parts' in again && again.parts.map(contents)).toEqual(template.parts.map(contents));
    }
  }
});

test('1000 mutated expressions: a result, or an error with an offset in the source', () => {
  const random = seeded('expressions');
  const shapes = new Map([
    ['values', undefined],
    ['namespace', undefined],
  ]);
  const context = {
    values: new Map<string, unknown>([
      ['a', 1n],
      ['l', ['x', 'y']],
    ]),
    namespace: 'n',
  };
  let engine = new Expressions({}, new RenderBudget());
  for (let run = 0; run < 1000; run++) {
    const source = mutate(
      "values.l.map(x, x + namespace).join(',') + (values.a > 1 ? 'b' : string(values.a)) + '%d'.format([values.a])",
      random,
    );
    try {
      engine.compile(source, shapes).evaluate(context);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw new Error(`run ${run}: ${source}`, { cause: error });
      if (error.limit) engine = new Expressions({}, new RenderBudget());
      expect(error.at).toBeGreaterThanOrEqual(0);
      expect(error.at).toBeLessThanOrEqual(source.length);
      expect(error.message).not.toMatch(/own_|__namespace__|Namespace/);
    }
  }
});
