import type { Json, JsonObject } from '../../domain/json.ts';

/** A row of a map as it is typed: its name may be empty still, or that of another. */
export type Pair = readonly [name: string, value: Json];

/** Why a row is not in the values. */
export type PairFault =
  | { readonly kind: 'nameless' }
  /** An earlier row has this name: a map has room for one of them. */
  | { readonly kind: 'twice'; readonly name: string };

/** What is wrong with one of the rows. One that is empty altogether is not begun yet. */
export function pairFault(rows: readonly Pair[], index: number): PairFault | undefined {
  const [name, value] = rows[index] ?? ['', ''];
  if (name.trim() === '') return value === '' || value === null ? undefined : { kind: 'nameless' };
  return rows.slice(0, index).some(([other]) => other === name) ? { kind: 'twice', name } : undefined;
}

/** The rows that have a name of their own as values. A name of the default that is not among them is taken out by null: maps are merged. */
export function pairValues(rows: readonly Pair[], preset: JsonObject): JsonObject {
  const named = rows.filter(([name], index) => name.trim() !== '' && pairFault(rows, index) === undefined);
  const gone = Object.keys(preset).filter((name) => !named.some(([one]) => one === name));
  return Object.fromEntries([...gone.map((name) => [name, null] as const), ...named]);
}
