import { AppstoreError } from '../domain/errors.ts';
import type { PlanFile } from '../domain/plan-file.ts';
import { cleanLine } from '../domain/text.ts';
import { refusePrivateKey } from '../services/approval.ts';
import type { SavedPlan } from '../services/requests.ts';
import { savePlan } from '../services/save-plan.ts';
import { requireBound, savedContent } from '../services/saved-content.ts';
import { type Chosen, changeRequest, runChange, viewOptions, withSession } from './change-run.ts';
import type { Cli } from './cli.ts';
import { exitCodes } from './exit-codes.ts';
import { planText, readPlanFile, readSmall, writeWhole } from './plan-files.ts';
import { changeView } from './views/change.ts';
import { hasChanges } from './views/plan.ts';
import { printResult, say } from './views/print.ts';
import { planned, savedPlanView } from './views/saved-plan.ts';

/** `install|upgrade|rollback --plan FILE`: the plan as it was saved, and nothing else. */
export async function runSaved(cli: Cli, operation: Chosen['operation']): Promise<number | undefined> {
  const { options, args, io } = cli;
  const path = options.plan ?? '';
  const { file, plan, choices } = await readPlanFile(io, path);
  const named = args.length > 0 || (options.namespace !== undefined && options.namespace !== file.namespace);
  if (named)
    throw new AppstoreError(
      'USAGE',
      `${path} says itself what it is for: ${cleanLine(file.name)} in ${cleanLine(file.namespace)}`,
      {
        hint: 'Leave out the app, the name and the namespace.',
      },
    );
  if (file.operation !== operation)
    throw new AppstoreError('USAGE', `${path} is the plan of another operation: ${file.operation}`, {
      hint: `Run \`appstore ${file.operation} --plan ${path}\`.`,
    });
  const keys = await Promise.all((options.approvedBy ?? []).map((key) => trustedKey(cli, key)));
  const saved: SavedPlan = { file, plan, approvedBy: keys };
  const createNamespace = file.bound.createNamespace;
  const there: Cli = { ...cli, options: { ...options, namespace: file.namespace, createNamespace } };
  return runChange(there, { operation, name: file.name, saved, choices });
}

/** `plan --out FILE`: shows the plan and keeps it. */
export async function runPlanOut(cli: Cli, chosen: Chosen): Promise<number | undefined> {
  const { options, io } = cli;
  const out = options.out ?? '';
  const { deps, request } = await changeRequest(cli, chosen);
  const { plan, file } = await withSession(cli, { plan: false }, (session) =>
    savePlan(deps, { ...request, requireApproval: options.requireApproval === true }, session),
  );
  await writeWhole(io, out, planText(file));
  await printResult(cli, changeView(planned(plan), viewOptions(cli, deps.cluster.target.simulated)));
  say(cli, savedTo(out, file));
  return options.exitCode === true && hasChanges(plan) ? exitCodes.pending : undefined;
}

/** Where it is, and what comes next: a plan that demands an approval is refused before. */
function savedTo(out: string, { operation, requireApproval }: PlanFile): string {
  const carry = `appstore ${operation} --plan ${out}`;
  if (!requireApproval) return `Saved to ${out}. Carry it out with: ${carry}`;
  return [
    `Saved to ${out}. It has to be approved first: appstore approve ${out} --key FILE`,
    `Then carry it out with: ${carry} --approved-by FILE.pub`,
  ].join('\n');
}

/** The public keys that whoever carries a plan out trusts. Throws FILE_UNREADABLE, USAGE for a private one. */
async function trustedKey(cli: Cli, path: string): Promise<string> {
  const pem = await readSmall(cli.io, path);
  refusePrivateKey(pem, path);
  return pem;
}

/** `plan --show FILE`: a saved plan, without a cluster. */
export async function runPlanShow(cli: Cli, path: string): Promise<undefined> {
  const { file, ...unpacked } = await readPlanFile(cli.io, path);
  requireBound(file, unpacked.plan);
  await printResult(cli, savedPlanView(savedContent(file, unpacked), cli.options.verbose === true));
}
