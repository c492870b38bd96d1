import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { AppstoreEvent } from '../../services/events.ts';
import { followOperation } from '../api/follow.ts';
import { type ApiProblem, problemOf } from '../api/problem.ts';
import type { Change, Operation, Removal } from '../api/types.ts';
import { said } from '../i18n/said.ts';
import { wordFor } from '../i18n/texts.ts';
import { Gone } from '../parts/gone.tsx';
import { Icon } from '../parts/icons.tsx';
import { Link } from '../parts/link.tsx';
import { handFocusOver, Loading, PageTitle } from '../parts/page.tsx';
import { personIn } from '../parts/person.ts';
import { ProblemBox, ProblemPage } from '../parts/problem.tsx';
import { Notes, OpenLinks, Outputs } from '../parts/reach.tsx';
import { asProblem } from '../parts/use-load.ts';
import { WayBack } from '../parts/way-back.tsx';
import { calledOf, nameOf } from '../plan/story.ts';
import { after, noProgress, type Progress, share, unwell } from '../progress/progress.ts';
import { type Shop, useShop } from '../shop.ts';
import { Credentials } from './credentials.tsx';

/** How the page hears of it; `over`: the server refused, and nothing is heard any more. */
type Line = 'open' | 'lost' | 'resuming' | 'over';

/** Work that is being done, as it goes on, with reasons where it does not; then what came of it. */
export function OperationPage({ id }: { readonly id: string }) {
  const { t, announce, session } = useShop();
  const { operation, progress, line, problem, running, follow, stop } = useOperation(id);
  const state = operation?.state;
  useEffect(() => {
    if (operation !== undefined && state !== undefined && state !== 'running')
      announce(titleOf(operation, t));
  }, [state]);
  if (operation === undefined && problem?.code === 'OPERATION_NOT_FOUND')
    return (
      <Gone
        title={t.operation.gone}
        text={t.operation.goneText}
        to={{ page: 'mine' }}
        label={t.operation.seeMine}
      />
    );
  if (operation === undefined)
    return problem === undefined ? <Loading /> : <ProblemPage problem={problem} retry={follow} />;
  return (
    <div class="narrow-page">
      <PageTitle text={titleOf(operation, t)}>
        <StateMark state={line === 'over' ? 'interrupted' : operation.state} /> {titleOf(operation, t)}
      </PageTitle>
      <p class="quiet">
        {session.clusters.length < 2
          ? t.plan.whereShort(operation.name, operation.namespace)
          : t.plan.where(operation.name, operation.namespace, operation.cluster)}
      </p>
      {problem === undefined ? null : <ProblemBox problem={problem} retry={follow} />}
      {operation.state === 'running' ? (
        <Running operation={operation} progress={progress} line={line} place={running} onStop={stop} />
      ) : (
        <Ended operation={operation} progress={progress} onAgain={follow} />
      )}
    </div>
  );
}

function useOperation(id: string) {
  const { api } = useShop();
  const [operation, setOperation] = useState<Operation>();
  const [progress, setProgress] = useState<Progress>(noProgress);
  const [line, setLine] = useState<Line>('open');
  const [problem, setProblem] = useState<ApiProblem>();
  const [round, setRound] = useState(0);
  const stopped = useRef(wasStopped(id));
  const running = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const controller = new AbortController();
    setProblem(undefined);
    const wait = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds));
    const follower = {
      event: (event: AppstoreEvent) => setProgress((before) => after(before, event)),
      state: setOperation,
      connection(state: Line) {
        setLine(state);
        // That the server did not answer when it was asked to stop is of the past.
        if (state === 'open') setProblem((before) => (before?.status === 0 ? undefined : before));
      },
      end(ended: Operation) {
        // Stop goes, and it may have the focus.
        handFocusOver(running.current);
        setOperation(ended);
      },
    };
    const resumes = () => !stopped.current;
    followOperation({ id, api, signal: controller.signal, wait, resumes }, follower).catch(
      (error: unknown) => {
        if (controller.signal.aborted) return;
        handFocusOver(running.current);
        setLine('over');
        setProblem(asProblem(error));
      },
    );
    return () => controller.abort();
  }, [id, round]);
  return {
    ...{ operation, progress, line, problem, running },
    /** Follows anew; what was stopped goes on. */
    follow: () => {
      stopped.current = false;
      noteStopped(id, false);
      setRound((one) => one + 1);
    },
    stop: async () => {
      stopped.current = true;
      noteStopped(id, true);
      try {
        const { body } = await api.post(`/operations/${encodeURIComponent(id)}/cancel`, {});
        // Its end may have been told before this.
        setOperation((before) => (before?.state === 'running' ? (body as Operation) : before));
      } catch (error) {
        stopped.current = false;
        noteStopped(id, false);
        setProblem(asProblem(error));
      }
    },
  };
}

