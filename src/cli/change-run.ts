import { defaultRevisionsKept } from '../domain/release.ts';
import { refuseConflicts } from '../services/conflicts.ts';
import type { ChangeDeps, ChangeRequest, ChangeResult, Session } from '../services/requests.ts';
import { changeOrUndo } from '../services/undo.ts';
import { adoptChoice, conflictChoices, replaceChoice } from './choices.ts';
import type { Cli } from './cli.ts';
import { exitCodes } from './exit-codes.ts';
import { readGiven } from './given-options.ts';
import { defaultTimeout } from './options.ts';
import { createProgress } from './progress/progress.ts';
import { createAsker } from './prompts/asker.ts';
import { clusterOf, installationOf } from './target.ts';
import { changeView } from './views/change.ts';
import { hasChanges } from './views/plan.ts';
import { printResult } from './views/print.ts';

export type Chosen = Pick<ChangeRequest, 'operation' | 'name'> &
  Partial<Pick<ChangeRequest, 'app' | 'revision' | 'undo' | 'saved'>> & {
    /** What a saved plan decides; else the flags do. */
    readonly choices?: Pick<ChangeRequest, 'conflicts' | 'adopt' | 'replace'>;
  };

/** What the command line asks for, as a request. All of it is read before anything is asked of the cluster. */
export async function changeRequest(
  cli: Cli,
  chosen: Chosen,
): Promise<{ readonly deps: ChangeDeps; readonly request: ChangeRequest }> {
  const { io, options } = cli;
  const { choices, ...what } = chosen;
  const decided = choices ?? {
    conflicts: conflictChoices(options),
    adopt: adoptChoice(options),
    replace: replaceChoice(options),
  };
  const given = await readGiven(io, options);
  const deps = await clusterOf(cli);
  const request: ChangeRequest = {
    ...what,
    ...installationOf(cli, deps, chosen.name),
    given,
    ...decided,
    confirmed: options.yes === true,
    resetValues: options.resetValues === true,
    createNamespace: options.createNamespace === true,
    wait: options.wait !== false,
    ...(options.waitForLock === undefined ? {} : { waitForLock: options.waitForLock }),
    timeout: options.timeout ?? defaultTimeout,
    ...(options.failAfter === undefined ? {} : { failAfter: options.failAfter }),
    dryRun: options.dryRun === true,
    keep: options.keep ?? defaultRevisionsKept,
    undoOnFailure: options.undoOnFailure === true,
    allowClusterScope: options.allowClusterScope === true,
    ...(options.hooks === false ? { hooks: false } : {}),
    holder: cli.context.holder(),
  };
  return { deps, request };
}

/** What install, upgrade and rollback have in common: flags -> service -> view. */
export async function runChange(cli: Cli, chosen: Chosen): Promise<number | undefined> {
  const { options } = cli;
  const { deps, request } = await changeRequest(cli, chosen);
  cli.context.rideOut(request.timeout);
  const result = await withSession(cli, { plan: !request.dryRun }, (session) =>
    changeOrUndo(deps, request, session),
  );
  await printResult(cli, changeView(result, viewOptions(cli, deps.cluster.target.simulated)));
  refuseConflicts(result.plan);
  return options.exitCode === true && pending(result) ? exitCodes.pending : undefined;
}

function pending(result: ChangeResult): boolean {
  return result.outcome === 'planned' && hasChanges(result.plan);
}

export function viewOptions(cli: Cli, simulated: boolean): { simulated: boolean; verbose: boolean } {
  return { simulated, verbose: cli.options.verbose === true };
}

/** Runs a service with progress, questions and Ctrl-C; takes the progress off the screen whatever happens. */
export async function withSession<T>(
  cli: Cli,
  shown: { readonly plan: boolean },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { io, options, context } = cli;
  const progress = await createProgress(io, options, { clock: context.clock, plan: shown.plan });
  context.onConnection((state, reason) => progress.emit({ type: 'connection', state, reason }));
  const ask = createAsker({ io, options, random: context.random, progress });
  try {
    return await work({ emit: progress.emit, signal: io.signal, ...(ask === undefined ? {} : { ask }) });
  } finally {
    progress.stop();
  }
}
