import { AppstoreError } from '../domain/errors.ts';
import type { Masker } from '../domain/masking.ts';
import type { Plan } from '../domain/plan.ts';
import { createClaim, whileLocked } from './claim.ts';
import type { HelmDeps } from './list-with-helm.ts';
import { maskedError } from './masked-error.ts';
import { publicPlan } from './masked-events.ts';
import type { InstallationName, Session, WriteDeps } from './requests.ts';
import { unlessStale } from './unless-stale.ts';

/** What taking over from Helm and giving back stands on. */
export type AdoptDeps = HelmDeps & WriteDeps;

export interface AdoptRequest extends InstallationName {
  readonly dryRun: boolean;
  /** Revisions that are taken over, the newest first of all. */
  readonly keep: number;
  readonly holder: string;
  readonly waitForLock?: number;
}

export interface AdoptResult {
  /** `unchanged`: it was taken over before. */
  readonly outcome: 'adopted' | 'returned' | 'planned' | 'unchanged';
  /** Masked. */
  readonly plan: Plan;
}

/** What is known before anything is written. */
export interface HandOverPlan {
  readonly plan: Plan;
  readonly mask: Masker;
  /** True where nothing is left to do. */
  readonly done: boolean;
}

interface HandOver<F extends HandOverPlan> {
  readonly outcome: 'adopted' | 'returned';
  /** Reads only. */
  prepare(deps: AdoptDeps, session: Session): Promise<F>;
  /** Under the lock. */
  carryOut(deps: AdoptDeps, found: F, session: Session): Promise<void>;
}

/** Plan -> ask -> lock -> carry out, for both ways. Throws INSTALLATION_LOCKED, DECLINED, and what the two parts throw. */
export async function handOver<F extends HandOverPlan>(
  deps: AdoptDeps,
  request: AdoptRequest,
  session: Session,
  work: HandOver<F>,
): Promise<AdoptResult> {
  const { dryRun } = request;
  const claim = createClaim(deps, request);
  for (;;) {
    const found = await unlessStale(deps, { name: request, claim, dryRun }, session, (noting) =>
      work.prepare(noting, session),
    );
    if (found === 'again') continue;
    const plan = publicPlan(found.plan, found.mask);
    session.emit({ type: 'planned', plan });
    if (found.done) return { outcome: 'unchanged', plan };
    if (dryRun) return { outcome: 'planned', plan };
    if ((await claim.free(session)) === 'again') continue;
    if (session.ask !== undefined && !(await session.ask.confirm(plan)))
      throw new AppstoreError('DECLINED', 'not confirmed; nothing was written');
    const lock = await claim.take(session);
    if (lock === undefined) continue;
    try {
      await whileLocked(deps, lock, session, (locked, inner) =>
        work.carryOut({ ...locked, helm: deps.helm.through(locked.cluster) }, found, inner),
      );
    } catch (error) {
      if (isOvertaken(error)) {
        claim.overtaken(error);
        continue;
      }
      throw maskedError(error, found.mask);
    }
    return { outcome: work.outcome, plan };
  }
}

/** Marks what failed before anything was written: another operation changed the record since it was read. */
class Overtaken extends AppstoreError {}

/** The first write of the record. Where another operation was first, all of it is planned anew. */
export async function firstWrite<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (!(error instanceof AppstoreError && error.code === 'OPERATION_RUNNING')) throw error;
    throw new Overtaken(error.code, error.message, { cause: error, hint: error.hint });
  }
}

function isOvertaken(error: unknown): error is AppstoreError {
  return error instanceof Overtaken;
}
