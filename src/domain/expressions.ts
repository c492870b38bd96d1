import { TypeError as CelTypeError, Environment, EvaluationError, ParseError } from '@marcbachmann/cel-js';
import type { JsonSchema } from './app.ts';
import { celFunctions, celNamespaces, namespaceType, ownName, replacedMethods } from './cel-functions.ts';
import { countSteps } from './cel-limits.ts';
import { type CelShapes, findUnknownName, shapeOf } from './cel-names.ts';
import { CelQuantity } from './cel-quantity.ts';
import { type CelNode, everyNode } from './cel-tree.ts';
import { nearest } from './near.ts';
import { LimitReached, type RenderBudget, renderLimits } from './render-budget.ts';
import { eachName } from './template-string.ts';

/** Why an expression cannot be used. `at` is an offset in its source. The message never holds a value. */
export class ExpressionError extends Error {
  readonly at: number;
  readonly hint: string | undefined;
  /** A limit was passed, as opposed to a mistake. */
  readonly limit: boolean;

  constructor(message: string, at: number, more: { hint?: string | undefined; limit?: boolean } = {}) {
    super(message);
    this.name = 'ExpressionError';
    this.at = at;
    this.hint = more.hint;
    this.limit = more.limit ?? false;
  }
}

/** A checked expression. */
export interface Expression {
  /** What the result looks like, where it is known. */
  readonly shape: JsonSchema | undefined;
  /** @throws ExpressionError */
  evaluate(variables: Readonly<Record<string, unknown>>): unknown;
}

/**
 * `namespace` is a reserved word of CEL. Kubernetes escapes such names as `__namespace__` in its own CEL; authors write it as it
 * is, and it is escaped here.
 */
const escapedNames: ReadonlyMap<string, string> = new Map([['namespace', '__namespace__']]);

/** Functions and methods that expressions may call; the library's others are not offered (docs/packages.md lists these). */
const offered: ReadonlySet<string> = new Set(
  (
    'all bind bool bytes contains double dyn endsWith exists exists_one filter has hasValue int map none of or orValue size ' +
    'startsWith string type uint value'
  ).split(' '),
);

/** Checks and evaluates expressions of one package. Keeps what it parsed: the same expression stands in many places. */
export class Expressions {
  private readonly schema: JsonSchema;
  private readonly budget: RenderBudget;
  private readonly base: Environment;
  private readonly names: ReadonlySet<string>;
  private readonly environments = new Map<string, Environment>();
  private readonly parsed = new WeakMap<CelShapes, Map<string, Expression | ExpressionError>>();

  /** `schema` is where local references in shapes lead to. */
  constructor(schema: JsonSchema, budget: RenderBudget) {
    this.schema = schema;
    this.budget = budget;
    const functions = celFunctions(budget);
    this.base = baseEnvironment(functions);
    this.names = new Set([...offered, ...functions.map(({ signature }) => methodName(signature))]);
  }

  /**
   * Parses an expression and checks its names and, as far as they are known, its types.
   *
   * @throws ExpressionError
   */
  compile(source: string, variables: CelShapes): Expression {
    const parsed = this.parsed.get(variables) ?? new Map<string, Expression | ExpressionError>();
    this.parsed.set(variables, parsed);
    const result = parsed.get(source) ?? this.tryCompile(source, variables);
    parsed.set(source, result);
    if (result instanceof ExpressionError) throw result;
    return result;
  }

  /** What the result of an expression looks like; undefined where nobody can tell, or it cannot be parsed. */
  shapeOf(source: string, variables: CelShapes): JsonSchema | undefined {
    const compiled = this.tryCompile(source, variables);
    return compiled instanceof ExpressionError ? undefined : compiled.shape;
  }

  private tryCompile(source: string, variables: CelShapes): Expression | ExpressionError {
    try {
      return this.build(source, variables);
    } catch (error) {
      return asExpressionError(error, (at) => at, [...variables.keys()]);
    }
  }

