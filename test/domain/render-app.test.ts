import { describe, expect, test } from 'vitest';
import { parseApp } from '../../src/domain/app-yaml.ts';
import type { AppstoreError } from '../../src/domain/errors.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import { renderApp } from '../../src/domain/render-app.ts';
import type { Rendered } from '../../src/domain/rendered.ts';
import { appFiles, renderRequest } from '../support/app-files.ts';

const schema = `values:
  type: object
  properties:
    replicas: {type: integer, default: 1}
    host: {type: string, default: ""}
    port: {type: integer}
    hosts: {type: array, items: {type: object, properties: {name: {type: string}, paths: {type: array, items: {type: string}}}}}
    env: {type: object, additionalProperties: {type: string}}
    on: {type: boolean, default: false}
    password: {type: string, format: password}
`;

function render(rest: string, values: JsonObject = {}): Rendered {
  return renderApp(
    parseApp(appFiles(schema + rest), 'c/web'),
    renderRequest({ replicas: 1, host: '', on: false, ...values }),
  );
}

function objects(resources: string, values: JsonObject = {}): KubeObject[] {
  return render(`resources:\n${resources}`, values).objects.map(({ object }) => object);
}

function failure(rest: string, values: JsonObject = {}): AppstoreError {
  try {
    render(rest, values);
  } catch (error) {
    return error as AppstoreError;
  }
  throw new Error('it was rendered');
}

const map = (data: string) => `  - apiVersion: v1
    kind: X
    metadata: {name: "\${name}"}
    spec: ${data}
`;

describe('values of strings', () => {
  test.each<[string, string, unknown]>([
    [
      'a whole expression keeps its type',
      '{a: "${values.replicas}", b: "${values.on}", c: "${[1, 2]}", d: "${values.env}"}',
      { a: 1, b: false, c: [1, 2], d: { K: 'v' } },
    ],
    [
      'within text everything is text',
      '{a: "n=${values.replicas}", b: "${values.on}!", c: "${1.5}${true}"}',
      { a: 'n=1', b: 'false!', c: '1.5true' },
    ],
    ['null and nothing omit a key', '{a: "${null}", b: "${values.?port}", c: 1}', { c: 1 }],
    ['null and nothing omit an entry', '["${null}", "${values.?port}", 1]', [1]],
    ['null and nothing within text are nothing', '{a: "x${null}y${values.?port}z"}', { a: 'xyz' }],
    ['null in YAML stays', '{a: null, b: [~]}', { a: null, b: [null] }],
    ['emptied maps and lists stay', '{a: {b: "${null}"}, c: ["${null}"]}', { a: {}, c: [] }],
    ['a literal ${', '{a: "$${HOME} $(X) ${name}"}', { a: '${HOME} $(X) shop' }],
    ['a result is not looked through again', "{a: \"${'$' + '{name}'}\"}", { a: '${name}' }],
    ['a value cannot bring structure', '{a: "${values.host}"}', { a: '"\n  injected: true\n${name}' }],
    ['keys stay as they are', '{"${name}": 1}', { '${name}': 1 }],
    [
      'what expressions see',
      '{a: "${name} ${namespace} ${app.name} ${app.version} ${app.appVersion} ${cluster.version.minor + 1} ${cluster.storageClass} ${cluster.ingressClass}", b: "${cluster.capabilities}"}',
      { a: 'shop prod web 1.2.3 9 37 standard nginx', b: ['ingress', 'storage'] },
    ],
  ])('%s', (_, data, expected) => {
    const [object] = objects(map(data), { env: { K: 'v' }, host: '"\n  injected: true\n${name}' });
    expect(object?.spec).toEqual(expected);
  });
});

