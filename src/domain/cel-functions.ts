import { createHash } from 'node:crypto';
import { Optional } from '@marcbachmann/cel-js';
import { formatText } from './cel-format.ts';
import { CelQuantity } from './cel-quantity.ts';
import { celEntries, fromCel, toCel } from './cel-values.ts';
import type { Json } from './json.ts';
import { compilePattern } from './linear-pattern.ts';
import {
  addQuantities,
  approximate,
  formatQuantity,
  isWhole,
  negate,
  parseQuantity,
  quantityOf,
  units,
} from './quantity.ts';
import type { RenderBudget } from './render-budget.ts';
import { stableJson } from './stable-json.ts';

/** One function of expressions: how the library is told of it, and what it does. */
export interface CelFunction {
  /** In the library's notation: `Receiver.name(types): type`. */
  readonly signature: string;
  // biome-ignore lint/suspicious/noExplicitAny: the library checks arguments against the signature before it calls
  readonly run: (...args: any[]) => unknown;
}

/** Namespaces such as `base64` in `base64.encode(...)`: the library knows methods of values only, so each is a value. */
export const celNamespaces = ['base64', 'json', 'lists', 'math', 'strings'] as const;

/** Name of the library's type for a namespace. */
export function namespaceType(name: string): string {
  return `Namespace${name}`;
}

/**
 * Methods that the library has too, but not as CEL says: backtracking expressions, UTF-16 units instead of characters, all
 * letters instead of ASCII, or without a bound on the result. Calls are renamed to ours.
 */
export const replacedMethods: ReadonlySet<string> = new Set([
  'indexOf',
  'join',
  'lastIndexOf',
  'lowerAscii',
  'matches',
  'split',
  'substring',
  'trim',
  'upperAscii',
]);

/** The name under which ours is registered. */
export function ownName(method: string): string {
  return `own_${method}`;
}

/** Everything beyond the library's own functions. Pure: nothing random, no time, no environment. */
export function celFunctions(budget: RenderBudget): readonly CelFunction[] {
  return [
    ...textFunctions(budget),
    ...listFunctions(budget),
    ...mathFunctions(),
    ...encodingFunctions(budget),
    ...quantityFunctions(),
    ...optionalFunctions(),
  ];
}

