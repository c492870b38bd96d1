import { SANDBOX_NOTICE } from '../domain/sandbox.ts';
import type { DriftReport, RepairResult } from '../services/requests.ts';
import { apiVersion } from './api-version.ts';
import { planOutput } from './plan.ts';
import type { Simulation } from './simulation.ts';

/** What differs from the revision, field by field, with who did it. */
export function driftOutput({ name, namespace, revision, objects, problems }: DriftReport) {
  return { apiVersion, kind: 'Drift' as const, name, namespace, revision, objects, problems };
}

/** What came of taking drift back, or would come of it. */
export function repairOutput({ plan, outcome, left }: RepairResult, { simulated }: Simulation) {
  const { name, namespace } = plan.target;
  return {
    apiVersion,
    kind: 'Repair' as const,
    outcome,
    name,
    namespace,
    revision: plan.revision,
    plan: planOutput(plan),
    left,
    ...(simulated ? { notice: SANDBOX_NOTICE } : {}),
  };
}
