import { describe, expect, test } from 'vitest';
import type { JsonSchema } from '../../src/domain/app.ts';
import { fromCel, toCel } from '../../src/domain/cel-values.ts';
import { ExpressionError, Expressions } from '../../src/domain/expressions.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { RenderBudget, renderLimits } from '../../src/domain/render-budget.ts';

const schema: JsonSchema = {
  type: 'object',
  properties: {
    replicas: { type: 'integer' },
    ratio: { type: 'number' },
    text: { type: 'string' },
    on: { type: 'boolean' },
    absent: { type: 'string' },
    ingress: { $ref: '#/$defs/ingress' },
    ports: {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' }, port: { type: 'integer' } } },
    },
    hosts: { type: 'array', items: { type: 'string' } },
    env: { type: 'object', additionalProperties: { type: 'string' } },
    free: { type: 'object' },
    memory: { type: 'string', format: 'quantity' },
  },
  $defs: {
    ingress: { type: 'object', properties: { host: { type: 'string' }, className: { type: 'string' } } },
  },
};

const values: JsonObject = {
  replicas: 3,
  ratio: 2,
  text: 'Straße 😀',
  on: true,
  ingress: { host: 'a.example.com' },
  ports: [
    { name: 'web', port: 80 },
    { name: 'tls', port: 443 },
  ],
  hosts: ['b', 'a', 'b'],
  env: { B: '2', A: '1' },
  free: { n: 1, d: 1.5, list: [1, 'x'], constructor: 'c' },
  memory: '2Gi',
};

const shapes = new Map<string, JsonSchema | undefined>([
  ['name', { type: 'string' }],
  ['namespace', { type: 'string' }],
  ['values', schema],
  [
    'cluster',
    { type: 'object', properties: { ingressClass: { type: 'string' }, capabilities: { type: 'array' } } },
  ],
]);

const context = {
  name: 'web',
  namespace: 'prod',
  values: toCel(schema, schema, values),
  cluster: { ingressClass: '', capabilities: ['metrics'] },
};

function evaluate(source: string): Json | undefined {
  const budget = new RenderBudget();
  return fromCel(new Expressions(schema, budget).compile(source, shapes).evaluate(context), budget);
}