describe('when and forEach', () => {
  const entry = (head: string, name: string) =>
    `  - ${head}\n    resource: {apiVersion: v1, kind: X, metadata: {name: ${name}}}\n`;
  const names = (resources: string, values: JsonObject = {}) =>
    objects(resources, values).map(({ metadata }) => metadata.name);

  test.each<[string, string, JsonObject, string[]]>([
    ['true', entry('when: "${values.replicas == 1}"', 'a'), {}, ['a']],
    ['false', entry('when: "${values.on}"', 'a'), {}, []],
    ['a literal', entry('when: false', 'a'), {}, []],
    [
      'false stops forEach and everything inside',
      entry('when: "${values.on}"\n    forEach: {h: "${values.hosts}"}', '"${values.port}"'),
      {},
      [],
    ],
    ['a list', entry("forEach: {h: \"${['x', 'y']}\"}", '"a-${h}"'), {}, ['a-x', 'a-y']],
    ['an empty list', entry('forEach: {h: "${[]}"}', '"a-${h}"'), {}, []],
    ['a list in YAML', entry('forEach: {h: [x, "${name}"]}', '"a-${h}"'), {}, ['a-x', 'a-shop']],
    [
      'objects of values',
      entry('forEach: {h: "${values.hosts}"}', '"a-${h.name}"'),
      { hosts: [{ name: 'x' }, { name: 'y' }] },
      ['a-x', 'a-y'],
    ],
    [
      'a map, by its keys',
      entry('forEach: {e: "${values.env}"}', '"${e.key}-${e.value}"'),
      { env: { b: '2', a: '1' } },
      ['a-1', 'b-2'],
    ],
    [
      'numbers',
      entry('forEach: {i: "${lists.range(values.replicas + 1)}"}', '"a-${i + 1}"'),
      {},
      ['a-1', 'a-2'],
    ],
    [
      'every combination',
      entry('forEach: {a: [x, y], b: ["1", "2"]}', '"${a}${b}"'),
      {},
      ['x1', 'x2', 'y1', 'y2'],
    ],
    ['the order of the file', `${entry('when: true', 'b')}${entry('when: true', 'a')}`, {}, ['b', 'a']],
  ])('%s', (_, resources, values, expected) => {
    expect(names(resources, values)).toEqual(expected);
  });

  test.each<[string, string, string]>([
    [
      'when that is no truth',
      entry('when: "${values.replicas}"', 'a'),
      'c/web/app.yaml:16:11: X/a: `when` must be true or false',
    ],
    ['when that is text', entry('when: "yes ${name}"', 'a'), 'must be true or false'],
    ['forEach of a number', entry('forEach: {h: "${1}"}', 'a'), '`forEach` needs a list or a map'],
    ['forEach of nothing', entry('forEach: {h: "${values.?hosts}"}', 'a'), '`forEach` needs a list or a map'],
    [
      'a name that entries do not have',
      entry('forEach: {h: "${values.hosts}"}', '"${h.nam}"'),
      'there is no `h.nam`',
    ],
    [
      'too many',
      entry('forEach: {a: "${lists.range(300)}", b: "${lists.range(300)}"}', '"x${a}x${b}"'),
      'more than 10000 objects',
    ],
  ])('refused: %s', (_, resources, message) => {
    expect(failure(`resources:\n${resources}`).message).toContain(message);
  });
});

test('a Secret says data, a CRD its phase, every object its place', () => {
  const { objects: all } = render(`resources:
  - apiVersion: v1
    kind: Secret
    metadata: {name: a}
    stringData: {k: "\${values.?password.orValue('x')}"}
  - apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: as.example.com}
`);
  expect(all.map(({ source, phase }) => [source, phase.kind])).toEqual([
    [{ file: 'app.yaml', line: 16, column: 5 }, 'normal'],
    [{ file: 'app.yaml', line: 20, column: 5 }, 'crd'],
  ]);
  expect(all[0]?.object).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'a' },
    data: { k: 'eA==' },
  });
});

describe('outputs, open and notes', () => {
  const rest = `resources: []
outputs: {host: "\${name}.\${namespace}.svc", replicas: "\${values.replicas}", none: "\${null}", fixed: 5}
open:
  - {title: Web, url: "https://\${values.host}", when: "\${values.host != ''}"}
  - {title: Local, service: {name: "\${name}", port: 80}, url: "\${null}"}
  - {title: Named, service: {name: "\${name}", port: http, path: /x, scheme: https}, when: true}
notes: |
  \${name}: \${values.on ? 'on' : 'off'}
  $\${HOME}
`;

  test('as they come', () => {
    expect(render(rest)).toEqual({
      objects: [],
      outputs: [
        { name: 'host', value: 'shop.prod.svc' },
        { name: 'replicas', value: '1' },
        { name: 'fixed', value: '5' },
      ],
      open: [
        { title: 'Local', service: { name: 'shop', port: 80, path: '/', scheme: 'http' } },
        { title: 'Named', service: { name: 'shop', port: 'http', path: '/x', scheme: 'https' } },
      ],
      notes: 'shop: off\n${HOME}\n',
      problems: [],
    });
    expect(render(rest, { host: 'a.b' }).open[0]).toEqual({ title: 'Web', url: 'https://a.b' });
  });

  test.each<[string, string, string]>([
    ['outputs', 'outputs: {a: "${values.hst}"}', 'c/web/app.yaml:16:24: outputs.a: there is no `values.hst`'],
    ['open', 'open: [{title: T, url: "${values.hst}"}]', 'open[0].url: there is no `values.hst`'],
    [
      'notes',
      'notes: |\n  one\n  two ${values.hst}',
      'c/web/app.yaml:18:16: notes: there is no `values.hst`',
    ],
    ['a list as output', 'outputs: {a: "${[1]}"}', 'a list or map cannot stand inside of text'],
  ])('a mistake in %s', (_, more, message) => {
    expect(failure(`resources: []\n${more}`).message).toContain(message);
  });
});

