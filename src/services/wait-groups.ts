import type { GroupVersionKind, ObjectRef } from '../domain/objects.ts';

/** Objects of one kind in one namespace: what one list or watch answers for. */
export interface WaitGroup<R extends ObjectRef = ObjectRef> {
  readonly kind: GroupVersionKind;
  readonly namespace: string;
  readonly refs: readonly R[];
  readonly names: readonly string[];
}

/** Sorts references into groups of one kind and namespace. */
export function waitGroups<R extends ObjectRef>(refs: readonly R[]): WaitGroup<R>[] {
  const byKey = Map.groupBy(refs, (ref) => `${ref.group}/${ref.version}/${ref.kind}/${ref.namespace}`);
  return [...byKey.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const { group, version, kind, namespace } = first;
    return [
      { kind: { group, version, kind }, namespace, refs: members, names: members.map((ref) => ref.name) },
    ];
  });
}
