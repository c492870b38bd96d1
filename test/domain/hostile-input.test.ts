import { describe, expect, test } from 'vitest';
import { readSchema } from '../../src/adapters/render/helm/schema.ts';
import { modernSchema, schemaFaults } from '../../src/domain/chart-schema.ts';
import { parseChartYaml } from '../../src/domain/chart-yaml.ts';
import { AppstoreError } from '../../src/domain/errors.ts';
import { ExpressionError, Expressions } from '../../src/domain/expressions.ts';
import { parseAssignments, setPath } from '../../src/domain/given.ts';
import { parseHelmYaml } from '../../src/domain/helm-yaml.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { validate } from '../../src/domain/json-schema.ts';
import { RenderBudget } from '../../src/domain/render-budget.ts';
import { parseYaml } from '../../src/domain/yaml-source.ts';

/** What was thrown; undefined where nothing was. Anything but an error of ours fails the test. */
function refusal(run: () => unknown): AppstoreError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof AppstoreError) return error;
    throw error;
  }
}

describe('the schema of a chart', () => {
  test.each([
    'file:///etc/passwd',
    'file:///dev/zero',
    '/dev/zero',
    '../../secret.json',
    'http://169.254.169.254/latest/meta-data',
    'https://schemas.example/x.json',
    '//schemas.example/x.json',
    'x.json#/definitions/a',
    '#/%zz',
    '#anchor',
  ])('a reference to %s is a fault, and nothing is read', (ref) => {
    const schema = modernSchema({ properties: { a: { $ref: ref } } });
    expect(schemaFaults(schema).map(({ at }) => at)).toEqual(['/properties/a']);
    refusal(() => validate(schema, { a: 1 }, { strict: false }));
  });

  test('a chain of 20000 references ends, as does one that comes back to itself', () => {
    const definitions = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, at) => [`d${at}`, { $ref: `#/definitions/d${at + 1}` } as Json]),
    );
    for (const last of [{ type: 'string' }, { $ref: '#/definitions/d0' }]) {
      const schema = modernSchema({
        $ref: '#/definitions/d0',
        definitions: { ...definitions, d20000: last },
      });
      expect(refusal(() => validate(schema, 1, { strict: false }))?.code).toBe('RENDER_LIMIT');
      refusal(() => schemaFaults(schema));
    }
  });

  test('schemas in schemas without end are refused before anything goes down into them', () => {
    const text = `${'{"properties":{"a":'.repeat(3_000)}{}${'}}'.repeat(3_000)}`;
    expect(refusal(() => readSchema(text, 'web'))?.message).toMatch(/nested deeper than 500/);
    // What is within the bound is gone through.
    const deep = `${'{"properties":{"a":'.repeat(240)}{}${'}}'.repeat(240)}`;
    expect(refusal(() => readSchema(deep, 'web'))).toBeUndefined();
  });

  test('branches that multiply are given up', () => {
    const definitions = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [
        `d${at}`,
        { allOf: [{ $ref: `#/definitions/d${at + 1}` }, { $ref: `#/definitions/d${at + 1}` }] } as Json,
      ]),
    );
    const schema = modernSchema({
      $ref: '#/definitions/d0',
      definitions: { ...definitions, d40: { type: 'string' } },
    });
    expect(refusal(() => validate(schema, 1, { strict: false }))?.code).toBe('RENDER_LIMIT');
  });
});

describe('--set', () => {
  test.each([
    ['an index beyond all lists', 'a[2147483647]=1'],
    ['keys in keys without end', `${'a.'.repeat(100_000)}b=1`],
    ['indexes in indexes without end', `a${'[0]'.repeat(100_000)}=1`],
    ['braces in braces without end', `a=${'{'.repeat(100_000)}`],
  ])('%s is read or refused, and does not end the program', (_what, text) => {
    refusal(() =>
      parseAssignments(text, { flag: '--set', typed: true }).reduce<JsonObject>(
        (values, { path, value }) => setPath(values, path, value),
        {},
      ),
    );
  });
});

describe('YAML', () => {
  const deep = [
    ['lists', '['.repeat(100_000)],
    ['maps', '{a: '.repeat(100_000)],
    ['blocks', Array.from({ length: 3_000 }, (_, at) => `${' '.repeat(at)}a:\n`).join('')],
    ['lists in lines', '- '.repeat(50_000)],
    ['tags', '!!a '.repeat(50_000)],
    ['anchors', Array.from({ length: 50_000 }, (_, at) => `&a${at} `).join('')],
  ] as const;
  test.each(deep)('%s in one another without end are refused, by both readers', (_what, text) => {
    expect(refusal(() => parseHelmYaml(text, 'x'))?.code).toBe('YAML_INVALID');
    expect(refusal(() => parseYaml(text, 'x'))?.code).toBe('YAML_INVALID');
  });

  test.each([
    '',
    '---\n',
    'null\n',
    '[]\n',
    '- null\n',
    'dependencies: null\nmaintainers: null\n',
    'dependencies: [null]\nname: a\nversion: 1.0.0\n',
  ])('a Chart.yaml of %j is refused with what it lacks', (text) => {
    expect(refusal(() => parseChartYaml(text, './x'))?.code).toMatch(/^(PACKAGE_INVALID|YAML_INVALID)$/);
  });

  test.each(['.', '..', '../x', 'a/b', '/etc', 'a\\b', 'a\nb', '\u001b[31m'])(
    'a chart cannot have the name %j',
    (name) => {
      const text = `apiVersion: v2\nname: ${JSON.stringify(name)}\nversion: 1.0.0\n`;
      const error = refusal(() => parseChartYaml(text, './x'));
      expect(error?.code).toBe('PACKAGE_INVALID');
    },
  );
});

describe('an expression', () => {
  test.each([
    ['of a megabyte', `"${'a'.repeat(1_000_000)}"`],
    ['of parentheses without end', '('.repeat(100_000)],
    ['of lists without end', '['.repeat(100_000)],
    ['of signs without end', `${'-'.repeat(100_000)}1`],
    ['of negations without end', `${'!'.repeat(100_000)}true`],
    ['of choices without end', `${'true ? 1 : '.repeat(20_000)}2`],
    ['of calls without end', `${'size('.repeat(50_000)}`],
    ['of members without end', `values${'.a'.repeat(50_000)}`],
  ])('%s is refused at once', (_what, source) => {
    const engine = new Expressions({}, new RenderBudget());
    expect(() =>
      engine.compile(source, new Map([['values', undefined]])).evaluate({ values: new Map() }),
    ).toThrow(ExpressionError);
  });
});
