import type { PlanFile } from '../domain/plan-file.ts';
import { apiVersion } from './api-version.ts';

/** Who approved a plan. */
export function approvalOutput({ operation, namespace, name, approvals }: PlanFile) {
  return {
    apiVersion,
    kind: 'PlanApproval' as const,
    operation,
    name,
    namespace,
    approvals: approvals.map(({ by, at, key }) => ({ by, at, key })),
  };
}
