import { describe, expect, test } from 'vitest';
import { appMetadataOf, parseChartYaml, readChart } from '../../src/domain/chart-yaml.ts';

const head = 'apiVersion: v2\nname: web\nversion: 1.2.3\n';
const bytes = (text: string) => Buffer.from(text);

describe('Chart.yaml', () => {
  test('what it says becomes what a catalog shows', () => {
    const chart = parseChartYaml(
      `${head}appVersion: 1.10\ndescription: Serves pages\nkeywords: [http, 8]\nhome: https://example.com
sources: [https://example.com/src]\nmaintainers: [{name: Ann, email: ann@example.com}]\ndeprecated: true
kubeVersion: ">=1.29.0-0"\nicon: https://example.com/icon.svg\nannotations: {category: Web, licenses: MIT}\n`,
      './web',
    );
    expect(chart).toMatchObject({ type: 'application', kubeVersion: '>=1.29.0-0', appVersion: '1.1' });
    expect(appMetadataOf(chart)).toEqual({
      name: 'web',
      version: '1.2.3',
      appVersion: '1.1',
      title: 'web',
      summary: 'Serves pages',
      description: '',
      category: 'web',
      keywords: ['http'],
      license: 'MIT',
      home: 'https://example.com',
      sources: ['https://example.com/src'],
      maintainers: [{ name: 'Ann', email: 'ann@example.com' }],
      icon: '',
      deprecated: true,
    });
  });

  test.each([
    ['name: web\nversion: 1\n', 'v1 where apiVersion is missing'],
    ['apiVersion: v1\nname: Web_x.y\nversion: v0.1\n', 'names and versions that Helm takes'],
    [`${head}name: again\n`, 'the later of two equal keys'],
    [`\ufeff---\n${head}...\n`, 'a byte order mark and document marks'],
    [`${head}x: &a [1]\ny: *a\n`, 'anchors'],
  ])('%j is read (%s)', (text) => {
    expect(parseChartYaml(text, './x').version).not.toBe('');
  });

  test.each([
    ['version: 1.0.0\n', /Chart\.yaml: `name` is missing/],
    ['name: web\n', /`version` is missing/],
    ['apiVersion: v9\nname: web\nversion: 1.0.0\n', /`apiVersion` must be v1 or v2, is "v9"/],
    [`${head}type: thing\n`, /`type` must be application or library/],
    ['name: ..\nversion: 1.0.0\n', /`name` cannot be "\.\."/],
    ['name: a/b\nversion: 1.0.0\n', /`name` cannot be "a\/b"/],
    ['name: web\nversion: newest\n', /`version` must be a semver version/],
    [`${head}maintainers: [null]\n`, /`maintainers` must not hold empty/],
    [`${head}dependencies: [null]\n`, /`dependencies` must not hold empty/],
    [`${head}dependencies: [{name: a, alias: "b c"}]\n`, /dependency `a` has characters in its alias/],
    [`${head}dependencies: [{name: a}, {name: b, alias: a}]\n`, /more than one dependency .* `a`/],
    ['name: ""\nversion: x\n', /`name` is missing \(and 1 more\)/],
  ])('%j is refused', (text, message) => {
    expect(() => parseChartYaml(text, './web')).toThrow(
      expect.objectContaining({ code: 'PACKAGE_INVALID', message: expect.stringMatching(message) }),
    );
  });

  test.each([
    ['a: [', /Chart\.yaml:\d+:\d+: /],
    ['- a list\n', /holds no map/],
    [`a: ${'['.repeat(200)}`, /Chart\.yaml:1:\d+: .*nesting|depth/],
    [`a: &a [1]\nb: [${'*a,'.repeat(1_001)}]\n`, /alias/],
  ])('%j is no YAML that is read', (text, message) => {
    expect(() => parseChartYaml(text, './web')).toThrow(
      expect.objectContaining({ code: 'YAML_INVALID', message: expect.stringMatching(message) }),
    );
  });

  test('`__proto__` in it is a name like any other', () => {
    const chart = parseChartYaml(`${head}__proto__: {type: library}\nannotations: {__proto__: x}\n`, './web');
    expect(chart.type).toBe('application');
    expect(Object.getPrototypeOf(chart.annotations)).toBe(Object.prototype);
  });

  test('the dependencies of a v1 chart stand in requirements.yaml', () => {
    const files = [
      { path: 'Chart.yaml', mode: 0o644, content: bytes('name: web\nversion: 1.0.0\n') },
      {
        path: 'requirements.yaml',
        mode: 0o644,
        content: bytes('dependencies: [{name: db, version: ^1, repository: "@stable", alias: store}]\n'),
      },
    ];
    expect(readChart(files, './web')?.dependencies).toMatchObject([
      { name: 'db', version: '^1', repository: '@stable', alias: 'store' },
    ]);
    expect(readChart(files.slice(1), './web')).toBeUndefined();
  });
});
