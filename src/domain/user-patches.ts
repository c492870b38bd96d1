import type { ObjectPatch } from './app.ts';
import { AppstoreError, type Problem } from './errors.ts';
import { isObject } from './json.ts';
import { applyJsonPatch, PatchFailed } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { nearest } from './near.ts';
import { displayId, type KubeObject, refOf } from './objects.ts';
import type { RenderedObject } from './rendered.ts';
import { stringDataToData } from './string-data.ts';

/**
 * The objects with the user's patches applied, in their order. What an object is (API group, kind, name, namespace) cannot be
 * patched: it would be another object.
 *
 * @throws AppstoreError PATCH_INVALID with every patch that has no target or does not fit.
 */
export function applyPatches(
  objects: readonly RenderedObject[],
  patches: readonly ObjectPatch[],
): readonly RenderedObject[] {
  const problems: Problem[] = [];
  const patched = patches.reduce<readonly RenderedObject[]>((current, patch) => {
    const found = current.filter(({ object }) => fits(patch, object));
    const [target] = found;
    if (target === undefined || found.length > 1) {
      problems.push(target === undefined ? missing(patch, current) : ambiguous(patch, found));
      return current;
    }
    const object = tryPatch(patch, target.object, problems);
    return current.map((rendered) => (rendered === target ? { ...rendered, object } : rendered));
  }, objects);
  const [first] = problems;
  if (first === undefined) return patched;
  throw new AppstoreError('PATCH_INVALID', `${first.at}: ${first.message}`, {
    problems,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  });
}

function fits({ target }: ObjectPatch, object: KubeObject): boolean {
  const ref = refOf(object);
  return (
    ref.kind === target.kind &&
    ref.name === target.name &&
    (target.group === undefined || target.group === ref.group) &&
    (target.namespace === undefined || ref.namespace === '' || target.namespace === ref.namespace)
  );
}

function missing(patch: ObjectPatch, objects: readonly RenderedObject[]): Problem {
  const names = objects.map(({ object }) => `${object.kind}/${object.metadata.name}`);
  const near = nearest(targetText(patch), names, 1)[0];
  const hint =
    near === undefined ? `There is ${names.slice(0, 30).join(', ')}.` : `Did you mean \`${near}\`?`;
  return { at: targetText(patch), message: 'the app renders no such object', hint };
}

function ambiguous(patch: ObjectPatch, found: readonly RenderedObject[]): Problem {
  const names = found.map(({ object }) => displayId(refOf(object))).join(', ');
  return {
    at: targetText(patch),
    message: `several objects fit: ${names}`,
    hint: 'Name the group or namespace too.',
  };
}

function targetText({ target }: ObjectPatch): string {
  return `${target.kind}/${target.name}`;
}

function tryPatch(patch: ObjectPatch, object: KubeObject, problems: Problem[]): KubeObject {
  try {
    const result =
      patch.merge === undefined
        ? applyJsonPatch(object, patch.json ?? [])
        : applyMergePatch(object, patch.merge);
    if (!isSame(object, result))
      throw new PatchFailed('kind, API group, name and namespace of an object cannot be patched');
    return stringDataToData(result as KubeObject);
  } catch (error) {
    if (!(error instanceof PatchFailed)) throw error;
    problems.push({ at: targetText(patch), message: error.message });
    return object;
  }
}

function isSame(before: KubeObject, after: unknown): boolean {
  if (!isObject(after) || typeof after.apiVersion !== 'string' || !isObject(after.metadata)) return false;
  const [a, b] = [refOf(before), refOf(after as KubeObject)];
  return a.kind === b.kind && a.group === b.group && a.name === b.name && a.namespace === b.namespace;
}
