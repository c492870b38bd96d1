import { fieldChanges } from '../domain/diff.ts';
import { ApiError, AppstoreError } from '../domain/errors.ts';
import { withoutPath } from '../domain/field-path.ts';
import { isMarkPath } from '../domain/helm-ownership.ts';
import { isObject } from '../domain/json.ts';
import { ownersOf } from '../domain/managed-fields.ts';
import type { Masker } from '../domain/masking.ts';
import { displayId, type KubeObject } from '../domain/objects.ts';
import { layOver } from '../domain/overlay.ts';
import { fieldManager, ownershipKeys } from '../domain/ownership.ts';
import type { FieldChange, PlannedConflict } from '../domain/plan.ts';
import type { Located } from './locate.ts';
import type { Cluster } from './ports.ts';

/** How a live object stands to what an app that takes it over has. */
export interface Takeover {
  readonly live: KubeObject;
  /** What can be applied without changing more than our labels: the object without what differs. */
  readonly desired: KubeObject;
  /** What differs, with who holds it; it is left as it is. */
  readonly differs: readonly PlannedConflict[];
}

/** Labels that say whose an object is; nothing but these is changed by taking over. */
const ownLabels: ReadonlySet<string> = new Set(
  [ownershipKeys.partOf, ownershipKeys.managedBy, ownershipKeys.instance].map(
    (key) => `.metadata.labels.${key}`,
  ),
);

/** What differs is cut out of the object, each time with one step more around it, because lists and maps may be of one piece. */
const rounds = 5;

/**
 * Compares an object, with our labels on it, with the live one by a dry run of the apply. Undefined where there is no live one.
 * Throws FIELD_CONFLICT where nothing can be applied without changing it, and what the server refuses.
 */
export async function compareTakeover(
  { cluster, mask }: { readonly cluster: Cluster; readonly mask: Masker },
  wanted: Pick<Located, 'ref' | 'object'>,
  signal: AbortSignal,
): Promise<Takeover | undefined> {
  const live = await cluster.get(wanted.ref, signal);
  if (live === undefined) return undefined;
  let desired = wanted.object;
  let differs: readonly FieldChange[] = [];
  for (let round = 0; round < rounds; round++) {
    const changes = await changesTo(cluster, live, desired, signal);
    if (changes.length === 0)
      return { live, desired, differs: differs.map((change) => heldField(live, change, mask)) };
    if (round === 0) differs = changes;
    desired = changes.reduce((rest, { path }) => withoutPath(rest, around(path, round)), desired);
  }
  throw new AppstoreError(
    'FIELD_CONFLICT',
    `${displayId(wanted.ref)}: it differs from the release so that it cannot be taken over without being changed`,
  );
}

async function changesTo(
  cluster: Cluster,
  live: KubeObject,
  desired: KubeObject,
  signal: AbortSignal,
): Promise<FieldChange[]> {
  const after = await applied(cluster, live, desired, signal);
  return fieldChanges(live, after)
    .flatMap(withoutOwnLabels)
    .filter(({ path, before }) => !isMarkPath(path, before));
}

/** Where there was no label at all, all of them are one change. */
function withoutOwnLabels(change: FieldChange): FieldChange[] {
  if (change.path !== '.metadata.labels') return ownLabels.has(change.path) ? [] : [change];
  const labels = isObject(change.after) ? change.after : {};
  return Object.entries(labels)
    .map(
      ([key, after]): FieldChange => ({
        path: `.metadata.labels.${key}`,
        ...(after === undefined ? {} : { after }),
      }),
    )
    .filter(({ path }) => !ownLabels.has(path));
}

/** What cannot be changed in place is compared without the server. */
async function applied(
  cluster: Cluster,
  live: KubeObject,
  desired: KubeObject,
  signal: AbortSignal,
): Promise<KubeObject> {
  try {
    return await cluster.apply(desired, { fieldManager, force: true, dryRun: true, signal });
  } catch (error) {
    const refused = error instanceof ApiError && ['FIELD_IMMUTABLE', 'API_INVALID'].includes(error.code);
    if (!refused) throw error;
    const after = layOver(live, desired);
    if (fieldChanges(live, after).length === 0) throw error;
    return after;
  }
}

/** A path without so many of its last steps, and never less than the field of the object that it is in. */
function around(path: string, steps: number): string {
  let text = path.replace(/\[\d+\].*$/, '');
  for (let step = 0; step < steps; step++) {
    const shorter = text.replace(/(?:\[[^[\]]*\]|\.[^.[\]]+)$/, '');
    if (shorter === '' || shorter === text) break;
    text = shorter;
  }
  return text;
}

function heldField(live: KubeObject, change: FieldChange, mask: Masker): PlannedConflict {
  const { path, before, after } = mask.change(live, change);
  return {
    manager: ownersOf(live.metadata, change.path)[0] ?? 'nobody',
    field: path,
    ...(after === undefined ? {} : { ours: after }),
    ...(before === undefined ? {} : { theirs: before }),
    choice: 'yield',
  };
}
