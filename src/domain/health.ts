/** State of one object, in the words of kstatus (kubernetes-sigs/cli-utils pkg/kstatus/status). */
type HealthStatus = 'current' | 'in-progress' | 'failed' | 'terminating' | 'not-found' | 'unknown';

/**
 * A stable word for why something is not healthy. docs/errors.md lists meaning and fix of each.
 */
export type CauseCode =
  | 'IMAGE_PULL_NOT_FOUND'
  | 'IMAGE_PULL_AUTH'
  | 'IMAGE_PULL_NETWORK'
  | 'IMAGE_NAME_INVALID'
  | 'CRASH_LOOP'
  | 'OOM_KILLED'
  | 'CONFIG_INVALID'
  | 'PROBE_FAILING'
  | 'UNSCHEDULABLE_CPU'
  | 'UNSCHEDULABLE_MEMORY'
  | 'UNSCHEDULABLE'
  | 'VOLUME_UNBOUND'
  | 'QUOTA_EXCEEDED'
  | 'ADMISSION_DENIED'
  | 'FORBIDDEN'
  | 'JOB_FAILED'
  | 'PROGRESS_DEADLINE'
  | 'TERMINATING'
  | 'MISSING'
  | 'NOT_READY'
  | 'TIMEOUT'
  | 'INTERRUPTED'
  | 'CONFLICT'
  | 'ERROR';

/** What is known of an object's health. `reason` is for people, one line, already free of control sequences. */
export interface Health {
  readonly status: HealthStatus;
  readonly reason: string;
  readonly cause?: CauseCode;
  /** True where no controller has said anything yet (DESIGN: reported as `not observed`). */
  readonly notObserved?: boolean;
}
