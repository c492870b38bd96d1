import type { CauseCode } from './health.ts';

/** What is known for sure of one object that is not healthy. */
export interface Evidence {
  readonly cause: CauseCode;
  /** Milliseconds that the cause has held without a break. */
  readonly heldMs: number;
  /** Milliseconds since the cause was first seen: a container that keeps ending runs in between. */
  readonly knownMs: number;
  /** Times that the same container's image could not be pulled. */
  readonly pulls: number;
  /** Most restarts of one container in this operation without progress between. */
  readonly restarts: number;
  /**
   * Most restarts of one container that kept ending before this operation, where the operation wrote nothing that could mend it and nothing
   * became ready since; otherwise 0.
   */
  readonly settledRestarts: number;
  /** The cluster autoscaler has announced a new node for the pod. */
  readonly scalingUp: boolean;
}

/** When the evidence of a cause lasts: any one of the figures suffices. A row without figures never ends the wait. */
interface FailRow {
  readonly heldMs?: number;
  readonly pulls?: number;
  readonly restarts?: number;
  /** For a container that kept ending before: so many restarts in all, and so long in back-off. */
  readonly settled?: { readonly restarts: number; readonly heldMs: number };
  readonly reason: string;
}

const pullRefused: FailRow = {
  pulls: 2,
  // The node tries again after 10 s (kubelet's image back-off): a refusal that stands longer was heard twice.
  heldMs: 20_000,
  reason: 'a registry that said no twice will say so again',
};

const unschedulable: FailRow = {
  heldMs: 60_000,
  reason: 'pods that end elsewhere or a new node make room, but not after a minute without any sign of it',
};

/**
 * Kubelet backs off for 10, 20, 40 ... 300 s: who stands in it for longer than 20 s has ended three times in a row, and the next try
 * may be minutes away.
 */
const settled = { restarts: 3, heldMs: 30_000 };

/** When waiting ends before the timeout, and why then. Every cause that is not here is waited for. */
export const failEarly: Readonly<Partial<Record<CauseCode, FailRow>>> = {
  IMAGE_PULL_NOT_FOUND: pullRefused,
  IMAGE_PULL_AUTH: pullRefused,
  IMAGE_PULL_NETWORK: { reason: 'a network comes back' },
  IMAGE_NAME_INVALID: { heldMs: 0, reason: 'a name that cannot be parsed stays so' },
  CRASH_LOOP: {
    restarts: 3,
    settled,
    reason:
      'an app may end once or twice until its database is up; three times with nothing else becoming ready is more',
  },
  OOM_KILLED: {
    restarts: 3,
    settled,
    reason: 'as for a crash loop: the first load of data may be the largest',
  },
  CONFIG_INVALID: {
    heldMs: 60_000,
    reason: 'another controller may still make the Secret or ConfigMap that is missing',
  },
  UNSCHEDULABLE: unschedulable,
  UNSCHEDULABLE_CPU: unschedulable,
  UNSCHEDULABLE_MEMORY: unschedulable,
  VOLUME_UNBOUND: { heldMs: 60_000, reason: 'provisioners answer within seconds, slow ones within a minute' },
  QUOTA_EXCEEDED: { heldMs: 0, reason: 'the API server counted and refused' },
  ADMISSION_DENIED: { heldMs: 0, reason: 'the API server asked the policy and refused' },
  JOB_FAILED: { heldMs: 0, reason: 'a Job that has failed is never tried again' },
  CONFLICT: { heldMs: 0, reason: 'another CRD has the names' },
  FORBIDDEN: { heldMs: 0, reason: 'what may not be read is never seen ready' },
  MISSING: { heldMs: 10_000, reason: 'whoever deleted the object may be about to create it again' },
  PROGRESS_DEADLINE: {
    reason: 'the Deployment says that it is slow, not that it cannot; its controller goes on',
  },
  ERROR: { heldMs: 30_000, reason: 'a controller that reports a failure may be between two tries' },
};

/**
 * Why waiting for an object ends now; undefined while it goes on.
 * @param failAfter Milliseconds that stand in for every time of the table (`--fail-after`). What is counted has to be known for
 * as long, too; what the API server refused is sure at once. Infinite: never.
 */
export function reasonToStop(evidence: Evidence, failAfter?: number): string | undefined {
  const row = failEarly[evidence.cause];
  if (row === undefined || evidence.scalingUp || failAfter === Number.POSITIVE_INFINITY) return undefined;
  const held = row.heldMs === undefined || row.heldMs === 0 ? row.heldMs : (failAfter ?? row.heldMs);
  const counted =
    (row.pulls !== undefined && evidence.pulls >= row.pulls) ||
    (row.restarts !== undefined && evidence.restarts >= row.restarts);
  const stayed =
    row.settled !== undefined &&
    evidence.settledRestarts >= row.settled.restarts &&
    evidence.heldMs >= (failAfter ?? row.settled.heldMs);
  const stops =
    stayed ||
    (held !== undefined && evidence.heldMs >= held) ||
    (counted && evidence.knownMs >= (failAfter ?? 0));
  return stops ? row.reason : undefined;
}
