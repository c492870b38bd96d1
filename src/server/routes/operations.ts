import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppstoreError } from '../../domain/errors.ts';
import type { PendingOperation } from '../../domain/release.ts';
import { changeOutput, removalOutput } from '../../outputs/change.ts';
import { remove } from '../../services/remove.ts';
import type { ChangeDeps, Session } from '../../services/requests.ts';
import { changeOrUndo } from '../../services/undo.ts';
import { auditOf } from '../audit.ts';
import { changeOf, type DoingBody, removalOf, timeoutOf } from '../bodies.ts';
import { personOf, sameCaller } from '../callers/caller.ts';
import { accepted, onOwnConnection, type PlannedOutput } from '../operations/carry-out.ts';
import { type OperationRef, parseOperationId } from '../operations/ids.ts';
import { isNamed, recordedOperation } from '../operations/lookup.ts';
import { operationOutput } from '../operations/operation.ts';
import type { LiveOperation } from '../operations/registry.ts';
import { liveStream, watchedStream } from '../operations/stream.ts';
import { operationParams, resumeBody, streamQuery } from '../schemas.ts';
import { callerOf, clusterOf, type Services } from '../services.ts';
import { holderOf } from './deploy.ts';
import type { Route } from './route.ts';

const tag = 'Operations';

/** Operations that go on by themselves. */
export const operationRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/operations/{id}',
    id: 'getOperation',
    tag,
    summary: 'How an operation stands, whoever carries it out',
    params: operationParams,
    answers: { 200: { description: 'the operation', schema: 'Operation' } },
    async handle(request, _reply, services) {
      const { ref, live } = await findOperation(request, services);
      // Cut here, it may have been gone on with elsewhere.
      if (live !== undefined && live.facts().state !== 'interrupted') return operationOutput(live.facts());
      return operationOutput(await lookAt(request, services, ref));
    },
  },
  {
    method: 'GET',
    path: '/api/v1/operations/{id}/events',
    id: 'followOperation',
    tag,
    summary: 'The progress of an operation as server-sent events',
    description:
      "First `state` with the operation, then the events of the command line's progress by their types, at last `end` with the operation as it ended. `Last-Event-ID` (or `after`) goes on behind an event. What another replica or a command line carries out is told by `state` alone.",
    params: operationParams,
    query: streamQuery,
    answers: { 200: { description: 'events', type: 'text/event-stream' } },
    streams: true,
    async handle(request, reply, services) {
      const { ref, live } = await findOperation(request, services);
      void reply
        .type('text/event-stream')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no');
      if (live !== undefined && live.facts().state !== 'interrupted')
        return counted(request, liveStream(live, lastSeen(request), services.stopped));
      const { clock } = services.platform;
      // What cannot be looked at is answered as a problem, not in the stream.
      await lookAt(request, services, ref);
      const sleep = (milliseconds: number, signal: AbortSignal) => clock.sleep(milliseconds, signal);
      const look = (signal: AbortSignal) => lookAt(request, services, ref, signal);
      return counted(request, watchedStream(look, sleep, services.stopped));
    },
  },
  {
    method: 'POST',
    path: '/api/v1/operations/{id}/resume',
    id: 'resumeOperation',
    tag,
    summary: 'Goes on with an operation that was interrupted, with the rights of whoever asks',
    params: operationParams,
    body: resumeBody,
    answers: { 202: { description: 'it goes on', schema: 'Operation', headers: ['location'] } },
    write: 'resume',
    async handle(request, reply, services) {
      const { ref, live } = await findOperation(request, services);
      if (live?.facts().state === 'running') return accepted(reply, live.facts());
      return resume(request, reply, services, ref);
    },
  },
  {
    method: 'POST',
    path: '/api/v1/operations/{id}/cancel',
    id: 'cancelOperation',
    tag,
    summary: 'Interrupts an operation of this replica, as Ctrl-C does; it can be gone on with',
    description:
      'Answers at once; `stopping` of the operation is true until it has ended. A cluster that does not answer is waited for no longer than ten seconds.',
    params: operationParams,
    answers: {
      202: { description: 'it stops at the next step', schema: 'Operation', headers: ['location'] },
    },
    write: 'cancel',
    async handle(request, reply, services) {
      const { ref, live } = await findOperation(request, services);
      auditOf(request).note({ ...ref, operation: 'cancel', result: 'done' });
      if (live === undefined)
        throw new AppstoreError('OPERATION_NOT_FOUND', 'this replica does not carry out the operation', {
          hint: 'Where it was interrupted, `resume` goes on with it.',
        });
      if (!sameCaller(live.caller, callerOf(request)))
        throw new AppstoreError(
          'FORBIDDEN',
          `the operation on ${ref.name} is one of ${live.caller.name}: they alone may stop it`,
        );
      live.cancel();
      return accepted(reply, live.facts());
    },
  },
];

