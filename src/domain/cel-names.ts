import type { JsonSchema } from './app.ts';
import { type CelNode, childrenOf, effective, isNode, loopOf } from './cel-tree.ts';
import { nearest } from './near.ts';
import { type AnySchema, declaredNames, followRefs, isSchema } from './schema-refs.ts';

/** What the variables of an expression look like, where it is known. */
export type CelShapes = ReadonlyMap<string, JsonSchema | undefined>;

/** A name that cannot be there. */
export interface UnknownName {
  readonly message: string;
  readonly at: number;
  readonly hint?: string;
}

/** Finds the first member that its value cannot have by schema: `values.replcas` is told before anything is evaluated. */
export function findUnknownName(root: JsonSchema, node: CelNode, shapes: CelShapes): UnknownName | undefined {
  const own = effective(node);
  const problem = unknownMember(root, own, shapes);
  if (problem !== undefined) return problem;
  const loop = loopOf(own);
  if (loop !== undefined) {
    const inner = new Map(shapes).set(loop.iterVarName, itemOf(root, shapeOf(root, loop.iterable, shapes)));
    return findUnknownName(root, loop.iterable, shapes) ?? findUnknownName(root, loop.step, inner);
  }
  const bound = own.meta.macro;
  const inner =
    typeof bound?.var === 'string' && isNode(bound.val)
      ? new Map(shapes).set(bound.var, shapeOf(root, bound.val, shapes))
      : shapes;
  for (const child of childrenOf(own)) {
    const found = findUnknownName(root, child, child === bound?.val ? shapes : inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What the value of a node looks like; undefined where nobody can tell. */
export function shapeOf(root: JsonSchema, node: CelNode, shapes: CelShapes): JsonSchema | undefined {
  const own = effective(node);
  if (own.op === 'id' && typeof own.args === 'string') return followRefs(root, shapes.get(own.args));
  const member = memberOf(own);
  if (member === undefined) return undefined;
  const of = shapeOf(root, member.object, shapes);
  if (of === undefined) return undefined;
  if (typeof member.name === 'number') return followRefs(root, of.items);
  const { properties } = of;
  const declared =
    properties !== undefined && Object.hasOwn(properties, member.name) ? properties[member.name] : undefined;
  return followRefs(root, declared ?? further(of));
}

/** What an entry of a list looks like. */
function itemOf(root: JsonSchema, list: JsonSchema | undefined): JsonSchema | undefined {
  return list?.items === undefined ? undefined : followRefs(root, list.items);
}

interface Member {
  readonly object: CelNode;
  /** A number stands for any place in a list. */
  readonly name: string | number;
}

function memberOf(node: CelNode): Member | undefined {
  if (!['.', '.?', '[]', '[?]'].includes(node.op) || !Array.isArray(node.args)) return undefined;
  const [object, name] = node.args as [unknown, unknown];
  if (!isNode(object)) return undefined;
  if (typeof name === 'string') return { object, name };
  if (!isNode(name) || name.op !== 'value') return undefined;
  if (typeof name.args === 'bigint') return { object, name: Number(name.args) };
  return typeof name.args === 'string' ? { object, name: name.args } : undefined;
}

function unknownMember(root: JsonSchema, node: CelNode, shapes: CelShapes): UnknownName | undefined {
  const member = memberOf(node);
  if (member === undefined || typeof member.name === 'number') return undefined;
  const of = shapeOf(root, member.object, shapes);
  if (of === undefined || !isClosed(of)) return undefined;
  const names = [...declaredNames(root, of)];
  if (names.includes(member.name)) return undefined;
  const near = nearest(member.name, names, 1)[0];
  const hint = near === undefined ? `there is ${names.join(', ') || 'nothing'}` : `did you mean \`${near}\`?`;
  return { message: `there is no \`${written(member.object)}.${member.name}\``, at: node.pos, hint };
}

function isClosed(schema: JsonSchema): boolean {
  return (
    schema.properties !== undefined &&
    (schema.additionalProperties === undefined || schema.additionalProperties === false) &&
    schema.patternProperties === undefined &&
    schema.unevaluatedProperties === undefined
  );
}

function further(schema: JsonSchema): AnySchema | undefined {
  return isSchema(schema.additionalProperties) ? schema.additionalProperties : undefined;
}

/** The way to a node as an author writes it, for messages. */
function written(node: CelNode): string {
  const own = effective(node);
  if (own.op === 'id') return String(own.args);
  const member = memberOf(own);
  if (member === undefined) return '...';
  return typeof member.name === 'number'
    ? `${written(member.object)}[${member.name}]`
    : `${written(member.object)}.${member.name}`;
}
