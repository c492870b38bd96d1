import type { SecretReference } from '../domain/app.ts';
import { AppstoreError } from '../domain/errors.ts';
import { type ImageUse, listImages } from '../domain/images.ts';
import { isObject, type JsonObject } from '../domain/json.ts';
import { createMasker, type Masker } from '../domain/masking.ts';
import { idKey, type KubeObject, type ObjectRef } from '../domain/objects.ts';
import type { Plan } from '../domain/plan.ts';
import type { PlanFile } from '../domain/plan-file.ts';
import { maskSealed } from '../domain/seal.ts';
import { checkRendered } from '../domain/stored-rendered.ts';
import { type ApprovalState, approvalStates } from './approval.ts';
import type { UnpackedPlan } from './prepare-saved.ts';

/** What a person has to see of a saved plan before they put their name to it. No secret is in it. */
export interface SavedContent {
  /** As it was shown to whoever made it, with the objects that are applied. */
  readonly plan: Plan;
  readonly made: PlanFile['made'];
  readonly requireApproval: boolean;
  readonly approvals: readonly ApprovalState[];
  /** The values that were given. */
  readonly values: JsonObject;
  readonly secretRefs: readonly SecretReference[];
  /** Of every object that is applied or runs as a hook. */
  readonly images: readonly ImageUse[];
}

/**
 * Reads from what would be carried out, and not from what the file says of itself: its maker may have written anything there.
 * Throws PLAN_INVALID.
 */
export function savedContent(file: PlanFile, { plan, sealed }: UnpackedPlan): SavedContent {
  const shown = maskSealed(file.nonce, sealed) as JsonObject;
  const { objects: rendered, secrets } = checkRendered(shown.rendered, 'the plan');
  const mask = createMasker(secrets ?? []);
  const objects = rendered.flatMap(({ object }) => (isNamed(object) ? [mask.object(object)] : []));
  const options = isObject(shown.options) ? shown.options : {};
  return {
    plan: withApplied(plan, objects, mask),
    made: file.made,
    requireApproval: file.requireApproval,
    approvals: approvalStates(file),
    values: mask.json(isObject(options.values) ? options.values : {}) as JsonObject,
    secretRefs: (Array.isArray(options.secretRefs)
      ? options.secretRefs
      : []) as unknown as SavedContent['secretRefs'],
    images: listImages(objects),
  };
}

/**
 * What is carried out is what the file binds; who sees no more of it than the file says has to be shown the same. Throws PLAN_INVALID.
 */
export function requireBound({ bound }: PlanFile, { objects }: Plan): void {
  const said = new Map(objects.map(({ ref, action }) => [idKey(ref), action]));
  const same =
    said.size === bound.objects.length && bound.objects.every((one) => said.get(idKey(one)) === one.action);
  if (!same)
    throw new AppstoreError('PLAN_INVALID', 'the plan shows other objects than those that it would write');
}

function isNamed({ apiVersion, kind, metadata }: Partial<KubeObject>): boolean {
  return [apiVersion, kind, metadata?.name].every((part) => typeof part === 'string');
}

/** Each object of the plan with what is applied of it. */
function withApplied(plan: Plan, applied: readonly KubeObject[], mask: Masker): Plan {
  const byName = Map.groupBy(applied, nameOfObject);
  return {
    ...plan,
    objects: plan.objects.map((object) => {
      const { desired: _said, ...rest } = object;
      const found = (byName.get(nameOfRef(object.ref)) ?? []).filter(
        ({ metadata }, _, all) => all.length === 1 || metadata.namespace === object.ref.namespace,
      );
      return found[0] === undefined ? rest : { ...rest, desired: mask.object(found[0]) };
    }),
  };
}

function nameOfObject({ apiVersion, kind, metadata }: KubeObject): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return `${group}/${kind}/${metadata.name}`;
}

function nameOfRef({ group, kind, name }: ObjectRef): string {
  return `${group}/${kind}/${name}`;
}
