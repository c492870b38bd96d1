import { choiceFlag } from '../domain/conflict-choices.ts';
import { AppstoreError } from '../domain/errors.ts';
import { shortName } from '../domain/object-pattern.ts';
import { displayId } from '../domain/objects.ts';
import type { Plan } from '../domain/plan.ts';

/** Throws FIELD_CONFLICT with every field that another manager holds and for which nothing was chosen; a dry run shows its plan first. */
export function refuseConflicts(plan: Plan): void {
  const refs = plan.objects.map(({ ref }) => ref);
  const open = plan.objects
    .filter((object) => object.action === 'conflict')
    .flatMap(({ ref, conflicts }) =>
      conflicts
        .filter(({ choice }) => choice === undefined)
        .map((conflict) => ({ ref, name: shortName(ref, refs), ...conflict })),
    );
  if (open.length === 0) return;
  const problems = open.map(({ ref, name, field, manager, theirs, ours }) => ({
    message: `${displayId(ref)}: ${field} is held by ${manager} (live ${show(theirs)}, the app sets ${show(ours)})`,
    hint: `${choiceFlag('take', name, field)} sets the value of the app, ${choiceFlag('yield', name, field)} leaves the live one`,
  }));
  const takes = open.map(({ name, field }) => choiceFlag('take', name, field));
  throw new AppstoreError(
    'FIELD_CONFLICT',
    'other field managers hold fields that the app sets; nothing was written',
    {
      problems,
      hint: `Decide each: add \`${takes.join(' ')}\`, or --yield in the place of --take for a field that is to stay theirs.`,
    },
  );
}

function show(value: unknown): string {
  return value === undefined ? 'unknown' : JSON.stringify(value);
}
