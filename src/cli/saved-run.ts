import { AppstoreError } from '../domain/errors.ts';
import type { Plan } from '../domain/plan.ts';
import { cleanLine } from '../domain/text.ts';
import type { ChangeResult, SavedPlan } from '../services/requests.ts';
import { savePlan } from '../services/save-plan.ts';
import { type Chosen, changeRequest, runChange, viewOptions, withSession } from './change-run.ts';
import type { Cli } from './cli.ts';
import { exitCodes } from './exit-codes.ts';
import { planText, readPlanFile, readSmall, writeWhole } from './plan-files.ts';
import { changeView } from './views/change.ts';
import { hasChanges } from './views/plan.ts';
import { printResult, say } from './views/print.ts';

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
  const keys = await Promise.all((options.approvedBy ?? []).map((key) => readSmall(io, key)));
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
  say(cli, `Saved to ${out}. Carry it out with: appstore ${file.operation} --plan ${out}`);
  return options.exitCode === true && hasChanges(plan) ? exitCodes.pending : undefined;
}

/** `plan --show FILE`: a saved plan, without a cluster. */
export async function runPlanShow(cli: Cli, path: string): Promise<undefined> {
  const { plan } = await readPlanFile(cli.io, path);
  await printResult(cli, changeView(planned(plan), viewOptions(cli, false)));
}

/** A change that is planned and not carried out. */
function planned(plan: Plan): ChangeResult {
  return { outcome: 'planned', plan, notes: '', outputs: [], open: [], waited: false, generated: [] };
}