function failure(source: string): ExpressionError {
  try {
    evaluate(source);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new Error(`${source} gave a result`);
}

describe('what expressions give', () => {
  test.each<[string, Json | undefined]>([
    // Names, and the reserved word that is one.
    ['name + "." + namespace', 'web.prod'],
    ['{"namespace": namespace}.namespace', 'prod'],
    ["'namespace' + namespace // namespace", 'namespaceprod'],
    ['values.ingress.host', 'a.example.com'],
    ['values["replicas"]', 3],
    // Integers stay integers, numbers stay numbers (both would fail on parsed JSON).
    ['values.replicas + 1', 4],
    ['values.replicas / 2', 1],
    ['values.replicas % 2', 1],
    ['-values.replicas', -3],
    ['values.ratio * 1.5', 3],
    ['double(values.replicas) * 0.5', 1.5],
    ['int(2.9)', 2],
    ['values.replicas > 2.5', true],
    ['values.free.n + 1', 2],
    ['values.free.constructor', 'c'],
    ['values.free', { n: 1, d: 1.5, list: [1, 'x'], constructor: 'c' }],
    ['values.env == {"A": "1", "B": "2"}', true],
    ['optional.ofNonZeroValue({}).orValue({"a": 1})', { a: 1 }],
    ['values.free.d + 1.0', 2.5],
    ['9007199254740991', 9007199254740991],
    ['0x1F', 31],
    ['7u', 7],
    // Logic.
    ['values.on && values.replicas > 1 ? "a" : "b"', 'a'],
    ['!values.on || false', false],
    ['true || values.free.missing == 1', true],
    ['values.free.missing == 1 || true', true],
    // Null and optionals.
    ['values.on ? null : "x"', null],
    ['values.?absent', undefined],
    ['values.?absent.orValue("d")', 'd'],
    ['values.?ingress.?className.orValue("d")', 'd'],
    ['values.?ingress.host', 'a.example.com'],
    ['has(values.absent)', false],
    ['has(values.ingress.host)', true],
    ['values.hosts[?9].orValue("none")', 'none'],
    ['optional.ofNonZeroValue("").orValue("d")', 'd'],
    ['optional.of(1).or(optional.of(2)).value()', 1],
    ['optional.none().hasValue()', false],
    ['{"a": values.?absent, "b": 1}', { b: 1 }],
    ['[values.?absent, "b"]', ['b']],
    // Branches and literals may mix types, as manifests do.
    ['values.on ? "x" : 1', 'x'],
    ['values.on ? [{"a": 1}] : [{"b": "x"}]', [{ a: 1 }]],
    [
      '[{"name": "a", "value": "b"}] + [{"name": "c", "valueFrom": {"x": [1, "y"]}}]',
      [
        { name: 'a', value: 'b' },
        { name: 'c', valueFrom: { x: [1, 'y'] } },
      ],
    ],
    // Lists and maps.
    ['values.ports.map(p, p.name)', ['web', 'tls']],
    ['values.ports.filter(p, p.port > 100).map(p, p.name)', ['tls']],
    ['values.ports.exists(p, p.port == 80) && !values.ports.all(p, p.port == 80)', true],
    ['values.ports.exists_one(p, p.port == 80)', true],
    [
      'values.env.map(k, {"name": k, "value": values.env[k]})',
      [
        { name: 'B', value: '2' },
        { name: 'A', value: '1' },
      ],
    ],
    ['size(values.hosts) + values.env.size()', 5],
    ['"b" in values.hosts && "A" in values.env && "metrics" in cluster.capabilities', true],
    ['values.hosts.distinct().sort()', ['a', 'b']],
    ['[1, 1.0, "1", [1], [1]].distinct().size()', 3],
    ['lists.range(3).reverse()', [2, 1, 0]],
    ['[[1], [2, 3], 4].flatten()', [1, 2, 3, 4]],
    ['[1, 2, 3, 4].slice(1, 3)', [2, 3]],
    ['values.hosts.first().orValue("") + values.hosts.last().orValue("")', 'bb'],
    ['[].first().orValue("empty")', 'empty'],
    ['[3, 1, 2].sum() + [3, 1].min() + [3, 1].max()', 10],
    ['values.env.merge({"A": "x"})', { B: '2', A: 'x' }],
    ['cel.bind(p, values.ports[0], p.name + string(p.port))', 'web80'],
    ['[1] == [1.0]', true],
    ['{"a": [1]} == {"a": [1]}', true],
    // Text; characters are code points.
    ['size(values.text)', 8],
    ['values.text.substring(7) + values.text.substring(0, 2)', '😀St'],
    ['values.text.charAt(7)', '😀'],
    ['values.text.indexOf("😀")', 7],
    ['"abcabc".indexOf("b", 2)', 4],
    ['"abcabc".lastIndexOf("b")', 4],
    ['"abcabc".lastIndexOf("b", 3)', 1],
    ['"%e %.0e %s".format([1234.5, 12, null])', '1.234500e+03 1e+01 null'],
    ['int(7u) + 1', 8],
    ['"ÄbC".lowerAscii() + "äBc".upperAscii()', 'ÄbcäBC'],
    ['"a,b,c".split(",").join("-")', 'a-b-c'],
    ['"a,b,c".split(",", 2)', ['a', 'b,c']],
    ['"aXbX".replace("X", "$&")', 'a$&b$&'],
    ['"aXbX".replace("X", "y", 1)', 'aybX'],
    ['"  a ".trim() + "ab".reverse()', 'aba'],
    ['"a\\"b".quote()', '"a\\"b"'],
    ['strings.quote("a")', '"a"'],
    ['"%s=%d %.2f %x %%".format(["a", 3, 1.5, 255])', 'a=3 1.50 ff %'],
    ['"abc".startsWith("a") && "abc".endsWith("c") && "abc".contains("b")', true],
    ['"web-1".matches("^[a-z]+-[0-9]$")', true],
    ['matches("web", "^w")', true],
    ['string(1) + string(1.5) + string(true) + string(b"x")', '11.5truex'],
    ["r'\\d' + '''it's'''", "\\dit's"],
    // Mathematics.
    ['math.greatest(1, 3, 2) + math.least([4, 2])', 5],
    [
      '[math.ceil(1.2), math.floor(1.8), math.round(-2.5), math.trunc(-1.5), math.abs(-1.5)]',
      [2, 1, -3, -1, 1.5],
    ],
    ['math.abs(-3)', 3],
    // Encodings.
    ['base64.encode("hi") + base64.encode(b"hi")', 'aGk=aGk='],
    ['string(base64.decode("aGk="))', 'hi'],
    ['sha256("") == sha256(b"")', true],
    ['sha256("abc")', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['json.marshal({"b": [1, null], "a": values.env})', '{"a":{"A":"1","B":"2"},"b":[1,null]}'],
    ['json.unmarshal("{\\"a\\": [1, 2.5]}").a[0] + 1', 2],
    // Quantities, as Kubernetes' own CEL library has them.
    ['quantity(values.memory).asInteger() / 4', 536870912],
    ['quantity("1Gi").isLessThan(quantity("2Gi")) && quantity("2Gi").isGreaterThan(quantity("1Gi"))', true],
    ['quantity("1Gi").compareTo(quantity("1024Mi"))', 0],
    ['quantity("1Gi") == quantity("1024Mi")', true],
    ['string(quantity("1Gi").add(quantity("512Mi")).sub(1073741824))', '512Mi'],
    ['quantity("1500m").isInteger() || isQuantity("8 Gi")', false],
    ['quantity("250m").asApproximateFloat()', 0.25],
    ['quantity("-1").sign()', -1],
    ['quantity("1024Mi")', '1Gi'],
  ])('%s', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });
});

describe('mistakes are told before anything is evaluated', () => {
  test.each<[string, string, number, string]>([
    ['values.replcas', 'there is no `values.replcas`', 7, 'did you mean `replicas`?'],
    ['true || values.replcas == 1', 'there is no `values.replcas`', 15, 'did you mean `replicas`?'],
    ['values.ingress.hots', 'there is no `values.ingress.hots`', 15, 'did you mean `host`?'],
    ['values.?ingress.?hots', 'there is no `values.ingress.hots`', 17, 'did you mean `host`?'],
    ['values["replcas"]', 'there is no `values.replcas`', 0, 'did you mean `replicas`?'],
    ['has(values.absnt)', 'there is no `values.absnt`', 11, 'did you mean `absent`?'],
    ['values.ports.map(p, p.prt)', 'there is no `p.prt`', 22, 'did you mean `port`?'],
    ['values.ports[0].prt', 'there is no `values.ports[0].prt`', 16, 'did you mean `port`?'],
    ['cel.bind(i, values.ingress, i.hst)', 'there is no `i.hst`', 30, 'did you mean `host`?'],
    ['cluster.ingressClas', 'there is no `cluster.ingressClas`', 8, 'did you mean `ingressClass`?'],
    ['nam', 'unknown variable: nam', 0, 'did you mean `name`?'],
    ['namespace + nam', 'unknown variable: nam', 12, 'did you mean `name`?'],
    ['"a".trimm()', 'there is no function `trimm`', 0, 'did you mean `trim`?'],
    ['now()', 'there is no function `now`', 0, 'docs/packages.md lists the functions'],
    [
      'timestamp("2026-01-01T00:00:00Z")',
      'there is no function `timestamp`',
      0,
      'docs/packages.md lists the functions',
    ],
  ])('%s', (source, message, at, hint) => {
    const compile = () => new Expressions(schema, new RenderBudget()).compile(source, shapes);
    expect(compile).toThrow(message);
    const error = failure(source);
    expect([error.message, error.at, error.hint]).toEqual([message, at, hint]);
  });

  test('an open map may have any name', () => {
    expect(evaluate('has(values.env.anything) || has(values.free.anything)')).toBe(false);
  });
});

describe('failures', () => {
  test.each<[string, RegExp]>([
    ['1 +', /unexpected token/],
    ['"a" + 1', /no such overload: string \+ int/],
    ['values.replicas + 1.5', /no such overload: int \+ double/],
    ['values.absent', /no such key: absent/],
    ['values.hosts[5]', /index out of bounds/],
    ['1 / 0', /division by zero/],
    ['9223372036854775807 + 1', /integer overflow/],
    ['9007199254740993', /beyond 2\^53/],
    ['values.hosts.sum()', /sum needs a list of int/],
    ['[1, "a"].sort()', /can be put in order/],
    ['[1].join(",")', /join needs a list of texts/],
    ['"abc".substring(4)', /index 4 is outside/],
    ['"a".matches("(")', /not a regular expression/],
    ['"%d".format(["x"])', /%d needs an int/],
    ['"%s %s".format(["x"])', /has no argument/],
    ['base64.decode("?")', /not base64/],
    ['json.unmarshal("{")', /not JSON/],
    ['quantity("8GB")', /not a quantity/],
    ['quantity("1500m").asInteger()', /not a whole number/],
    ['b"x"', /bytes: use base64/],
    ['1.0 / 0.0', /not a finite number/],
    ['type(1)', /neither text, number/],
    ['values.free.constructor.constructor', /no such key: constructor/],
    ['{"constructor": 1}', /`constructor` cannot be a key/],
    ['name.__proto__', /no such key/],
    ['lists.range(-1)', /count from 0/],
  ])('%s', (source, message) => {
    try {
      evaluate(source);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).toMatch(message);
    }
  });
});

