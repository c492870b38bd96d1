import type { Plan } from '../api/types.ts';

/** Whose value a field gets, by `Kind/namespace/name:field`. */
export type Decisions = Readonly<Record<string, 'take' | 'yield'>>;

interface Conflict {
  readonly key: string;
  readonly label: string;
  readonly manager: string;
  readonly ours: string;
  readonly theirs: string;
}

/** True where a field that somebody else holds has nothing chosen for it, so that the plan cannot be carried out. */
export function isUndecided(plan: Plan, decisions: Decisions): boolean {
  return conflictsOf(plan, {}).some(({ key }) => decisions[key] === undefined);
}

/** What can be chosen: what is open, and what was decided for this plan. What was left to others long ago is no question any more. */
export function conflictsOf(plan: Plan, decisions: Decisions): Conflict[] {
  return plan.objects.flatMap(({ kind, name, conflicts }) =>
    conflicts
      .map(({ field, manager, ours, theirs, choice }) => ({
        key: `${kind}/${name}:${field}`,
        label: `${kind}/${name} ${field}`,
        ...{ manager, choice },
        ours: shown(ours),
        theirs: shown(theirs),
      }))
      .filter(({ key, choice }) => choice === undefined || Object.hasOwn(decisions, key))
      .map(({ choice: _choice, ...conflict }) => conflict),
  );
}

function shown(value: unknown): string {
  if (value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