/** Streams that one caller may have open at once. */
const mostStreams = 50;
const openStreams = new Map<string, number>();

/** One stream more of a caller. Throws RATE_LIMITED, and ends the stream, where there are too many. */
function counted(request: FastifyRequest, stream: Readable): Readable {
  const caller = callerOf(request);
  const key = personOf(caller);
  const open = openStreams.get(key) ?? 0;
  if (open >= mostStreams) {
    stream.destroy();
    throw new AppstoreError('RATE_LIMITED', `${caller.name} follows ${open} operations already`);
  }
  openStreams.set(key, open + 1);
  stream.once('close', () => {
    const left = (openStreams.get(key) ?? 1) - 1;
    if (left === 0) openStreams.delete(key);
    else openStreams.set(key, left);
  });
  return stream;
}

/** An operation, which whoever began it may see, and whoever may read its record. */
async function findOperation(
  request: FastifyRequest,
  services: Services,
): Promise<{ readonly ref: OperationRef; readonly live: LiveOperation | undefined }> {
  const { id } = request.params as { readonly id: string };
  const ref = parseOperationId(id);
  const { name } = await clusterOf(services, ref.cluster);
  const caller = callerOf(request);
  const live = services.operations.find(id);
  if (live !== undefined && !sameCaller(live.caller, caller))
    await services.pool.use(name, caller, (deps) =>
      deps.records.read(ref.namespace, ref.name, request.signal),
    );
  return { ref, live };
}

function lookAt(request: FastifyRequest, services: Services, ref: OperationRef, signal = request.signal) {
  return services.pool.use(ref.cluster, callerOf(request), (deps) => recordedOperation(deps, ref, signal));
}

/** Number of the last event that was seen: what a browser says when it comes again, or a program by `after`. */
function lastSeen(request: FastifyRequest): number {
  const { after } = request.query as { readonly after?: number };
  const header = Number(request.headers['last-event-id']);
  return Number.isInteger(header) && header > 0 ? header : (after ?? 0);
}

async function resume(
  request: FastifyRequest,
  reply: FastifyReply,
  services: Services,
  ref: OperationRef,
): Promise<object> {
  const caller = callerOf(request);
  const body = (request.body ?? {}) as DoingBody & { readonly confirm?: boolean };
  const pending = await services.pool.use(ref.cluster, caller, async (deps) => {
    const record = await deps.records.read(ref.namespace, ref.name, request.signal);
    return record?.pending;
  });
  if (pending === undefined || !isNamed(pending, ref.key)) {
    // It ended meanwhile, or there is none.
    return accepted(reply, await lookAt(request, services, ref));
  }
  if (pending.operation === 'adopt' || pending.operation === 'return')
    throw new AppstoreError(
      'REQUEST_INVALID',
      'what takes over from Helm is gone on with on the command line',
      {
        hint: `appstore adopt ${pending.operation === 'return' ? '--back ' : ''}${ref.name} -n ${ref.namespace}`,
      },
    );
  auditOf(request).note({ ...ref, operation: `resume ${ref.operation}`, result: 'begun' });
  const holder = holderOf(request, services);
  const begun = await services.operations.begin({
    ...{ caller, cluster: ref.cluster, namespace: ref.namespace, name: ref.name },
    operation: ref.operation,
    requestId: ref.key,
    run: (session) =>
      onOwnConnection(
        services,
        { caller, cluster: ref.cluster, patience: timeoutOf(body) },
        session,
        (deps) => goOn(deps, session, { ref, pending, body, holder }),
      ),
  });
  if (begun.operation !== undefined) return accepted(reply, begun.operation.facts());
  return accepted(reply, await lookAt(request, services, ref));
}

interface GoingOn {
  readonly ref: OperationRef;
  readonly pending: PendingOperation;
  readonly body: DoingBody & { readonly confirm?: boolean };
  readonly holder: string;
}

/** As the command does that `status` names: what was cut goes on as what it was. */
async function goOn(
  deps: ChangeDeps,
  session: Session,
  { ref, pending, body, holder }: GoingOn,
): Promise<PlannedOutput> {
  const simulation = deps.cluster.target;
  const requestId = ref.key;
  // Revision 0 of a rollback is the taking back of a first install.
  if (pending.operation === 'remove' || pending.revision === 0) {
    const wanted = removalOf({ ...body, confirm: true, purgeData: pending.purgeData === true }, ref, holder);
    const keepRecord = pending.operation === 'remove' ? {} : { keepRecord: true };
    const result = await remove(deps, { ...wanted, ...keepRecord, requestId }, session);
    return { output: removalOutput(result, simulation), plan: result.plan };
  }
  const operation = pending.operation === 'rollback' ? 'rollback' : 'upgrade';
  const wanted = changeOf(operation, body, ref, holder);
  const result = await changeOrUndo(deps, { ...wanted, requestId }, session);
  return { output: changeOutput(result, simulation), plan: result.plan };
}