function textFunctions(budget: RenderBudget): CelFunction[] {
  const own = (signature: string) => signature.replace(/\.(\w+)\(/, (_, name) => `.${ownName(name)}(`);
  const matches = (text: string, source: string) => {
    budget.step((text.length * (source.length + 10)) / 50);
    const pattern = compilePattern(source);
    if ('problem' in pattern) throw new Error(`not a regular expression: ${pattern.problem}`);
    return pattern.found(text);
  };
  return [
    { signature: own('string.matches(string): bool'), run: matches },
    { signature: 'matches(string, string): bool', run: matches },
    { signature: own('string.lowerAscii(): string'), run: (text: string) => text.replace(/[A-Z]+/g, lower) },
    { signature: own('string.upperAscii(): string'), run: (text: string) => text.replace(/[a-z]+/g, upper) },
    { signature: own('string.trim(): string'), run: (text: string) => text.trim() },
    {
      signature: own('string.indexOf(string): int'),
      run: (text: string, part: string) => indexOf(text, part, 0n),
    },
    { signature: own('string.indexOf(string, int): int'), run: indexOf },
    { signature: own('string.lastIndexOf(string): int'), run: lastIndexOf },
    { signature: own('string.lastIndexOf(string, int): int'), run: lastIndexOf },
    {
      signature: own('string.substring(int): string'),
      run: (text: string, from: bigint) => substring(text, from),
    },
    { signature: own('string.substring(int, int): string'), run: substring },
    { signature: 'string.charAt(int): string', run: charAt },
    { signature: 'string.reverse(): string', run: (text: string) => [...text].reverse().join('') },
    { signature: 'string.quote(): string', run: (text: string) => JSON.stringify(text) },
    {
      signature: `${namespaceType('strings')}.quote(string): string`,
      run: (_: unknown, text: string) => JSON.stringify(text),
    },
    {
      signature: 'string.replace(string, string): string',
      run: (text: string, from: string, to: string) => replace(budget, { text, from, to, limit: -1n }),
    },
    {
      signature: 'string.replace(string, string, int): string',
      run: (text: string, from: string, to: string, limit: bigint) =>
        replace(budget, { text, from, to, limit }),
    },
    {
      signature: own('string.split(string): list<string>'),
      run: (text: string, by: string) => split(text, by, -1n),
    },
    { signature: own('string.split(string, int): list<string>'), run: split },
    { signature: own('list.join(): string'), run: (list: unknown[]) => join(budget, list, '') },
    {
      signature: own('list.join(string): string'),
      run: (list: unknown[], by: string) => join(budget, list, by),
    },
    {
      signature: 'string.format(list): string',
      run: (text: string, args: unknown[]) => formatText(budget, text, args),
    },
  ];
}

function lower(text: string): string {
  return text.toLowerCase();
}

function upper(text: string): string {
  return text.toUpperCase();
}

function indexOf(text: string, part: string, from: bigint): bigint {
  const characters = [...text];
  inside(from, characters.length);
  const unit = text.indexOf(part, characters.slice(0, Number(from)).join('').length);
  return unit < 0 ? -1n : BigInt([...text.slice(0, unit)].length);
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const characters = [...text];
  if (from !== undefined) inside(from, characters.length);
  const last = from === undefined ? undefined : characters.slice(0, Number(from)).join('').length;
  const unit = text.lastIndexOf(part, last);
  return unit < 0 ? -1n : BigInt([...text.slice(0, unit)].length);
}

function substring(text: string, from: bigint, to?: bigint): string {
  const characters = [...text];
  inside(from, characters.length);
  if (to !== undefined) inside(to, characters.length);
  if (to !== undefined && to < from) throw new Error(`the end ${to} lies before the beginning ${from}`);
  return characters.slice(Number(from), to === undefined ? undefined : Number(to)).join('');
}

function charAt(text: string, at: bigint): string {
  const characters = [...text];
  inside(at, characters.length);
  return characters[Number(at)] ?? '';
}

function inside(index: bigint, length: number): void {
  if (index < 0n || index > BigInt(length))
    throw new Error(`the index ${index} is outside of 0 to ${length}`);
}

function replace(
  budget: RenderBudget,
  by: { text: string; from: string; to: string; limit: bigint },
): string {
  const { text, from, to, limit } = by;
  const found = from === '' ? [...text].length + 1 : text.split(from).length - 1;
  const count = limit < 0n ? found : Math.min(found, Number(limit));
  budget.text(text.length + count * to.length);
  if (limit < 0n) return text.replaceAll(from, () => to);
  const parts = from === '' ? ['', ...text] : text.split(from);
  const head = parts.slice(0, count + 1).join(to);
  return [head, ...parts.slice(count + 1)].join(from);
}

function split(text: string, by: string, limit: bigint): string[] {
  if (limit === 0n) return [];
  const parts = by === '' ? [...text] : text.split(by);
  if (limit < 0n || parts.length <= Number(limit)) return parts;
  const kept = Number(limit) - 1;
  return [...parts.slice(0, kept), parts.slice(kept).join(by)];
}

function join(budget: RenderBudget, list: readonly unknown[], by: string): string {
  const texts = list.map((item) => {
    if (typeof item !== 'string')
      throw new Error('join needs a list of texts: use list.map(x, string(x)).join(...)');
    return item;
  });
  budget.text(texts.reduce((sum, text) => sum + text.length + by.length, 0));
  return texts.join(by);
}

function listFunctions(budget: RenderBudget): CelFunction[] {
  const optional = (value: unknown) => (value === undefined ? Optional.none() : Optional.of(value));
  return [
    {
      signature: `${namespaceType('lists')}.range(int): list<int>`,
      run: (_: unknown, count: bigint) => {
        if (count < 0n) throw new Error(`lists.range needs a count from 0, got ${count}`);
        budget.entries(Number(count));
        return Array.from({ length: Number(count) }, (_item, index) => BigInt(index));
      },
    },
    { signature: 'list.sort(): list', run: (list: unknown[]) => [...list].sort(compare) },
    { signature: 'list.distinct(): list', run: (list: unknown[]) => distinct(budget, list) },
    { signature: 'list.flatten(): list', run: (list: unknown[]) => flatten(budget, list) },
    { signature: 'list.slice(int, int): list', run: slice },
    { signature: 'list.reverse(): list', run: (list: unknown[]) => [...list].reverse() },
    { signature: 'list.first(): optional<dyn>', run: (list: unknown[]) => optional(list[0]) },
    { signature: 'list.last(): optional<dyn>', run: (list: unknown[]) => optional(list.at(-1)) },
    { signature: 'list.sum(): dyn', run: sum },
    { signature: 'list.min(): dyn', run: (list: unknown[]) => extreme(list, -1) },
    { signature: 'list.max(): dyn', run: (list: unknown[]) => extreme(list, 1) },
    {
      signature: 'map.merge(map): map',
      run: (below: unknown, above: unknown) => {
        const entries = [...(celEntries(below) ?? []), ...(celEntries(above) ?? [])];
        budget.entries(entries.length);
        return new Map(entries);
      },
    },
  ];
}

function compare(a: unknown, b: unknown): number {
  const numbers = isNumber(a) && isNumber(b);
  const same = typeof a === typeof b && (typeof a === 'string' || typeof a === 'boolean');
  if (!numbers && !same) throw new Error('only numbers, or only texts, can be put in order');
  return (a as never) < (b as never) ? -1 : (a as never) > (b as never) ? 1 : 0;
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function distinct(budget: RenderBudget, list: readonly unknown[]): unknown[] {
  const seen = new Map(
    list.map((item) => [stableJson(fromCel(item, budget) ?? null), item] as const).reverse(),
  );
  const kept = new Set(seen.values());
  const result: unknown[] = [];
  for (const item of list) if (kept.delete(item)) result.push(item);
  return result;
}

function flatten(budget: RenderBudget, list: readonly unknown[]): unknown[] {
  budget.entries(list.reduce<number>((sum, item) => sum + (Array.isArray(item) ? item.length : 1), 0));
  return list.flat(1);
}

function slice(list: readonly unknown[], from: bigint, to: bigint): unknown[] {
  inside(from, list.length);
  inside(to, list.length);
  if (to < from) throw new Error(`the end ${to} lies before the beginning ${from}`);
  return list.slice(Number(from), Number(to));
}

function sum(list: readonly unknown[]): unknown {
  if (list.every((item) => typeof item === 'bigint')) return list.reduce((total, item) => total + item, 0n);
  if (list.every((item) => typeof item === 'number')) return list.reduce((total, item) => total + item, 0);
  throw new Error('sum needs a list of int, or of double');
}

function extreme(list: readonly unknown[], sign: 1 | -1): unknown {
  if (list.length === 0) throw new Error('an empty list has no smallest or largest entry');
  return list.reduce((best, item) => (compare(item, best) * sign > 0 ? item : best));
}

function mathFunctions(): CelFunction[] {
  const on = (name: string, types: string, returns: string) =>
    `${namespaceType('math')}.${name}(${types}): ${returns}`;
  const of =
    (sign: 1 | -1) =>
    (_: unknown, ...args: unknown[]) =>
      extreme(args.length === 1 && Array.isArray(args[0]) ? args[0] : args, sign);
  const counts = ['dyn', 'dyn, dyn', 'dyn, dyn, dyn', 'dyn, dyn, dyn, dyn'];
  const rounding: Readonly<Record<string, (value: number) => number>> = {
    ceil: Math.ceil,
    floor: Math.floor,
    trunc: Math.trunc,
    // CEL rounds halves away from zero, JavaScript up.
    round: (value) => Math.sign(value) * Math.round(Math.abs(value)),
  };
  return [
    ...counts.map((types) => ({ signature: on('greatest', types, 'dyn'), run: of(1) })),
    ...counts.map((types) => ({ signature: on('least', types, 'dyn'), run: of(-1) })),
    ...Object.entries(rounding).map(([name, run]) => ({
      signature: on(name, 'double', 'double'),
      run: (_: unknown, value: number) => run(value),
    })),
    { signature: on('abs', 'int', 'int'), run: (_: unknown, value: bigint) => (value < 0n ? -value : value) },
    { signature: on('abs', 'double', 'double'), run: (_: unknown, value: number) => Math.abs(value) },
  ];
}

function encodingFunctions(budget: RenderBudget): CelFunction[] {
  const base64 = namespaceType('base64');
  const json = namespaceType('json');
  const encode = (_: unknown, value: Uint8Array | string) => {
    budget.text(value.length * 2);
    return Buffer.from(value as string).toString('base64');
  };
  const sha256 = (value: Uint8Array | string) => {
    budget.step(value.length / 16);
    return createHash('sha256').update(value).digest('hex');
  };
  return [
    { signature: `${base64}.encode(bytes): string`, run: encode },
    { signature: `${base64}.encode(string): string`, run: encode },
    { signature: `${base64}.decode(string): bytes`, run: (_: unknown, text: string) => decodeBase64(text) },
    { signature: 'sha256(string): string', run: sha256 },
    { signature: 'sha256(bytes): string', run: sha256 },
    {
      signature: `${json}.marshal(dyn): string`,
      run: (_: unknown, value: unknown) => stableJson(fromCel(value, budget) ?? null),
    },
    {
      signature: `${json}.unmarshal(string): dyn`,
      run: (_: unknown, text: string) => toCel({}, undefined, parseJson(text)),
    },
  ];
}

function decodeBase64(text: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1)
    throw new Error('base64.decode: the text is not base64');
  return Buffer.from(text, 'base64');
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new Error('json.unmarshal: the text is not JSON');
  }
}