  private build(source: string, variables: CelShapes): Expression {
    if (source.length > renderLimits.expression)
      throw new ExpressionError(`the expression is longer than ${renderLimits.expression} characters`, 0, {
        limit: true,
      });
    const { text, original } = escapeNames(source);
    try {
      const environment = this.environment(variables);
      const parsed = environment.parse(text);
      const root = parsed.ast as unknown as CelNode;
      this.prepare(root);
      const unknown = findUnknownName(this.schema, root, escapedShapes(variables));
      if (unknown !== undefined) throw new ExpressionError(unknown.message, original(unknown.at), unknown);
      const checked = parsed.check();
      if (!checked.valid) throw checked.error ?? new Error('the expression is not valid');
      const shape = shapeOf(this.schema, root, escapedShapes(variables));
      countSteps(root, this.budget);
      return { shape, evaluate: (values) => this.run(parsed, values, original) };
    } catch (error) {
      throw asExpressionError(error, original, [...variables.keys()]);
    }
  }

  private run(
    parsed: (context: Record<string, unknown>) => unknown,
    values: Readonly<Record<string, unknown>>,
    original: (at: number) => number,
  ): unknown {
    const context: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(values)) context[escapedNames.get(name) ?? name] = value;
    try {
      const result = parsed(context);
      // `||`, `exists` and the like go on after an error of one side: a limit is never swallowed.
      this.budget.step(0);
      return result;
    } catch (error) {
      if (this.budget.spent && !(error instanceof LimitReached)) this.budget.step(0);
      throw asExpressionError(error, original, Object.keys(values));
    }
  }

  private environment(variables: CelShapes): Environment {
    const key = [...variables.keys()].join(' ');
    const known = this.environments.get(key);
    if (known !== undefined) return known;
    const made = this.base.clone();
    for (const name of variables.keys()) made.registerVariable(escapedNames.get(name) ?? name, 'dyn');
    this.environments.set(key, made);
    return made;
  }

  /** Renames calls to our own functions, refuses what is not offered, and loosens types that Kubernetes manifests mix. */
  private prepare(root: CelNode): void {
    for (const node of everyNode(root)) {
      if (node.op === 'call' || node.op === 'rcall') this.prepareCall(node);
      if (node.op === '?:') loosen(node, 'incompatible_ternary_branches');
      if (node.op === 'map') refuseLostKeys(node);
      if (node.op === 'list' || node.op === 'map') asDynamic(node);
    }
  }

  private prepareCall(node: CelNode): void {
    const args = node.args as [string, ...unknown[]];
    const [name] = args;
    if (!this.names.has(name)) {
      const near = nearest(name, [...this.names], 1)[0];
      const hint = near === undefined ? 'docs/packages.md lists the functions' : `did you mean \`${near}\`?`;
      throw new CelTypeError({
        message: `there is no function \`${name}\``,
        node: node as never,
        cause: { hint },
      });
    }
    if (node.op === 'rcall' && replacedMethods.has(name)) node.args = [ownName(name), ...args.slice(1)];
  }
}

function baseEnvironment(functions: ReturnType<typeof celFunctions>): Environment {
  const environment = new Environment({
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: { maxAstNodes: 5_000, maxDepth: 100 },
  });
  environment.registerType('Quantity', CelQuantity);
  environment.registerOperator(
    'Quantity == Quantity',
    (a: CelQuantity, b: CelQuantity) => a.quantity.nano === b.quantity.nano,
  );
  for (const name of celNamespaces) {
    const type = class {};
    environment.registerType(namespaceType(name), type);
    environment.registerConstant(name, namespaceType(name), new type());
  }
  for (const { signature, run } of functions) environment.registerFunction(signature, run);
  return environment;
}

