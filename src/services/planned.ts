import { contentDigest } from '../domain/diff.ts';
import type { KubeObject } from '../domain/objects.ts';
import { stageOf } from '../domain/order.ts';
import type { Checked, FieldChange, PlanAction, PlannedConflict, PlannedObject } from '../domain/plan.ts';
import type { Located } from './locate.ts';
import type { PartialObject } from './ports.ts';

interface Details {
  readonly live?: PartialObject | undefined;
  readonly full?: KubeObject | undefined;
  readonly changes?: readonly FieldChange[];
  readonly conflicts?: readonly PlannedConflict[];
}

/** What is done to an object that the app has. */
export function planned(
  wanted: Located,
  action: PlanAction,
  reason: string,
  checked: Checked,
  details: Details,
): PlannedObject {
  return {
    ref: wanted.ref,
    action,
    reason,
    phase: wanted.rendered.phase,
    ...stageOf(wanted.ref),
    checked,
    changes: details.changes ?? [],
    conflicts: [...(wanted.yielded ?? []), ...(details.conflicts ?? [])],
    desired: wanted.object,
    source: wanted.rendered.source,
    ...(details.live?.metadata.uid === undefined
      ? {}
      : {
          live: {
            uid: details.live.metadata.uid,
            digest: details.full === undefined ? '' : contentDigest(details.full),
          },
        }),
  };
}