function quantityFunctions(): CelFunction[] {
  const number = (value: bigint) => new CelQuantity(quantityOf(value));
  const add = (a: CelQuantity, b: CelQuantity) => new CelQuantity(addQuantities(a.quantity, b.quantity));
  const sub = (a: CelQuantity, b: CelQuantity) =>
    new CelQuantity(addQuantities(a.quantity, negate(b.quantity)));
  const order = (a: CelQuantity, b: CelQuantity) => compare(a.quantity.nano, b.quantity.nano);
  return [
    { signature: 'quantity(string): Quantity', run: readQuantity },
    { signature: 'int(uint): int', run: (value: { valueOf(): bigint }) => value.valueOf() },
    { signature: 'isQuantity(string): bool', run: (text: string) => parseQuantity(text) !== undefined },
    { signature: 'string(Quantity): string', run: (a: CelQuantity) => formatQuantity(a.quantity) },
    { signature: 'Quantity.add(Quantity): Quantity', run: add },
    { signature: 'Quantity.add(int): Quantity', run: (a: CelQuantity, b: bigint) => add(a, number(b)) },
    { signature: 'Quantity.sub(Quantity): Quantity', run: sub },
    { signature: 'Quantity.sub(int): Quantity', run: (a: CelQuantity, b: bigint) => sub(a, number(b)) },
    { signature: 'Quantity.isGreaterThan(Quantity): bool', run: (a, b) => order(a, b) > 0 },
    { signature: 'Quantity.isLessThan(Quantity): bool', run: (a, b) => order(a, b) < 0 },
    { signature: 'Quantity.compareTo(Quantity): int', run: (a, b) => BigInt(order(a, b)) },
    { signature: 'Quantity.sign(): int', run: (a: CelQuantity) => BigInt(compare(a.quantity.nano, 0n)) },
    { signature: 'Quantity.isInteger(): bool', run: (a: CelQuantity) => isWhole(a.quantity) },
    { signature: 'Quantity.asInteger(): int', run: asInteger },
    { signature: 'Quantity.asApproximateFloat(): double', run: (a: CelQuantity) => approximate(a.quantity) },
  ];
}

function readQuantity(text: string): CelQuantity {
  const quantity = parseQuantity(text);
  if (quantity === undefined) throw new Error(`quantity: "${text}" is not a quantity such as 8Gi or 250m`);
  return new CelQuantity(quantity);
}

function asInteger({ quantity }: CelQuantity): bigint {
  if (!isWhole(quantity)) throw new Error('the quantity is not a whole number');
  return units(quantity);
}

function optionalFunctions(): CelFunction[] {
  const isZero = (value: unknown) =>
    value === null ||
    value === '' ||
    value === false ||
    value === 0 ||
    value === 0n ||
    (Array.isArray(value) && value.length === 0) ||
    celEntries(value)?.length === 0;
  return [
    {
      signature: 'OptionalNamespace.ofNonZeroValue(dyn): optional<dyn>',
      run: (_: unknown, value: unknown) => (isZero(value) ? Optional.none() : Optional.of(value)),
    },
  ];
}
