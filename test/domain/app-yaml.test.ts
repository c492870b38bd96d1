import { describe, expect, test } from 'vitest';
import { parseApp } from '../../src/domain/app-yaml.ts';
import type { AppstoreError } from '../../src/domain/errors.ts';
import { parseMetadata } from '../../src/domain/metadata.ts';
import { appFiles, appHead, packageFiles } from '../support/app-files.ts';

function problems(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    const { code, problems: all } = error as AppstoreError;
    expect(code).toMatch(/^(PACKAGE|YAML)_INVALID$/);
    return all.map(({ at, message, hint }) => `${at} ${message}${hint === undefined ? '' : ` [${hint}]`}`);
  }
  return [];
}

const told = (rest: string, further: Record<string, string> = {}) =>
  problems(() => parseApp(appFiles(rest, further), 'c/web'));

const configMap = '{apiVersion: v1, kind: ConfigMap, metadata: {name: "${name}"}}';

test('a whole package', () => {
  const app = parseApp(
    packageFiles({
      'app.yaml': `apiVersion: appstore.dev/v1
kind: App
metadata:
  name: web
  version: 1.2.3
  appVersion: "9.10"
  title: Web
  summary: A page
  description: |
    More.
  category: web
  keywords: [page]
  license: MIT
  home: https://a.example
  sources: [https://b.example]
  maintainers: [{name: Someone, email: a@b.example}]
  icon: icon.svg
requires: {kubernetes: ">=1.29", capabilities: [storage, cert-manager.io/Certificate]}
values: {type: object, properties: {a: {type: integer, default: 1}}}
resources: [${configMap}]
outputs: {host: "\${name}"}
open: [{title: Web, url: "https://x"}]
notes: Hello
`,
      'icon.svg': '<svg/>',
      'README.md': '# Web',
      'resources/b.yaml': `${configMap}\n---\nwhen: true\nresource: ${configMap}\n`,
      'resources/a/x.yml': configMap,
      'other/not-read.yaml': 'a: [',
      'resources/not-read.txt': 'a: [',
    }),
    'c/web',
  );
  expect(app.description).toEqual({
    metadata: {
      name: 'web',
      version: '1.2.3',
      appVersion: '9.10',
      title: 'Web',
      summary: 'A page',
      description: 'More.',
      category: 'web',
      keywords: ['page'],
      license: 'MIT',
      home: 'https://a.example',
      sources: ['https://b.example'],
      maintainers: [{ name: 'Someone', email: 'a@b.example' }],
      icon: 'icon.svg',
    },
    schema: { type: 'object', properties: { a: { type: 'integer', default: 1 } } },
    requires: { kubernetes: '>=1.29', capabilities: ['storage', 'cert-manager.io/Certificate'] },
    readme: '# Web',
  });
  expect(app.resources.map(({ file, when }) => [file, when])).toEqual([
    ['app.yaml', undefined],
    ['resources/a/x.yml', undefined],
    ['resources/b.yaml', undefined],
    ['resources/b.yaml', true],
  ]);
  expect(parseMetadata(appHead, 'app.yaml').name).toBe('web');
});

