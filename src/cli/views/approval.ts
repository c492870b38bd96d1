import type { Plan } from '../../domain/plan.ts';
import type { PlanFile } from '../../domain/plan-file.ts';
import { cleanLine } from '../../domain/text.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import { approvalOutput } from '../../outputs/approval.ts';
import { planText } from './plan.ts';
import type { ResultView } from './print.ts';

/** What was approved, and by whom. */
export function approvalView(file: PlanFile, plan: Plan, verbose: boolean): ResultView {
  const { name, approvals } = file;
  return {
    data: approvalOutput(file),
    names: () => [name],
    text: (style) =>
      [
        planText(plan, { ...style, verbose }),
        '',
        ...approvals.map(({ by, at }) =>
          style.palette.green(`Approved by ${cleanLine(by)} at ${cleanLine(at)}.`),
        ),
      ].join('\n'),
  };
}

/** A key pair that was made. */
export function approvalKeyView(path: string): ResultView {
  return {
    data: { apiVersion, kind: 'ApprovalKey', privateKey: path, publicKey: `${path}.pub` },
    names: () => [path],
    text: () =>
      `${path} signs plans and catalogs: keep it to yourself. ${path}.pub is for those who carry plans out (--approved-by) and use catalogs (--signed-by).`,
  };
}
