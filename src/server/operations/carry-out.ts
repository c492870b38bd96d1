import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppstoreError } from '../../domain/errors.ts';
import type { Plan } from '../../domain/plan.ts';
import type { ChangeDeps, ClusterDeps, Session } from '../../services/requests.ts';
import { auditOf } from '../audit.ts';
import type { Caller } from '../callers/caller.ts';
import { planDigest } from '../plan-digest.ts';
import { callerOf, type Services } from '../services.ts';
import { type OperationKind, operationId, requestIdOf, requireSame, sameKey } from './ids.ts';
import { recordedOperation, removedOperation } from './lookup.ts';
import { type OperationFacts, operationOutput } from './operation.ts';

/** Something that is asked for of one deployment. */
export interface Asked {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly operation: OperationKind;
  readonly dryRun: boolean;
  /** Of the plan that was agreed to. */
  readonly planDigest?: string;
  /** Milliseconds in which a cluster that is away is waited for. */
  readonly patience: number;
  /** All that says what is asked for: two requests of one idempotency key have the same. */
  readonly body: unknown;
  /** Carries it out; answers the documented output of what came of it. */
  run(deps: ChangeDeps, session: Session, requestId: string | undefined): Promise<PlannedOutput>;
}

/** An output with the plan that it was made from. */
export interface PlannedOutput {
  readonly output: object;
  readonly plan: Plan;
}

/**
 * Says what would be done, or begins it: an operation that goes on by itself where something is written, and what came of it where nothing
 * had to be.
 */
export async function carryOut(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  asked: Asked,
): Promise<object> {
  const caller = callerOf(request);
  if (asked.dryRun) return dryRun(services, request, caller, asked);
  const requestId = requestIdOf(caller.name, idempotencyKey(request), [asked.operation, asked.body]);
  const target = { ...asked, key: requestId };
  const earlier = await earlierOperation(services, request, caller, asked, requestId);
  if (earlier !== undefined) return accepted(reply, earlier);
  auditOf(request).note({ ...target, result: 'begun' });
  try {
    const begun = await services.operations.begin({
      ...{ caller, cluster: asked.cluster, namespace: asked.namespace, name: asked.name },
      operation: asked.operation,
      requestId,
      run: (session) =>
        onOwnConnection(services, { ...asked, caller }, session, (deps) =>
          asked.run(deps, { ...session, ...checking(asked) }, requestId),
        ),
    });
    if (begun.operation === undefined) return begun.result;
    return accepted(reply, begun.operation.facts());
  } catch (error) {
    // Another replica may have begun the same just now.
    if (!isTaken(error)) throw error;
    const other = await earlierOperation(services, request, caller, asked, requestId);
    if (other === undefined) throw error;
    return accepted(reply, other);
  }
}

function isTaken(error: unknown): boolean {
  const codes = ['ALREADY_INSTALLED', 'INSTALLATION_LOCKED', 'OPERATION_RUNNING'];
  return error instanceof AppstoreError && codes.includes(error.code);
}

async function dryRun(
  services: Services,
  request: FastifyRequest,
  caller: Caller,
  asked: Asked,
): Promise<object> {
  return services.pool.use(asked.cluster, caller, async (deps) => {
    const session = { emit: () => {}, signal: request.signal, ...checking(asked) };
    const { output, plan } = await asked.run(await changeDeps(services, deps), session, undefined);
    return { ...output, planDigest: planDigest(plan) };
  });
}

interface OwnConnection {
  readonly caller: Caller;
  readonly cluster: string;
  /** Milliseconds in which a cluster that is away is waited for. */
  readonly patience: number;
}

/** Milliseconds that what was stopped has to let go of its lock; a cluster that does not answer by then is waited for no longer. */
export const lettingGo = 10_000;

/** Works on a connection of its own, which bears with an outage for as long as the operation may take, and is not stopped. */
export async function onOwnConnection(
  services: Services,
  { caller, cluster, patience }: OwnConnection,
  session: Session,
  work: (deps: ChangeDeps) => Promise<PlannedOutput>,
): Promise<object> {
  const until = performance.now() + patience;
  const deps = await services.pool.open(cluster, caller, {
    onConnection: (state, reason) => session.emit({ type: 'connection', state, reason }),
    patientUntil: () => (session.signal.aborted ? 0 : until),
  });
  const { clock } = services.platform;
  const over = new AbortController();
  const cut = (): void => {
    clock.sleep(lettingGo, over.signal).then(
      () => deps.cluster.close(),
      () => undefined,
    );
  };
  session.signal.addEventListener('abort', cut, { once: true });
  try {
    const { output } = await work(await changeDeps(services, deps));
    return output;
  } finally {
    session.signal.removeEventListener('abort', cut);
    over.abort();
    await deps.cluster.close();
  }
}

/** The plan that was agreed to, and no other. */
function checking({ planDigest: agreed }: Asked): Pick<Session, 'check'> {
  if (agreed === undefined) return {};
  return {
    check: (plan) => {
      if (planDigest(plan) !== agreed) throw new PlanMoved(plan);
    },
  };
}

/** PLAN_MOVED, with the plan as it is now. */
export class PlanMoved extends AppstoreError {
  readonly plan: Plan;

  constructor(plan: Plan) {
    super('PLAN_MOVED', 'what would be done is not what was shown; nothing was written');
    this.name = 'PlanMoved';
    this.plan = plan;
  }
}

/** What services need besides a cluster. */
export async function changeDeps(services: Services, deps: ClusterDeps): Promise<ChangeDeps> {
  const { catalogs, renderers } = await services.shelf.deps();
  return { ...deps, catalogs, renderers, random: services.platform.random };
}

/** Answers with an operation that is under way, or was. */
export function accepted(reply: FastifyReply, facts: OperationFacts): object {
  void reply.code(202).header('location', `/api/v1/operations/${operationId(facts)}`);
  return operationOutput(facts);
}

/** The key of a request that writes. @throws AppstoreError REQUEST_INVALID */
function idempotencyKey({ headers }: FastifyRequest): string {
  const key = headers['idempotency-key'];
  if (typeof key === 'string' && key.length >= 16) return key;
  throw new AppstoreError('REQUEST_INVALID', 'the header `Idempotency-Key` is missing', {
    hint: 'Send a random one (a UUID) with each thing that is asked for, and the same one when it is sent again.',
  });
}

/** What was begun before with this key, here or by another replica. @throws AppstoreError KEY_REUSED */
async function earlierOperation(
  { operations, pool }: Services,
  { signal }: FastifyRequest,
  caller: Caller,
  asked: Asked,
  requestId: string,
): Promise<OperationFacts | undefined> {
  const { cluster, namespace, name, operation } = asked;
  const here = operations.on(asked).find((one) => sameKey(one.facts().key, requestId));
  if (here !== undefined) {
    requireSame(here.facts().key, requestId);
    return settled(here);
  }
  return pool.use(cluster, caller, async (deps) => {
    const record = await deps.records.read(namespace, name, signal);
    const names = [record?.pending?.requestId, ...(record?.revisions ?? []).map((one) => one.requestId)];
    const ref = { cluster, namespace, name, operation, key: requestId };
    const found = names.find((key) => key !== undefined && sameKey(key, requestId));
    if (found === undefined) return operation === 'remove' ? removedOperation(deps, ref, signal) : undefined;
    requireSame(found, requestId);
    return recordedOperation(deps, ref, signal);
  });
}

/** One that is only being begun has no answer yet: it is waited for by `begin`. */
function settled(operation: { facts(): OperationFacts; recorded(): boolean }): OperationFacts | undefined {
  return operation.recorded() ? operation.facts() : undefined;
}
