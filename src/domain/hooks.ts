import { isObject } from './json.ts';
import type { Operation } from './plan.ts';
import type { HookEvent, Phase, RenderedObject } from './rendered.ts';

/** The moments before and after the writes of an operation. */
export const hookEvents: Readonly<
  Record<Exclude<Operation, 'adopt' | 'return'>, { readonly before: HookEvent; readonly after: HookEvent }>
> = {
  install: { before: 'pre-install', after: 'post-install' },
  upgrade: { before: 'pre-upgrade', after: 'post-upgrade' },
  rollback: { before: 'pre-rollback', after: 'post-rollback' },
  remove: { before: 'pre-delete', after: 'post-delete' },
};

type HookPhase = Extract<Phase, { kind: 'hook' }>;

/** A rendered object that runs as a hook. */
export type RenderedHook = RenderedObject & { readonly phase: HookPhase };

export function isHook(rendered: RenderedObject): rendered is RenderedHook {
  return rendered.phase.kind === 'hook';
}

/**
 * The distinct events that hooks of a rendering ask for, sorted: kept with the revision, so that nobody has to read it to know. What
 * is no rendering has none: it is checked where it is read.
 */
export function eventsOf(objects: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(objects) ? objects : [];
  const phases = list.map((one) => (isObject(one) ? one.phase : undefined)).filter(isObject);
  const events = phases.flatMap(({ kind, events }) =>
    kind === 'hook' && Array.isArray(events) ? events : [],
  );
  return [...new Set(events.filter((event) => typeof event === 'string'))].sort();
}

/** What runs at an event, in its order: by weight, then by name; else as given (Helm `pkg/action/hooks.go`, `hookByWeight`). */
export function inHookOrder<T extends { readonly weight: number; readonly ref: { readonly name: string } }>(
  hooks: readonly T[],
): T[] {
  return [...hooks].sort((a, b) => a.weight - b.weight || compare(a.ref.name, b.ref.name));
}

type DeletePolicy = 'before-hook-creation' | 'hook-succeeded' | 'hook-failed';

/**
 * Whether a hook's object is deleted then. Without any policy it goes before the next run; a CustomResourceDefinition never does
 * (Helm `deleteHookByPolicy`).
 */
export function isDeletedAt(
  hook: { readonly ref: { readonly kind: string }; readonly deletePolicies: readonly string[] },
  policy: DeletePolicy,
): boolean {
  if (hook.ref.kind === 'CustomResourceDefinition') return false;
  const { deletePolicies } = hook;
  return deletePolicies.length === 0 ? policy === 'before-hook-creation' : deletePolicies.includes(policy);
}

/** True for kinds that run to an end: a hook of another kind is done as soon as it is written. */
export function runsToAnEnd(kind: { readonly group: string; readonly kind: string }): boolean {
  return (kind.group === 'batch' && kind.kind === 'Job') || (kind.group === '' && kind.kind === 'Pod');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