/** What a person stopped is not taken up by itself when they load the page anew. */
function noteStopped(id: string, stopped: boolean): void {
  try {
    if (stopped) sessionStorage.setItem(`stopped ${id}`, '1');
    else sessionStorage.removeItem(`stopped ${id}`);
  } catch {
    // Nothing may be kept here.
  }
}

function wasStopped(id: string): boolean {
  try {
    return sessionStorage.getItem(`stopped ${id}`) !== null;
  } catch {
    return false;
  }
}

function titleOf({ operation, name, state }: Operation, t: Shop['t']): string {
  if (state === 'running') return (wordFor(t.operation.titles, operation) ?? t.operation.working)(name);
  if (state === 'done') return (wordFor(t.operation.done, operation) ?? t.operation.working)(name);
  return state === 'interrupted' ? t.operation.stopped(name) : t.operation.failed(name);
}

function StateMark({ state }: { readonly state: Operation['state'] }) {
  if (state === 'running') return <span class="spinner spinner-large" aria-hidden="true" />;
  return (
    <span class={`state-mark state-${state}`} aria-hidden="true">
      <Icon name={state === 'done' ? 'check' : state === 'failed' ? 'cross' : 'clock'} />
    </span>
  );
}

function Running({
  operation,
  progress,
  line,
  place,
  onStop,
}: {
  readonly operation: Operation;
  readonly progress: Progress;
  readonly line: Line;
  readonly place: RefObject<HTMLDivElement | null>;
  onStop(): Promise<void>;
}) {
  const { t } = useShop();
  const [asking, setAsking] = useState(false);
  const stopping = asking || operation.stopping === true;
  return (
    <div ref={place}>
      <progress class="bar" max={1} value={share(progress)} aria-label={t.operation.progress} />
      <div role="status" class="live">
        {line === 'lost' ? <Warning text={t.operation.lost} /> : null}
        {line === 'resuming' ? <Warning text={t.operation.resuming} /> : null}
        {progress.away === undefined ? null : <Warning text={t.operation.away(progress.away)} />}
        {progress.lockedBy === undefined ? null : <Warning text={t.operation.locked(progress.lockedBy)} />}
        {progress.resumed ? <p class="quiet">{t.operation.resumed}</p> : null}
      </div>
      <StepList progress={progress} still={line === 'over'} />
      <Waiting progress={progress} />
      {line === 'over' ? null : (
        <div class="actions">
          {/* Not `disabled`, which takes the focus away. */}
          <button
            type="button"
            class="button"
            aria-disabled={stopping}
            aria-describedby="stop-hint"
            onClick={() => {
              if (stopping) return;
              setAsking(true);
              void onStop().finally(() => setAsking(false));
            }}
          >
            {stopping ? t.operation.cancelled : t.operation.cancel}
          </button>
          <p class="quiet small" id="stop-hint">
            {line === 'open' ? t.operation.leave : null} {t.operation.cancelText}
          </p>
        </div>
      )}
      {operation.by === undefined || operation.by === '' ? null : (
        <p class="quiet small">{t.operation.by(personIn(operation.by))}</p>
      )}
    </div>
  );
}

function Warning({ text }: { readonly text: string }) {
  return (
    <p class="notice notice-warn">
      <Icon name="warn" />
      <span>{text}</span>
    </p>
  );
}

