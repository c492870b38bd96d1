import { apiVersion } from '../../outputs/api-version.ts';
import type { ProblemDetails } from '../problems.ts';
import { type OperationRef, operationId } from './ids.ts';

/** `interrupted`: nobody is at it any more, and it can be gone on with. */
type OperationState = 'running' | 'done' | 'failed' | 'interrupted';

/** What is known of an operation. */
export interface OperationFacts extends OperationRef {
  readonly state: OperationState;
  /** RFC 3339. */
  readonly startedAt: string;
  /** For people: who began it, or works on it. */
  readonly by: string;
  /** It was asked to stop. */
  readonly stopping?: boolean;
  readonly finishedAt?: string;
  /** The revision that it makes; 0 for a removal. */
  readonly revision?: number;
  /** What came of it, where this server carried it out: `Change`, `Removal` or `Repair`. */
  readonly result?: object;
  readonly problem?: ProblemDetails;
}

/** An operation, as everybody is told of it. */
export function operationOutput(facts: OperationFacts) {
  const { cluster, namespace, name, operation, state, startedAt, by } = facts;
  const { stopping, finishedAt, revision, result, problem } = facts;
  return {
    apiVersion,
    kind: 'Operation' as const,
    id: operationId(facts),
    ...{ cluster, namespace, name, operation, state, startedAt, by },
    ...(stopping === true && state === 'running' ? { stopping } : {}),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(revision === undefined ? {} : { revision }),
    ...(result === undefined ? {} : { result }),
    ...(problem === undefined ? {} : { problem }),
  };
}
