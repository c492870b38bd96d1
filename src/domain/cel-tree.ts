/**
 * The library's syntax tree, as far as it is walked here. Its nodes carry their own check and evaluation in `meta`, which is how
 * steps are counted and types are loosened without a copy of the library. The version is pinned; test/domain/expressions.test.ts
 * fails where a new one differs.
 */
export interface CelNode {
  readonly op: string;
  args: unknown;
  readonly pos: number;
  readonly meta: CelMeta;
  setMeta(key: string, value: unknown): CelNode;
  handle?: (...args: unknown[]) => unknown;
  checkedType?: unknown;
}

interface CelMeta {
  check: (checker: unknown, node: CelNode, context: unknown) => unknown;
  evaluate: (evaluator: unknown, node: CelNode, context: unknown) => unknown;
  readonly alternate?: CelNode;
  readonly macro?: CelMacro;
}

/** A macro that evaluates itself (`has`, `cel.bind`, `optional.orValue`); others are turned into an `alternate` tree. */
interface CelMacro {
  evaluate: (...args: unknown[]) => unknown;
  readonly [part: string]: unknown;
}

/** A loop: `map`, `filter`, `all`, `exists`, `exists_one` all become one. */
export interface CelLoop {
  readonly iterable: CelNode;
  readonly iterVarName: string;
  readonly init: CelNode;
  readonly step: CelNode;
}

export function isNode(value: unknown): value is CelNode {
  return typeof value === 'object' && value !== null && typeof (value as CelNode).setMeta === 'function';
}

/** What is evaluated for a node: the tree that a macro became, or the node itself. */
export function effective(node: CelNode): CelNode {
  return node.meta.alternate === undefined ? node : effective(node.meta.alternate);
}

/** The nodes below a node, in the order in which they stand. */
export function childrenOf(node: CelNode): CelNode[] {
  if (node.meta.alternate !== undefined) return [node.meta.alternate];
  const { macro } = node.meta;
  const parts =
    macro === undefined ? node.args : [macro.receiver, macro.arg, macro.args, macro.val, macro.exp];
  return nodesIn(parts).filter((child) => child !== node);
}

/** Every node of a tree once. */
export function everyNode(root: CelNode): Set<CelNode> {
  const seen = new Set<CelNode>();
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    open.push(...childrenOf(node));
  }
  return seen;
}

export function loopOf(node: CelNode): CelLoop | undefined {
  return node.op === 'comprehension' ? (node.args as CelLoop) : undefined;
}

function nodesIn(value: unknown): CelNode[] {
  if (isNode(value)) return [value];
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  const loop = value as Partial<CelLoop> | null | undefined;
  if (typeof loop !== 'object' || loop === null || !isNode(loop.iterable)) return [];
  return [loop.iterable, loop.init, loop.step].filter(isNode);
}