/** `still`: what goes on is not heard of any more. */
function StepList({ progress, still }: { readonly progress: Progress; readonly still: boolean }) {
  const { t } = useShop();
  const { steps, written, toWrite, ready, toBeReady } = progress;
  return (
    <ol class="progress-steps">
      {steps.map(({ step, state }) => (
        <li key={step} class={state === 'done' ? 'step-done' : 'step-now'}>
          <span class="step-mark" aria-hidden="true">
            {state === 'done' ? (
              <Icon name="check" size={16} />
            ) : still ? (
              <Icon name="clock" size={16} />
            ) : (
              <span class="spinner" />
            )}
          </span>
          <span>
            {t.operation.steps[step]}
            <span class="quiet">
              {step === 'apply' && toWrite > 0 ? ` · ${t.operation.written(written, toWrite)}` : ''}
              {step === 'wait' && toBeReady > 0 ? ` · ${t.operation.ready(ready, toBeReady)}` : ''}
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}

/** What is not ready, and why: told early, so that nobody waits for nothing. */
function Waiting({ progress, advice = false }: { readonly progress: Progress; readonly advice?: boolean }) {
  const { t } = useShop();
  const parts = unwell(progress);
  return (
    <>
      {parts.length === 0 ? null : (
        <section class="panel" aria-labelledby="not-ready">
          <h2 id="not-ready">{t.operation.notReady}</h2>
          <ul class="plain">
            {parts.map(({ ref, health }) => (
              <li key={nameOf(ref, '')}>
                <span class={`badge ${health?.status === 'failed' ? 'badge-bad' : ''}`}>
                  {wordFor(t.deployment.partStates, health?.status ?? 'unknown')}
                </span>{' '}
                {calledOf(ref, ref.namespace, t)}
                {health?.cause === undefined ? '' : `: ${wordFor(t.causes, health.cause) ?? health.cause}`}{' '}
                <span class="quiet small">{said(health?.reason ?? '', t)}</span>
                {advice && health?.cause !== undefined ? <p>{wordFor(t.fixes, health.cause)}</p> : null}
              </li>
            ))}
          </ul>
        </section>
      )}
      {progress.evidence.length === 0 ? null : (
        <details class="fold">
          <summary>{t.operation.evidence}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
          <pre tabIndex={0}>
            <code>
              {progress.evidence
                .map(({ ref, source, text }) => `${nameOf(ref, ref.namespace)} (${source}): ${text}`)
                .join('\n')}
            </code>
          </pre>
        </details>
      )}
      {progress.warnings.map((text) => (
        <Warning key={text} text={text} />
      ))}
    </>
  );
}

function Ended({
  operation,
  progress,
  onAgain,
}: {
  readonly operation: Operation;
  readonly progress: Progress;
  onAgain(): void;
}) {
  const { t } = useShop();
  const { cluster, namespace, name, state, result } = operation;
  const toApp = { page: 'deployment', tab: 'overview', cluster, namespace, name } as const;
  const gone = operation.operation === 'remove' && state === 'done';
  return (
    <>
      {state === 'failed' && operation.problem !== undefined ? (
        <ProblemBox problem={problemOf(Number(operation.problem.status ?? 500), operation.problem)} />
      ) : null}
      {progress.resumed ? <p class="quiet">{t.operation.resumed}</p> : null}
      {state === 'interrupted' ? <p>{t.operation.stoppedText}</p> : null}
      {state === 'done' ? null : <Waiting progress={progress} advice={state === 'failed'} />}
      {result?.kind === 'Change' ? <Reached change={result} operation={operation} /> : null}
      {result?.kind === 'Removal' ? <Left removal={result} /> : null}
      <div class="actions">
        {state === 'interrupted' ? (
          <button type="button" class="button button-main" onClick={onAgain}>
            {t.operation.goOn}
          </button>
        ) : null}
        {state === 'done' ? null : <WayBack name={{ cluster, namespace, name }} />}
        {gone ? (
          <Link to={{ page: 'mine' }} class="button button-main">
            {t.operation.seeMine}
          </Link>
        ) : (
          <Link to={toApp} class={`button${state === 'done' ? ' button-main' : ''}`}>
            {t.operation.seeApp}
          </Link>
        )}
      </div>
    </>
  );
}

/** How it is reached, and what its makers want to say. */
function Reached({ change, operation }: { readonly change: Change; readonly operation: Operation }) {
  const { t } = useShop();
  const { cluster, namespace, name } = operation;
  return (
    <>
      {change.outcome === 'unchanged' ? <p>{t.operation.nothingChanged}</p> : null}
      <OpenLinks links={change.open} cluster={cluster} namespace={namespace} name={name} />
      <Outputs outputs={change.outputs} />
      {change.generatedCredentials.length === 0 ? null : <Credentials {...{ cluster, namespace, name }} />}
      <Notes notes={change.notes} />
    </>
  );
}

function Left({ removal }: { readonly removal: Removal }) {
  const { t } = useShop();
  if (removal.left.length === 0) return removal.waited ? <p>{t.operation.nothingLeft}</p> : null;
  return (
    <section class="panel">
      <h2>{t.operation.left}</h2>
      <ul class="plain">
        {removal.left.map(({ ref, reason }) => (
          <li key={nameOf(ref, '')}>
            {calledOf(ref, removal.namespace, t)} <span class="quiet">{said(reason, t)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