describe('mistakes, all at once, with places and near names', () => {
  test.each<[string, string, string[]]>([
    ['nothing else', '', ['c/web/app.yaml:1:1 `resources` is required']],
    [
      'unknown key',
      'resources: []\nvalue: {}',
      ['c/web/app.yaml:6:1 `value` is not known [did you mean `values`?]'],
    ],
    [
      'duplicate key',
      'resources: []\nresources: []',
      ['c/web/app.yaml:6:1 the key `resources` stands here twice'],
    ],
    [
      'not a manifest',
      'resources: [{kind: X}]',
      [
        'c/web/app.yaml:5:13 `resources[0].apiVersion` is required',
        'c/web/app.yaml:5:13 `resources[0].metadata` is required',
      ],
    ],
    [
      'no name',
      'resources: [{apiVersion: v1, kind: X, metadata: {}}]',
      ['c/web/app.yaml:5:49 `resources[0].metadata.name` is required'],
    ],
    [
      'long form with a mistake',
      `resources: [{whne: true, forEach: {}, resource: ${configMap}}]`,
      [
        'c/web/app.yaml:5:14 `resources[0].whne` is not known [did you mean `when`?]',
        'c/web/app.yaml:5:35 `resources[0].forEach` must have at least 1 names, has 0',
      ],
    ],
    [
      'a variable with a meaning',
      `resources: [{forEach: {name: [1]}, resource: ${configMap}}]`,
      ['c/web/app.yaml:5:24 `resources[0].forEach.name` has a meaning already: choose another name'],
    ],
    [
      'open without anything',
      'resources: []\nopen: [{title: X}]',
      ['c/web/app.yaml:6:8 `open[0].url` is required'],
    ],
    [
      'requirements',
      'resources: []\nrequires: {kubernetes: "new", capabilities: [magic]}',
      [
        'c/web/app.yaml:6:24 `requires.kubernetes` must be a range such as >=1.29, is "new"',
        'c/web/app.yaml:6:46 `requires.capabilities[0]` must match ^(storage|ingress|metrics|loadBalancer|[a-z0-9.-]+/[A-Z][A-Za-z0-9]*)$, is "magic"',
      ],
    ],
    [
      'schema',
      `resources: []
values:
  type: object
  required: [nam]
  properties:
    name: {type: strin, defalt: x}
    a: {type: integer, default: x}
    b: {pattern: "(?=x)", format: hostnam}
    c: {$ref: "https://example.com/schema"}
    d: {$ref: "#/$defs/none"}
    e: {type: string, x-generate: {length: 2}}
    f: {minLength: -1, x-genrate: {}}
    g: {type: object, properties: {h: {type: integer}}, default: {hh: 1}}`,
      [
        'c/web/app.yaml:8:14 `values.required[0]` is not among the properties: nam [did you mean `name`?]',
        'c/web/app.yaml:10:18 `values.properties.name.type` must be one of array, boolean, integer, null, number, object, string, is "strin" [did you mean `string`?]',
        'c/web/app.yaml:10:25 `values.properties.name.defalt` is no keyword of JSON Schema 2020-12 that is supported [did you mean `default`?]',
        'c/web/app.yaml:11:33 `values.properties.a.default` must be an integer, is text "x"',
        'c/web/app.yaml:12:18 `values.properties.b.pattern` error parsing regexp: invalid or unsupported Perl syntax: `(?=` [patterns are in RE2 syntax: no look-around, no back-references]',
        'c/web/app.yaml:12:35 `values.properties.b.format` is not known: hostnam [did you mean `hostname`?]',
        'c/web/app.yaml:13:15 `values.properties.c.$ref` must begin with `#`: only references within the schema are followed',
        'c/web/app.yaml:14:15 `values.properties.d.$ref` leads nowhere: #/$defs/none',
        'c/web/app.yaml:15:35 `values.properties.e.x-generate` length must be from 8 to 1024',
        'c/web/app.yaml:16:20 `values.properties.f.minLength` must be an integer from 0',
        'c/web/app.yaml:16:24 `values.properties.f.x-genrate` is no keyword of JSON Schema 2020-12 that is supported [did you mean `x-generate`?]',
        'c/web/app.yaml:17:67 `values.properties.g.default.hh` is not known [did you mean `h`?]',
      ],
    ],
    [
      'values that are no object',
      'resources: []\nvalues: {type: string}',
      ['c/web/app.yaml:6:16 `values.type` must be object at the top of values'],
    ],
  ])('%s', (_, rest, expected) => {
    expect(told(rest)).toEqual(expected);
  });

  test('metadata', () => {
    const text = appHead
      .replace('name: web', 'name: My_App')
      .replace('1.2.3', 'v1')
      .replace('"9"', '9')
      .replace('home: "https://a.example"', 'homepage: x');
    const expected = [
      'app.yaml:4:3 `metadata.home` is required',
      'app.yaml:4:10 `metadata.name` must match ^[a-z][a-z0-9]*(-[a-z0-9]+)*$, is "My_App"',
      'app.yaml:4:27 `metadata.version` must be a semver version such as 1.4.0, is "v1"',
      'app.yaml:4:43 `metadata.appVersion` must be text, is the number 9 [text is written in quotes]',
      expect.stringMatching(/^app\.yaml:4:\d+ `metadata\.homepage` is not known \[did you mean `home`\?\]$/),
    ];
    expect(problems(() => parseMetadata(text, 'app.yaml'))).toEqual(expected);
    expect(problems(() => parseApp(packageFiles({ 'app.yaml': `${text}resources: []` }), ''))).toEqual(
      expected,
    );
  });

  test('of another kind, without an icon that it names, in further files', () => {
    expect(problems(() => parseApp(packageFiles({ 'app.yaml': 'a: 1' }), ''))).toContain(
      'app.yaml:1:1 `apiVersion` is required',
    );
    expect(problems(() => parseApp(packageFiles({ 'app.yaml': '- 1' }), ''))).toEqual([
      'app.yaml:1:1 the document must be a map, is a list',
    ]);
    expect(
      problems(() =>
        parseApp(
          packageFiles({
            'app.yaml': appHead.replace('title:', 'icon: i.svg, title:').concat('resources: []'),
          }),
          '',
        ),
      ),
    ).toEqual([expect.stringContaining('`metadata.icon` is not in the package: i.svg')]);
    expect(
      told('resources: []', { 'resources/x.yaml': `${configMap}\n---\nkind: X\nmetadata: {name: x}` }),
    ).toEqual(['c/web/resources/x.yaml:3:1 `apiVersion` is required']);
    expect(told('resources: []', { 'resources/x.yaml': 'a: [' })[0]).toContain('c/web/resources/x.yaml:1:');
  });
});
