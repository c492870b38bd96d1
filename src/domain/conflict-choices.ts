import type { YieldedField } from './app.ts';
import { AppstoreError } from './errors.ts';
import {
  fitsPattern,
  fullName,
  type ObjectPattern,
  parseObjectPattern,
  readObjectPattern,
} from './object-pattern.ts';
import type { ObjectId } from './objects.ts';
import type { PlannedConflict, PlannedObject } from './plan.ts';

/** A field that another manager holds, and that is to be ours (`take`) or theirs (`yield`). */
export interface FieldChoice {
  readonly object: ObjectPattern;
  /** As Kubernetes writes it: `.spec.replicas`. */
  readonly field: string;
}

/** What was chosen for fields that are in conflict. */
export interface ConflictChoices {
  readonly take: readonly FieldChoice[];
  readonly yield: readonly FieldChoice[];
}

export const noConflictChoices: ConflictChoices = { take: [], yield: [] };

/**
 * Reads `Kind/name:field` of `--take` and `--yield`. Names may hold colons (`system:reader`), so that the field is what stands
 * behind the first `:.`. Throws USAGE.
 */
export function parseFieldChoice(text: string, flag: string): FieldChoice {
  const at = text.indexOf(':.');
  const field = at < 0 ? '' : text.slice(at + 1);
  if (field.length < 2) {
    throw new AppstoreError('USAGE', `${flag} ${text}: it names no field of an object`, {
      hint: `Write Kind/name:.path.to.field as the plan does, for example \`${flag} Deployment/web:.spec.replicas\`.`,
    });
  }
  return { object: parseObjectPattern(text.slice(0, at), flag), field };
}

/** The conflicts of an object, each with what was chosen for it. */
export function choose(
  conflicts: readonly PlannedConflict[],
  id: ObjectId,
  choices: ConflictChoices,
): PlannedConflict[] {
  const names = (list: readonly FieldChoice[], field: string) =>
    list.some((one) => one.field === field && fitsPattern(one.object, id));
  return conflicts.map(({ choice: _choice, ...conflict }) => {
    if (names(choices.take, conflict.field)) return { ...conflict, choice: 'take' };
    return names(choices.yield, conflict.field) ? { ...conflict, choice: 'yield' } : conflict;
  });
}

/** Paths of an object that were left to others before. */
export function yieldedOf(id: ObjectId, yielded: readonly YieldedField[]): string[] {
  const name = fullName(id);
  return yielded.filter((one) => one.object === name).map((one) => one.field);
}

/** What stays yielded: everything but what is taken now. */
export function withoutTaken(
  yielded: readonly YieldedField[],
  take: readonly FieldChoice[],
): readonly YieldedField[] {
  return yielded.filter(({ object, field }) => {
    const named = readObjectPattern(object);
    if (named === undefined) return false;
    const id = { group: '', namespace: '', ...named };
    return !take.some((one) => one.field === field && fitsPattern(one.object, id));
  });
}

/** What is yielded after a plan: what was before, and what was chosen for its conflicts; sorted. */
export function yieldedAfter(
  yielded: readonly YieldedField[],
  objects: readonly PlannedObject[],
): readonly YieldedField[] {
  const fresh = objects.flatMap(({ ref, conflicts }) =>
    conflicts
      .filter(({ choice }) => choice === 'yield')
      .map(({ field }) => ({ object: fullName(ref), field })),
  );
  const all = new Map([...yielded, ...fresh].map((one) => [`${one.object}:${one.field}`, one]));
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** A word of a command line: quoted where a shell would take it apart. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The flag that decides one conflict. */
export function choiceFlag(choice: 'take' | 'yield', object: string, field: string): string {
  return `--${choice} ${shellWord(`${object}:${field}`)}`;
}
