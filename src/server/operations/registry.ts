import { AppstoreError } from '../../domain/errors.ts';
import { planOutput } from '../../outputs/plan.ts';
import type { AppstoreEvent } from '../../services/events.ts';
import type { Clock } from '../../services/ports.ts';
import type { Session } from '../../services/requests.ts';
import { type Caller, sameCaller } from '../callers/caller.ts';
import { problemOf } from '../problems.ts';
import { type EventRing, eventRing } from './events.ts';
import { type OperationKind, type OperationRef, operationId } from './ids.ts';
import type { OperationFacts } from './operation.ts';

/** Operations that run at once, of all and of one caller; and ended ones that are remembered. */
const mostRunning = 100;
const mostOfCaller = 30;
const mostRemembered = 200;

/** What is to be carried out. */
interface Work {
  readonly caller: Caller;
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly operation: OperationKind;
  /** The word that it is found by in the record. */
  readonly requestId: string;
  /** Answers the documented output of what came of it. */
  run(session: Session): Promise<object>;
}

/** An operation that this server carries out, or has carried out. */
export interface LiveOperation {
  readonly id: string;
  readonly caller: Caller;
  facts(): OperationFacts;
  readonly events: EventRing;
  /** True once the cluster knows of it. */
  recorded(): boolean;
  /** As Ctrl-C does. It ends soon after; `facts` say so meanwhile. */
  cancel(): void;
  readonly ended: Promise<void>;
}

/** What came of beginning: an operation that goes on by itself, or an answer where nothing had to be recorded. */
type Begun =
  | { readonly operation: LiveOperation; readonly result?: undefined }
  | { readonly operation?: undefined; readonly result: object };

export interface OperationRegistry {
  /**
   * Begins, and answers as soon as it is in the record; what is refused before that is thrown.
   * @throws AppstoreError SERVER_STOPPING, RATE_LIMITED, and what `run` throws
   */
  begin(work: Work): Promise<Begun>;
  /** One that is being begun or carried out here, or was. */
  find(id: string): LiveOperation | undefined;
  /** Those on one installation. */
  on(target: Pick<OperationRef, 'cluster' | 'namespace' | 'name'>): readonly LiveOperation[];
  running(): number;
  /** Begins nothing from now on; waits, then interrupts what still runs, which the record then tells. */
  stop(grace: number): Promise<void>;
}

/** The operations of this server. Their state is in the cluster; what is here is what happens meanwhile. */
export function operationRegistry(
  clock: Clock,
  ended: (operation: LiveOperation, error: unknown) => void,
): OperationRegistry {
  const known = new Map<string, Running>();
  const running = new Set<Running>();
  let stopping = false;
  const forget = (): void => {
    for (const [id, one] of known) {
      if (known.size <= mostRemembered) return;
      if (!running.has(one)) known.delete(id);
    }
  };
  return {
    async begin(work) {
      if (stopping) throw new AppstoreError('SERVER_STOPPING', 'the server is about to end');
      const own = [...running].filter(({ caller }) => sameCaller(caller, work.caller)).length;
      if (running.size >= mostRunning || own >= mostOfCaller)
        throw new AppstoreError(
          'RATE_LIMITED',
          `${own} operations of ${work.caller.name} are running already`,
          {
            hint: 'Wait until one of them has ended.',
          },
        );
      const operation = createRunning(work, clock);
      const { id } = operation;
      const before = known.get(id);
      if (before !== undefined && running.has(before)) return before.begun;
      known.set(id, operation);
      running.add(operation);
      void operation.ended.then(() => {
        running.delete(operation);
        if (!operation.recorded()) known.delete(id);
        else ended(operation, operation.error());
        forget();
      });
      operation.start();
      return operation.begun;
    },
    find: (id) => known.get(id),
    on: ({ cluster, namespace, name }) =>
      [...known.values()].filter((one) => {
        const facts = one.facts();
        return facts.cluster === cluster && facts.namespace === namespace && facts.name === name;
      }),
    running: () => running.size,
    async stop(grace) {
      stopping = true;
      const all = Promise.all([...running].map((one) => one.ended));
      const waiting = new AbortController();
      await Promise.race([all, clock.sleep(grace, waiting.signal).catch(() => undefined)]);
      waiting.abort();
      for (const one of running) one.cancel();
      await all;
    },
  };
}

interface Running extends LiveOperation {
  readonly begun: Promise<Begun>;
  start(): void;
  error(): unknown;
}

function createRunning(work: Work, clock: Clock): Running {
  const { caller, cluster, namespace, name, operation } = work;
  const ref: OperationRef = { cluster, namespace, name, operation, key: work.requestId };
  const startedAt = clock.now().toISOString();
  const controller = new AbortController();
  const events = eventRing();
  const begun = Promise.withResolvers<Begun>();
  const over = Promise.withResolvers<void>();
  begun.promise.catch(() => {});
  let facts: OperationFacts = { ...ref, state: 'running', startedAt, by: caller.name };
  let recorded = false;
  let failure: unknown;
  const running: Running = {
    id: operationId(ref),
    caller,
    facts: () => facts,
    events,
    cancel() {
      facts = { ...facts, stopping: true };
      controller.abort(new AppstoreError('INTERRUPTED', 'stopped before it was done'));
    },
    ended: over.promise,
    begun: begun.promise,
    recorded: () => recorded,
    error: () => failure,
    start() {
      const emit = (event: AppstoreEvent): void => {
        if (event.type === 'planned' && makesRevision(operation))
          facts = { ...facts, revision: event.plan.revision };
        events.add(event.type === 'planned' ? { ...event, plan: planOutput(event.plan) } : event);
        if (!begins(event, operation)) return;
        recorded = true;
        begun.resolve({ operation: running });
      };
      void run(emit);
    },
  };
  const run = async (emit: Session['emit']): Promise<void> => {
    try {
      const result = await work.run({ emit, signal: controller.signal });
      facts = { ...facts, state: 'done', finishedAt: clock.now().toISOString(), result };
      begun.resolve({ result });
    } catch (error) {
      failure = error;
      const state = controller.signal.aborted || isCut(error) ? 'interrupted' : 'failed';
      facts = { ...facts, state, finishedAt: clock.now().toISOString(), problem: problemOf(error) };
      begun.reject(error);
    } finally {
      events.end();
      over.resolve();
    }
  };
  return running;
}

/** Others change none. */
function makesRevision(operation: OperationKind): boolean {
  return operation === 'install' || operation === 'upgrade' || operation === 'rollback';
}

/** From here on the cluster knows of it. A repair makes no revision: it begins with its first write. */
function begins(event: AppstoreEvent, operation: OperationKind): boolean {
  if (operation === 'repair') return event.type === 'step' && event.step === 'apply';
  return event.type === 'operation';
}

/** What the record does not know the end of. */
function isCut(error: unknown): boolean {
  return error instanceof AppstoreError && (error.code === 'LOCK_LOST' || error.code === 'INTERRUPTED');
}
