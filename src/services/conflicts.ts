import { AppstoreError } from '../domain/errors.ts';
import { displayId } from '../domain/objects.ts';
import type { Plan } from '../domain/plan.ts';

/** Throws FIELD_CONFLICT with every field that another manager holds; a dry run shows its plan first. */
export function refuseConflicts(plan: Plan): void {
  const problems = plan.objects
    .filter((object) => object.action === 'conflict')
    .flatMap((object) =>
      object.conflicts.map((conflict) => ({
        message: `${displayId(object.ref)}: ${conflict.field} is held by ${conflict.manager} (live ${show(conflict.theirs)}, the app sets ${show(conflict.ours)})`,
      })),
    );
  if (problems.length === 0) return;
  throw new AppstoreError(
    'FIELD_CONFLICT',
    'other field managers hold fields that the app sets; nothing was written',
    { problems },
  );
}

function show(value: unknown): string {
  return value === undefined ? 'unknown' : JSON.stringify(value);
}
