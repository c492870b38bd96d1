import type { Plan } from '../domain/plan.ts';
import type { RevisionContent } from '../domain/release.ts';
import type { Claim } from './claim.ts';
import type { Prepared } from './prepared.ts';

/** A plan that is about to be carried out. */
export interface Job {
  readonly plan: Plan;
  readonly prepared: Prepared;
  readonly deadline: number;
  readonly claim: Claim;
}

/** The same under the lock. */
export interface LockedJob extends Job {
  readonly content: RevisionContent;
  readonly madeNamespace: boolean;
}
