import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseApp } from '../../src/domain/app-yaml.ts';
import { ExpressionError, Expressions } from '../../src/domain/expressions.ts';
import { renderApp } from '../../src/domain/render-app.ts';
import { RenderBudget, renderLimits } from '../../src/domain/render-budget.ts';
import { schemaFormats } from '../../src/domain/schema-formats.ts';
import { withDefaults } from '../../src/domain/values.ts';
import { yamlLimits } from '../../src/domain/yaml-source.ts';
import { packageFiles, renderRequest } from '../support/app-files.ts';

/** docs/packages.md is what authors go by: what it shows and lists must be so. */
const doc = readFileSync(new URL('../../docs/packages.md', import.meta.url), 'utf8');
const packages = [...doc.matchAll(/```yaml\n([^`]*)```/g)].map(([, text]) => text ?? '');

describe('packages of the tutorial', () => {
  test.each(packages.map((text, index) => [index + 1, text] as const))('number %i renders', (_, text) => {
    const app = parseApp(packageFiles({ 'app.yaml': text }), 'hello');
    const values = withDefaults(app.description.schema, {
      adminPassword: 'x',
      ingress: { enabled: true, host: 'a.example' },
    });
    expect(renderApp(app, renderRequest(values)).objects.length).toBeGreaterThan(1);
  });

  test('there are two', () => {
    expect(packages).toHaveLength(2);
  });
});

test('formats are listed with what they mean', () => {
  const rows = schemaFormats.map(({ name, means }) => `| \`${name}\` | ${means} |`);
  expect(doc).toContain(rows.join('\n'));
});

test('limits are those that hold', () => {
  const number = (value: number) => value.toLocaleString('en-US');
  for (const value of [
    renderLimits.steps,
    renderLimits.expression,
    renderLimits.text,
    renderLimits.entries,
    renderLimits.objects,
    renderLimits.output,
  ])
    expect(doc).toContain(`| ${number(value)} |`);
  expect(doc).toContain(`at most ${number(yamlLimits.nodes)} values`);
});

test('every function of the table can be called', () => {
  const table = doc.slice(doc.indexOf('### Functions'), doc.indexOf('### Limits'));
  const rows = table
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (kind|operators) /.test(line));
  const names = rows.flatMap((row) =>
    [...row.matchAll(/`[^`]*?(\w+)(?:\([^`]*)?`/g)].map(([, name]) => name ?? ''),
  );
  const functions = [...new Set(names)].filter((name) => !/^[dfexXob]$/.test(name));
  expect(functions.length).toBeGreaterThan(70);
  const engine = new Expressions({}, new RenderBudget());
  const unknown = functions.filter((name) => {
    try {
      engine.compile(`'x'.${name}()`, new Map());
    } catch (error) {
      return error instanceof ExpressionError && error.message.startsWith('there is no function');
    }
    return false;
  });
  expect(unknown).toEqual([]);
});
