import type { AdoptChoice } from '../domain/adoption.ts';
import { type FieldChoice, yieldedOf } from '../domain/conflict-choices.ts';
import { AppstoreError, type Problem } from '../domain/errors.ts';
import { valueAt } from '../domain/field-path.ts';
import { nearest } from '../domain/near.ts';
import { fitsPattern, fullName, type ObjectPattern, shortName } from '../domain/object-pattern.ts';
import { displayId, type ObjectRef } from '../domain/objects.ts';
import type { Plan, PlannedObject } from '../domain/plan.ts';
import type { Prepared } from './prepared.ts';
import type { ChangeRequest } from './requests.ts';

/**
 * Whether every choice on the command line is one: throws USAGE, with near matches, for an object that the app does not have or a
 * field that it does not set. Answers a warning for each that has nothing to decide (any more).
 */
export function checkChoices(
  plan: Plan,
  request: ChangeRequest,
  prepared: Pick<Prepared, 'options' | 'usedAgain'>,
): Problem[] {
  return [
    ...checkConflicts(plan, request, prepared),
    ...checkAdoptions(plan, request.adopt ?? [], prepared.usedAgain ?? []),
    ...checkReplacements(plan, request.replace?.objects ?? []),
  ];
}

function checkReplacements(plan: Plan, patterns: readonly ObjectPattern[]): Problem[] {
  return patterns.flatMap((pattern) => {
    const object = theObject(plan, '--replace', pattern);
    if (object.action === 'replace') return [];
    return [{ message: `--replace ${displayId(object.ref)}: nothing of it needs to be made anew` }];
  });
}

function checkAdoptions(plan: Plan, choice: AdoptChoice, used: readonly ObjectRef[]): Problem[] {
  if (choice === 'all') return [];
  return choice.flatMap((pattern) => {
    // Claims of a StatefulSet and the generated secrets are no objects of the app.
    if (used.some((ref) => fitsPattern(pattern, ref))) return [];
    const object = theObject(plan, '--adopt', pattern);
    if (object.adopt === true) return [];
    return [{ message: `--adopt ${displayId(object.ref)}: there is nothing to adopt` }];
  });
}

function checkConflicts(plan: Plan, request: ChangeRequest, prepared: Pick<Prepared, 'options'>): Problem[] {
  const { take, yield: left } = request.conflicts ?? { take: [], yield: [] };
  const given = [
    ...take.map((one) => ({ flag: '--take', other: left, ...one })),
    ...left.map((one) => ({ flag: '--yield', other: [], ...one })),
  ];
  return given.flatMap((choice) => {
    const object = theObject(plan, choice.flag, choice.object);
    const text = `${choice.flag} ${shortName(object.ref, refsOf(plan))}:${choice.field}`;
    if (choice.other.some((one) => one.field === choice.field && fitsPattern(one.object, object.ref)))
      throw new AppstoreError('USAGE', `${text}: the field is to be yielded too`);
    if (object.conflicts.some(({ field }) => field === choice.field)) return [];
    if (yieldedOf(object.ref, prepared.options.yielded).includes(choice.field)) return [];
    if (valueAt(object.desired, choice.field) === undefined) throw noSuchField(plan, choice, object);
    return [{ message: `${text}: no other manager holds it with another value; there is nothing to decide` }];
  });
}

/** The one object of the app that a flag names. Throws USAGE. */
function theObject(plan: Plan, flag: string, pattern: ObjectPattern): PlannedObject {
  const desired = plan.objects.filter((one) => one.desired !== undefined);
  const found = desired.filter((one) => fitsPattern(pattern, one.ref));
  if (found.length === 1 && found[0] !== undefined) return found[0];
  const name = `${pattern.kind}/${pattern.name}`;
  if (found.length > 1) {
    throw new AppstoreError('USAGE', `${flag} ${name}: several objects of the app are named so`, {
      hint: `Name one of ${found.map(({ ref }) => fullName(ref)).join(', ')}.`,
    });
  }
  const near = nearest(
    name,
    desired.map(({ ref }) => shortName(ref, refsOf(plan))),
  );
  throw new AppstoreError('USAGE', `${flag} ${name}: the app has no such object`, {
    hint: near.length === 0 ? 'Look at the plan with `--dry-run -v`.' : `Did you mean ${near.join(', ')}?`,
  });
}

function refsOf(plan: Plan): readonly PlannedObject['ref'][] {
  return plan.objects.map(({ ref }) => ref);
}

function noSuchField(
  plan: Plan,
  choice: FieldChoice & { readonly flag: string },
  object: PlannedObject,
): AppstoreError {
  const fields = object.conflicts.map(({ field }) => field);
  const near = nearest(choice.field, fields);
  const shown = near.length > 0 ? near : fields.slice(0, 3);
  const name = shortName(object.ref, refsOf(plan));
  return new AppstoreError(
    'USAGE',
    `${choice.flag} ${name}:${choice.field}: the app does not set this field`,
    {
      hint:
        shown.length === 0
          ? `${displayId(object.ref)} has no field in conflict; the plan (\`--dry-run\`) shows those that are.`
          : `Did you mean ${shown.map((field) => `${name}:${field}`).join(', ')}?`,
    },
  );
}
