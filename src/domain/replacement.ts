import { fieldChanges } from './diff.ts';
import type { ApiFailure } from './errors.ts';
import { isObject } from './json.ts';
import { jsonEqual } from './json-equal.ts';
import type { Masker } from './masking.ts';
import type { ObjectPattern } from './object-pattern.ts';
import type { GroupKind, KubeObject } from './objects.ts';
import { layOver } from './overlay.ts';
import type { FieldChange } from './plan.ts';

/** Which objects may be deleted and made anew, where they cannot be changed. */
export interface ReplaceChoice {
  readonly objects: readonly ObjectPattern[];
  /** Volume claims too, with the data on them. */
  readonly data: boolean;
}

export const noReplacement: ReplaceChoice = { objects: [], data: false };

/** How an object of a kind is deleted before it is made anew, or why it never is. */
export type ReplaceRule =
  | {
      readonly propagation: 'Background' | 'Orphan';
      /** What becomes of what hangs on it, for people. */
      readonly keeps: string;
      readonly data: boolean;
    }
  | { readonly never: string };

const rules: Readonly<Record<string, ReplaceRule>> = {
  'apps/StatefulSet': { propagation: 'Orphan', keeps: 'its pods and volumes live on', data: false },
  '/PersistentVolumeClaim': { propagation: 'Background', keeps: 'its data is lost', data: true },
  '/PersistentVolume': { never: 'the data on it would be lost' },
  '/Namespace': { never: 'everything in it would be deleted' },
  'apiextensions.k8s.io/CustomResourceDefinition': { never: 'every object of its kind would be deleted' },
};

/** The rule of a kind; what has none is deleted with all that belongs to it. */
export function replaceRule({ group, kind }: GroupKind): ReplaceRule {
  const usual = {
    propagation: 'Background',
    keeps: 'what belongs to it is made anew too',
    data: false,
  } as const;
  return rules[`${group}/${kind}`] ?? usual;
}

/** Parts of a spec that may be changed although the server says that the spec as a whole may not (its validation packages). */
const changeable: Readonly<Record<string, readonly string[]>> = {
  StatefulSet: [
    '.spec.replicas',
    '.spec.ordinals',
    '.spec.template',
    '.spec.updateStrategy',
    '.spec.revisionHistoryLimit',
    '.spec.persistentVolumeClaimRetentionPolicy',
    '.spec.minReadySeconds',
  ],
  PersistentVolumeClaim: ['.spec.resources.requests', '.spec.volumeAttributesClassName'],
};

/** The fields that stand in the way, masked, with both values: what differs at or below the places that the server names. */
export function immutableFields(
  live: KubeObject,
  desired: KubeObject,
  { causes }: Pick<ApiFailure, 'causes'>,
  mask: Masker,
): FieldChange[] {
  const named = causes.flatMap(({ field }) => (field === undefined || field === '' ? [] : [`.${field}`]));
  const free = changeable[live.kind] ?? [];
  const changes = fieldChanges(live, layOver(live, desired), { mask, ignore: free });
  const within = (path: string, place: string) =>
    path.startsWith(place) && ['', '.', '['].includes(path.charAt(place.length));
  const found = changes.filter(({ path }) =>
    named.some((place) => within(path, place) || within(place, path)),
  );
  return found.length > 0 ? found : named.map((path) => ({ path }));
}

/** Why an object cannot be made anew although its kind can; undefined where it can. */
export function replaceObstacle(live: KubeObject, desired: KubeObject): string | undefined {
  if (live.kind !== 'StatefulSet') return undefined;
  const selector = (object: KubeObject) => (isObject(object.spec) ? object.spec.selector : undefined);
  return jsonEqual(selector(live), selector(desired))
    ? undefined
    : 'its selector changes: its pods would belong to nobody and stand in the way of the new ones';
}