describe('limits', () => {
  const doubled = (first: string, operator: string) => {
    const binds = Array.from(
      { length: 40 },
      (_, level) =>
        `cel.bind(b${level}, ${level === 0 ? first : `b${level - 1} ${operator} b${level - 1}`}, `,
    );
    return `${binds.join('')}b39${')'.repeat(40)}`;
  };

  test.each<[string, string]>([
    [
      'nested loops',
      'lists.range(1000).map(a, lists.range(1000).map(b, lists.range(1000).map(c, a * b * c)))',
    ],
    [
      'nested loops whose errors are swallowed',
      'lists.range(1000).exists(a, lists.range(1000).exists(b, lists.range(1000).exists(c, false)))',
    ],
    [
      'loops behind an or',
      'lists.range(1000).map(a, lists.range(1000).map(b, lists.range(1000).map(c, 1)) == [] || true)',
    ],
    ['text doubled forty times', doubled('"xxxxxxxxxxxxxxxx"', '+')],
    ['lists doubled forty times', doubled('[1, 2, 3, 4]', '+')],
    ['a list that holds itself often', 'cel.bind(a, lists.range(90000), json.marshal(a.map(x, a)))'],
    ['deep comparisons', 'cel.bind(a, lists.range(90000), a.all(x, a.map(y, y) == a))'],
    ['a long list', 'lists.range(1000000)'],
    [
      'a long replacement',
      `lists.range(50000).map(x, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").join("").replace("a", "${'b'.repeat(1000)}")`,
    ],
    ['a long join', `lists.range(90000).map(x, "${'b'.repeat(1000)}").join("")`],
    ['deep nesting', `${'('.repeat(400)}1${')'.repeat(400)}`],
    ['many nodes', `1${'+1'.repeat(4900)}`],
    ['a long expression', `"${'a'.repeat(renderLimits.expression)}"`],
  ])('%s', (_, source) => {
    const budget = new RenderBudget();
    expect(() =>
      fromCel(new Expressions(schema, budget).compile(source, shapes).evaluate(context), budget),
    ).toThrow(expect.objectContaining({ limit: true }));
  });

  test('a regular expression that backtracking engines hang on', () => {
    expect(evaluate(`"${'a'.repeat(5000)}!".matches("^(a+)+$")`)).toBe(false);
  });

  test('a spent budget stays spent', () => {
    const budget = new RenderBudget();
    const expressions = new Expressions(schema, budget);
    const bomb = expressions.compile('lists.range(90000).map(a, lists.range(90000).size()).size()', shapes);
    expect(() => bomb.evaluate(context)).toThrow(expect.objectContaining({ limit: true }));
    expect(() => expressions.compile('name', shapes).evaluate(context)).toThrow(
      expect.objectContaining({ limit: true }),
    );
  });
});

test('the same expression gives the same in one engine and in another', () => {
  const source = 'json.marshal(values.env.map(k, values.env[k])) + sha256(json.marshal(values.free))';
  expect(evaluate(source)).toBe(evaluate(source));
});
