import { ApiError, type Consent } from '../domain/errors.ts';
import { fitsPattern } from '../domain/object-pattern.ts';
import { displayId, type KubeObject, type ObjectId } from '../domain/objects.ts';
import { fieldManager } from '../domain/ownership.ts';
import type { FieldChange, PlannedObject } from '../domain/plan.ts';
import { immutableFields, type ReplaceChoice, replaceObstacle, replaceRule } from '../domain/replacement.ts';
import type { Located } from './locate.ts';
import type { PlanContext } from './plan-context.ts';
import { planned } from './planned.ts';
import type { Refusal } from './refusals.ts';

/**
 * What is done to an object of which the server says that a field cannot be changed (NEEDS row 9): it is made anew where that
 * was chosen, else refused with the field, both values and the flag.
 */
export async function planReplace(
  context: PlanContext,
  wanted: Located,
  error: ApiError,
): Promise<PlannedObject | Refusal> {
  const live = await context.cluster.get(wanted.ref, context.signal);
  if (live === undefined) return planned(wanted, 'create', 'it was deleted just now', 'schema', {});
  const changes = immutableFields(live, wanted.object, error.failure, context.mask);
  const id = displayId(wanted.ref);
  const refuse = (hint: string, consent?: Consent): Refusal => ({
    code: 'FIELD_IMMUTABLE',
    problem: {
      message: `${id}: ${said(changes, error)}`,
      at: id,
      hint,
      ...(consent === undefined ? {} : { consent }),
    },
  });
  const rule = replaceRule(wanted.ref);
  const obstacle = 'never' in rule ? rule.never : replaceObstacle(live, wanted.object);
  if ('never' in rule || obstacle !== undefined) return refuse(`It is never replaced: ${obstacle}.`);
  const data = rule.data ? ' --replace-data' : '';
  if (!isReplaced(context.replace, wanted.ref) || (rule.data && !context.replace.data))
    return refuse(
      `--replace ${id}${data} deletes it and makes it anew (${rule.keeps})`,
      rule.data ? 'replaceData' : 'replace',
    );
  const server = await checkAsNew(context, wanted);
  return planned(
    wanted,
    'replace',
    `it cannot be changed in place; ${rule.keeps}`,
    server ? 'server' : 'schema',
    {
      live,
      full: live,
      changes,
    },
  );
}

function isReplaced({ objects }: ReplaceChoice, id: ObjectId): boolean {
  return objects.some((pattern) => fitsPattern(pattern, id));
}

function said(changes: readonly FieldChange[], error: ApiError): string {
  if (changes.length === 0) return error.message;
  const show = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));
  return changes
    .map(({ path, before, after }) =>
      before === undefined && after === undefined
        ? `${path} cannot be changed`
        : `${path} cannot be changed (live ${show(before)}, the app sets ${show(after)})`,
    )
    .join('; ');
}

/** Kinds that can be dry-run under a name that nothing has; a Service may hold addresses that only one can have. */
function canTryAsNew({ ref }: Located): boolean {
  if (ref.group === '') return ref.kind !== 'Service';
  return ['apps', 'batch', 'rbac.authorization.k8s.io'].includes(ref.group);
}

/**
 * Asks the server about the new object, under another name because the old one is still there: it must not be deleted for one that
 * is refused then. Answers whether it was asked. Throws API_INVALID and ADMISSION_DENIED.
 */
async function checkAsNew(context: PlanContext, wanted: Located): Promise<boolean> {
  if (!canTryAsNew(wanted)) return false;
  const object: KubeObject = {
    ...wanted.object,
    metadata: {
      ...wanted.object.metadata,
      name: `${wanted.ref.name.slice(0, 30).replace(/[^a-z0-9]+$/, '')}-anew`,
    },
  };
  try {
    await context.cluster.applyMetadata(object, { fieldManager, dryRun: true, signal: context.signal });
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 'API_INVALID' || error.code === 'ADMISSION_DENIED') throw error;
    return false;
  }
}
