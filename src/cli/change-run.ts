import { AppstoreError } from '../domain/errors.ts';
import { defaultRevisionsKept } from '../domain/release.ts';
import { refuseConflicts } from '../services/conflicts.ts';
import type { Asker, ChangeDeps, ChangeRequest, ChangeResult, Session } from '../services/requests.ts';
import { changeOrUndo } from '../services/undo.ts';
import { adoptChoice, conflictChoices, replaceChoice } from './choices.ts';
import type { Cli } from './cli.ts';
import { exitCodes } from './exit-codes.ts';
import { readGiven } from './given-options.ts';
import { defaultTimeout, type Options } from './options.ts';
import { createProgress } from './progress/progress.ts';
import { createAsker } from './prompts/asker.ts';
import { clusterAndCatalogsOf, clusterForStored, installationOf } from './target.ts';
import { tellOld } from './tell-old.ts';
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
  const stored = what.operation === 'rollback';
  const deps = await (stored ? clusterForStored(cli) : clusterAndCatalogsOf(cli));
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
  checkExitCode(options);
  const { deps, request } = await changeRequest(cli, chosen);
  const shown = { plan: !request.dryRun, patience: patienceOf(request) };
  const result = await withSession(cli, shown, (session) => changeOrUndo(deps, request, session));
  await printResult(cli, changeView(result, viewOptions(cli, deps.cluster.target.simulated)));
  if (chosen.operation !== 'rollback')
    await tellOld(
      cli,
      deps.catalogs.filter(({ name }) => name === result.plan.app.catalog),
    );
  refuseConflicts(result.plan);
  return options.exitCode === true && pending(result) ? exitCodes.pending : undefined;
}

/** Of a change that is carried out nothing is pending: whoever asks for it means the plan. */
export function checkExitCode({ exitCode, dryRun }: Options): void {
  if (exitCode === true && dryRun !== true)
    throw new AppstoreError(
      'USAGE',
      '--exit-code says whether something would change, and this would change it',
      {
        hint: 'Add --dry-run, which shows the plan and writes nothing.',
      },
    );
}

function pending(result: ChangeResult): boolean {
  return result.outcome === 'planned' && hasChanges(result.plan);
}

export function viewOptions(cli: Cli, simulated: boolean): { simulated: boolean; verbose: boolean } {
  return { simulated, verbose: cli.options.verbose === true };
}

/** How long a command may go on through an outage: as long as it may wait for others and work by itself. */
export function patienceOf(request: { readonly timeout: number; readonly waitForLock?: number }): number {
  return request.timeout + (request.waitForLock ?? 0);
}

interface Shown {
  readonly plan: boolean;
  /** Milliseconds in which a server that is away is waited for, counted anew after each question. */
  readonly patience?: number;
}

/** Runs a service with progress, questions and Ctrl-C; takes the progress off the screen whatever happens. */
export async function withSession<T>(
  cli: Cli,
  shown: Shown,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { io, options, context } = cli;
  const rideOut = () => context.rideOut(shown.patience ?? 0);
  rideOut();
  const progress = await createProgress(io, options, { clock: context.clock, plan: shown.plan });
  context.onConnection((state, reason) => progress.emit({ type: 'connection', state, reason }));
  const asker = createAsker({ io, options, random: context.random, progress });
  const ask = asker === undefined ? undefined : afterEach(asker, rideOut);
  try {
    return await work({ emit: progress.emit, signal: io.signal, ...(ask === undefined ? {} : { ask }) });
  } finally {
    progress.stop();
  }
}

/** The same questions, with something done after each answer. */
function afterEach(ask: Asker, then: () => void): Asker {
  const answered = async <A>(answer: Promise<A>): Promise<A> => answer.finally(then);
  return {
    values: (...asked) => answered(ask.values(...asked)),
    confirm: (...asked) => answered(ask.confirm(...asked)),
    conflict: (...asked) => answered(ask.conflict(...asked)),
    adopt: (...asked) => answered(ask.adopt(...asked)),
    goOn: (...asked) => answered(ask.goOn(...asked)),
  };
}
