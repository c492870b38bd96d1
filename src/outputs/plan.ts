import { countActions, type Plan, type PlannedHook } from '../domain/plan.ts';

/** A plan as JSON (docs/outputs.md): without the objects themselves, which hold secrets. */
export function planOutput(plan: Plan) {
  return {
    operation: plan.operation,
    target: plan.target,
    app: plan.app,
    ...(plan.previous === undefined ? {} : { previous: plan.previous }),
    revision: plan.revision,
    ...(plan.records === undefined ? {} : { records: plan.records }),
    ...(plan.restores === undefined ? {} : { restores: plan.restores }),
    createNamespace: plan.createNamespace,
    ...(plan.deleteNamespace === true ? { deleteNamespace: true } : {}),
    counts: countActions(plan),
    objects: plan.objects.map((object) => ({
      ...object.ref,
      action: object.action,
      reason: object.reason,
      stage: object.stage,
      checked: object.checked,
      changes: object.changes,
      conflicts: object.conflicts,
    })),
    ...(plan.hooks === undefined ? {} : { hooks: plan.hooks.map(hookOutput) }),
    handovers: plan.handovers,
    grants: plan.grants,
    kept: plan.kept,
    ...(plan.beyond === undefined ? {} : { beyond: plan.beyond }),
    warnings: plan.warnings,
  };
}

function hookOutput({ ref, runs, weight, deletePolicies, action, checked }: PlannedHook) {
  return { ...ref, runs, weight, deletePolicies, action, checked };
}