describe('errors name file, line, column, object, field and expression', () => {
  test('every expression that can never work, at once', () => {
    const error = failure(`resources:
${map('{a: "${values.replcas}", b: ["x", "y ${nme}"]}')}
outputs: {c: "\${"}`);
    expect(error.code).toBe('EXPRESSION_FAILED');
    expect(error.message).toBe(
      'c/web/app.yaml:19:25: X/${name} spec.a: there is no `values.replcas` in ${values.replcas} (and 2 more)',
    );
    expect(error.hint).toBe('Did you mean `replicas`?');
    expect(error.place).toMatchObject({ line: 19, column: 25, field: 'resources[0].spec.a' });
    expect(error.problems.map(({ at }) => at)).toEqual([
      'c/web/app.yaml:19:25',
      'c/web/app.yaml:19:50',
      'c/web/app.yaml:21:15',
    ]);
  });

  test('one that fails with these values', () => {
    const error = failure(`resources:\n${map('{a: {b: "${values.port + 1}"}}')}`);
    expect(error.message).toBe(
      'c/web/app.yaml:19:29: X/shop spec.a.b: no such key: port in ${values.port + 1}',
    );
    expect(error.hint).toContain('values.?name');
  });

  test('a secret is never told', () => {
    for (const expression of [
      '{"a": 1}[values.password]',
      'quantity(values.password)',
      'bool(values.password)',
      'int(values.password)',
      'values.password.matches(values.password)',
    ])
      expect(
        JSON.stringify(failure(`resources:\n${map(`{a: '\${${expression}}'}`)}`, { password: 'hun(ter2' })),
      ).not.toContain('hun(ter2');
  });

  test('a bomb', () => {
    const error = failure(
      `resources:\n${map('{a: "${lists.range(9000).map(a, lists.range(9000).map(b, a * b))}"}')}`,
    );
    expect([error.code, error.message]).toEqual([
      'RENDER_LIMIT',
      expect.stringContaining('c/web/app.yaml:19:18: X/shop spec.a: more than 2000000 steps'),
    ]);
  });

  test('many results that are each allowed', () => {
    const error = failure(`resources:
  - forEach: {i: "\${lists.range(40)}"}
    resource: {apiVersion: v1, kind: X, metadata: {name: "x\${i}"}, spec: {a: "\${lists.range(10000).map(x, '${'y'.repeat(100)}').join('')}"}}`);
    expect(error.code).toBe('RENDER_LIMIT');
  });
});

describe('objects that Kubernetes cannot take', () => {
  const named = (kind: string, metadata: string, rest = '') =>
    `  - {apiVersion: v1, kind: ${kind}, metadata: ${metadata}${rest}}\n`;

  test.each<[string, string, string]>([
    [
      'the same twice',
      named('X', '{name: a}') + named('X', '{name: a}'),
      'c/web/app.yaml:17:5: X/a: stands twice, first at app.yaml:16',
    ],
    [
      'the same twice, once with the namespace',
      named('X', '{name: a}') + named('X', '{name: a, namespace: "${namespace}"}'),
      'stands twice',
    ],
    ['a bad name', named('X', '{name: A_b}'), 'X/A_b: its name may hold only'],
    [
      'a name that became empty',
      named('X', '{name: "${values.host}"}'),
      '`metadata.name` must be text that is not empty',
    ],
    ['a kind that is no text', named('"${1}"', '{name: a}'), '`kind` must be text'],
    ['a number as label', named('X', '{name: a, labels: {v: 1}}'), 'X/a: `metadata.labels.v` must be text'],
    [
      'a boolean as annotation',
      named('X', '{name: a, annotations: {v: "${true}"}}'),
      '`metadata.annotations.v` must be text',
    ],
    [
      'a number in a ConfigMap',
      named('ConfigMap', '{name: a}', ', data: {port: 80}'),
      'ConfigMap/a: `data.port` must be text',
    ],
    [
      'a label that is too long',
      named('X', '{name: a, labels: {v: "${lists.range(64).map(x, \'a\').join()}"}}'),
      'the value has 64 characters',
    ],
  ])('%s', (_, resources, message) => {
    const error = failure(`resources:\n${resources}`);
    expect([error.code, error.message]).toEqual(['OBJECT_INVALID', expect.stringContaining(message)]);
  });

  test('other namespaces and groups are other objects', () => {
    const other = `${named('X', '{name: a}')}${named('X', '{name: a, namespace: other}')}  - {apiVersion: x/v1, kind: X, metadata: {name: a}}\n`;
    expect(objects(other)).toHaveLength(3);
  });
});

test('what is rendered is plain JSON, the same each time', () => {
  const rest = `resources:\n${map('{a: "${values.env}", b: "${values.hosts}", c: "${1u}", d: "${quantity(\'1024Mi\')}", e: "${json.unmarshal(\'{\\"__proto__\\": {\\"polluted\\": 1}}\')}"}')}`;
  const values = { env: { constructor: 'c', A: 'x' }, hosts: [{ name: 'n', paths: ['/'] }] };
  const first = render(rest, values);
  expect(JSON.parse(JSON.stringify(first))).toEqual(first);
  expect(JSON.stringify(render(rest, values))).toBe(JSON.stringify(first));
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