function methodName(signature: string): string {
  const name = /([A-Za-z0-9_]+)\(/.exec(signature)?.[1] ?? signature;
  return name.replace(/^own_/, '');
}

/** Branches of different types give a dynamic result instead of an error: `cond ? 'x' : null` is how a key is left out. */
function loosen(node: CelNode, code: string): void {
  const { check } = node.meta;
  node.setMeta('check', (checker: { dynType: unknown }, own: CelNode, context: unknown) => {
    try {
      return check(checker, own, context);
    } catch (error) {
      if (error instanceof CelTypeError && error.code === code) return checker.dynType;
      throw error;
    }
  });
}

/** Lists and maps of manifests mix types (`[{name: 'a', value: 'b'}, {name: 'c', valueFrom: {...}}]`), so literals are dynamic. */
function asDynamic(node: CelNode): void {
  const { check } = node.meta;
  const type = node.op === 'list' ? 'list<dyn>' : 'map<dyn, dyn>';
  node.setMeta('check', (checker: { getType(name: string): unknown }, own: CelNode, context: unknown) => {
    check(checker, own, context);
    return checker.getType(type);
  });
}

/** The library leaves these keys of a literal out without a word. */
const lostKeys: ReadonlySet<unknown> = new Set(['__proto__', 'constructor', 'prototype']);

function refuseLostKeys(node: CelNode): void {
  for (const [key] of node.args as [CelNode, CelNode][])
    if (key.op === 'value' && lostKeys.has(key.args))
      throw new CelTypeError({
        message: `\`${String(key.args)}\` cannot be a key in an expression`,
        node: key as never,
      });
}

function escapedShapes(variables: CelShapes): CelShapes {
  return new Map([...variables].map(([name, shape]) => [escapedNames.get(name) ?? name, shape]));
}

function escapeNames(source: string): { text: string; original: (at: number) => number } {
  const moves: { readonly at: number; readonly by: number }[] = [];
  let text = '';
  let done = 0;
  eachName(source, (name, at) => {
    const escaped = escapedNames.get(name);
    if (escaped === undefined) return;
    text += source.slice(done, at) + escaped;
    done = at + name.length;
    moves.push({ at: text.length, by: text.length - done });
  });
  text += source.slice(done);
  const original = (at: number) => Math.max(0, at - (moves.findLast((move) => move.at <= at)?.by ?? 0));
  return { text, original };
}

type CelError = EvaluationError | ParseError | CelTypeError;

function asExpressionError(
  error: unknown,
  original: (at: number) => number,
  variables: readonly string[],
): ExpressionError {
  if (error instanceof ExpressionError) return error;
  if (error instanceof LimitReached) return new ExpressionError(error.message, 0, { limit: true });
  if (error instanceof RangeError)
    return new ExpressionError('the expression is nested too deeply', 0, { limit: true });
  if (!isCelError(error)) return new ExpressionError(error instanceof Error ? error.message : 'it failed', 0);
  const at = original(error.range?.start ?? 0);
  if (error.cause instanceof LimitReached)
    return new ExpressionError(error.cause.message, at, { limit: true });
  return new ExpressionError(plainWords(error), at, {
    hint: hintFor(error, variables),
    limit: error.summary.startsWith('Exceeded max'),
  });
}

function isCelError(error: unknown): error is CelError {
  return error instanceof EvaluationError || error instanceof ParseError || error instanceof CelTypeError;
}

/** The library's words, without the names that only we know of, and beginning as ours do. */
function plainWords(error: CelError): string {
  const words = error.summary
    .replace(/\bown_(\w+)/g, '$1')
    .replace(/\bdyn<(\w+)>/g, '$1')
    .replaceAll('__namespace__', 'namespace')
    .replace(/\bNamespace([a-z]\w*)/g, '$1');
  return words.charAt(0).toLowerCase() + words.slice(1);
}

function hintFor(error: CelError, variables: readonly string[]): string | undefined {
  const given = (error.cause as { hint?: string } | undefined)?.hint;
  if (given !== undefined) return given;
  if (error.code === 'no_such_key')
    return 'a value without default may be absent: write `values.?name` or `has(values.name)`';
  const unknown = /^Unknown variable: (\w+)$/.exec(error.summary)?.[1];
  if (unknown === undefined) return undefined;
  const near = nearest(unknown, variables, 1)[0];
  return near === undefined ? `there is ${variables.join(', ')}` : `did you mean \`${near}\`?`;
}
