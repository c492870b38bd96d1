import type { PlanFile } from '../../domain/plan-file.ts';

/** Has the browser save a plan as a file, as `appstore plan --out` writes it. */
export function savePlanFile(plan: PlanFile): void {
  const address = URL.createObjectURL(new Blob([JSON.stringify(plan)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${plan.name}.plan`;
  link.click();
  URL.revokeObjectURL(address);
}
