import { SANDBOX_NOTICE } from '../domain/sandbox.ts';
import type { ChangeResult, RemoveResult } from '../services/requests.ts';
import { apiVersion } from './api-version.ts';
import { planOutput } from './plan.ts';
import type { Simulation } from './simulation.ts';

/** What came of an install, upgrade or rollback, or would come of it. */
export function changeOutput(result: ChangeResult, { simulated }: Simulation) {
  const { plan, record } = result;
  const { name, namespace } = plan.target;
  return {
    apiVersion,
    kind: 'Change' as const,
    outcome: result.outcome,
    name,
    namespace,
    app: plan.app,
    revision: record?.revision ?? plan.revision,
    waited: result.waited,
    plan: planOutput(plan),
    outputs: result.outputs,
    open: result.open,
    generatedCredentials: result.generated,
    notes: result.notes,
    ...(simulated ? { notice: SANDBOX_NOTICE } : {}),
  };
}

/** What came of a removal, or would come of it. */
export function removalOutput(result: RemoveResult, { simulated }: Simulation) {
  const { plan, outcome, waited, left } = result;
  const { name, namespace } = plan.target;
  return {
    apiVersion,
    kind: 'Removal' as const,
    outcome,
    name,
    namespace,
    plan: planOutput(plan),
    waited,
    left,
    ...(simulated ? { notice: SANDBOX_NOTICE } : {}),
  };
}
