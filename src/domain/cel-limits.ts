import { type CelNode, everyNode } from './cel-tree.ts';
import { celEntries } from './cel-values.ts';
import type { RenderBudget } from './render-budget.ts';

/** Operators whose results are new values, with a size of their own. */
const makers: ReadonlySet<string> = new Set(['+', 'call', 'rcall', 'list', 'map', 'comprehension']);

/** Operators that look through both sides. */
const comparisons: ReadonlySet<string> = new Set(['==', '!=', 'in']);

/**
 * Lets every node of a checked tree count its steps and the size of what it makes. The library bounds what is written, not what is
 * run: six nested `map`s over a hundred entries are a short expression and a trillion steps.
 */
export function countSteps(root: CelNode, budget: RenderBudget): void {
  for (const node of everyNode(root)) {
    const { macro, alternate, evaluate } = node.meta;
    if (alternate !== undefined) continue;
    if (macro !== undefined) {
      const run = macro.evaluate;
      macro.evaluate = (...args) => {
        budget.step();
        return run(...args);
      };
      continue;
    }
    const makes = makers.has(node.op);
    node.setMeta('evaluate', (evaluator: unknown, own: CelNode, context: unknown) => {
      budget.step();
      const result = evaluate(evaluator, own, context);
      if (makes) measure(result, budget);
      else if (node.op === 'accuPush' && Array.isArray(result))
        budget.step(result.length % 64 === 0 ? 16 : 0);
      return result;
    });
    if (node.handle !== undefined) node.handle = counted(node.op, node.handle, budget);
  }
}

/** Sizes are counted before the operator runs, so that nothing too large is ever made. */
function counted(
  op: string,
  handle: (...args: unknown[]) => unknown,
  budget: RenderBudget,
): (...args: unknown[]) => unknown {
  if (comparisons.has(op))
    return (left, right, ...rest) => {
      countDeep(left, budget);
      countDeep(right, budget);
      return handle(left, right, ...rest);
    };
  if (op !== '+') return handle;
  return (left, right, ...rest) => {
    if (typeof left === 'string' && typeof right === 'string') budget.text(left.length + right.length);
    if (Array.isArray(left) && Array.isArray(right)) budget.entries(left.length + right.length);
    return handle(left, right, ...rest);
  };
}

function measure(value: unknown, budget: RenderBudget): void {
  if (typeof value === 'string') budget.text(value.length);
  else if (Array.isArray(value)) budget.entries(value.length);
  else if (value instanceof Uint8Array) budget.text(value.length);
}

function countDeep(value: unknown, budget: RenderBudget): void {
  if (typeof value === 'string') budget.step(value.length / 64);
  if (typeof value !== 'object' || value === null) return;
  budget.step();
  const items = Array.isArray(value) ? value : (celEntries(value) ?? []).map(([, item]) => item);
  for (const item of items) countDeep(item, budget);
}
