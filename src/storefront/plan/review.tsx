import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiProblem } from '../api/problem.ts';
import type { Change, Operation, Removal, Repair } from '../api/types.ts';
import { Icon } from '../parts/icons.tsx';
import { focusTitle, Loading } from '../parts/page.tsx';
import { ProblemBox } from '../parts/problem.tsx';
import { asProblem } from '../parts/use-load.ts';
import { useShop } from '../shop.ts';
import { Conflicts } from './conflicts.tsx';
import { Consent } from './consent.tsx';
import type { Consents } from './consents.ts';
import { type Decisions, isUndecided } from './decisions.ts';
import { KeepPlan, type Kept } from './keep.tsx';
import { PlanView } from './plan-view.tsx';
import { writes } from './story.ts';

/** What a dry run answers: what would be done, and a digest of it by which exactly that can be asked for. */
type Planned = (Change | Removal | Repair) & { readonly planDigest?: string };

interface ReviewProps {
  /** Where the write goes: `/deploy`, `/deployments/...`. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly confirm: string;
  /** What is destroyed asks in red. */
  readonly danger?: boolean;
  /** False where the request has no word for it: nothing is deleted by it. */
  readonly confirms?: boolean;
  /** False keeps from confirming. */
  readonly allowed?: boolean;
  /** What a plan of it is asked for with, so that it can wait; absent where it cannot. */
  readonly kept?: Kept;
  readonly children?: ComponentChildren;
  /** Problems with the answers of a form, which then shows them. */
  onRefused?(problem: ApiProblem): void;
  onBack?(): void;
  /** The write was begun, or the plan is kept: the answers of a form are not needed any more. */
  onDone?(): void;
}

/** The plan before the write: in plain words, technically for whoever wants it, and then the question. */
export function Review(props: ReviewProps) {
  const { api, t, go, announce } = useShop();
  const { path, body, confirm, danger, allowed, onRefused, onBack, onDone } = props;
  const [planned, setPlanned] = useState<Planned & { readonly key: string }>();
  const [problem, setProblem] = useState<ApiProblem>();
  const [moved, setMoved] = useState(false);
  const [busy, setBusy] = useState(false);
  const [decisions, setDecisions] = useState<Decisions>({});
  const [consents, setConsents] = useState<Consents>({});
  const [round, setRound] = useState(0);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The button of the form that led here is gone.
    if (onBack !== undefined) heading.current?.focus({ preventScroll: true });
  }, []);
  const asked = JSON.stringify({ ...body, ...chosen(decisions), ...consents });
  useEffect(() => {
    const controller = new AbortController();
    setProblem(undefined);
    setPlanned(undefined);
    api
      .post(path, { ...JSON.parse(asked), dryRun: true }, { signal: controller.signal })
      .then(({ body: answer }) => {
        if (controller.signal.aborted) return;
        // A write that is sent again because its answer was lost has the same key: it is done once.
        setPlanned({ ...(answer as Planned), key: crypto.randomUUID() });
        announce(t.plan.title);
      })
      .catch((error: unknown) => {
        if (controller.signal.aborted) return;
        const told = asProblem(error);
        if (told.code === 'VALUES_INVALID' && onRefused !== undefined) onRefused(told);
        else setProblem(told);
      });
    return () => controller.abort();
  }, [path, asked, round]);
  const write = async () => {
    if (planned === undefined) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const answer = await api.post(
        path,
        { ...JSON.parse(asked), ...agreed(planned, props.confirms !== false) },
        { key: planned.key },
      );
      onDone?.();
      if (answer.status === 202)
        go({ page: 'operation', id: (answer.body as Operation).id }, { replace: true });
      // What had to be done was done meanwhile.
      else setPlanned({ ...planned, ...(answer.body as Planned) });
    } catch (error) {
      const told = asProblem(error);
      if (told.code === 'PLAN_MOVED') {
        setMoved(true);
        setRound((one) => one + 1);
      } else setProblem(told);
    } finally {
      setBusy(false);
    }
  };
  const back = () => {
    onBack?.();
    focusTitle();
  };
  const isOpen = planned !== undefined && isUndecided(planned.plan, decisions);
  const decide = (next: { readonly decisions?: Decisions; readonly consents?: Consents }) => {
    if (next.decisions !== undefined) setDecisions(next.decisions);
    if (next.consents !== undefined) setConsents(next.consents);
    // What was chosen with is gone while the plan is made anew.
    heading.current?.focus();
  };
  return (
    <section
      class="review"
      aria-labelledby="plan-title"
      aria-busy={planned === undefined && problem === undefined}
    >
      <h2 id="plan-title" ref={heading} tabIndex={-1}>
        {t.plan.title}
      </h2>
      {problem === undefined ? null : (
        <ProblemBox problem={problem} retry={() => setRound((one) => one + 1)} />
      )}
      {problem === undefined || props.kept === undefined ? null : (
        <Consent
          problem={problem}
          given={consents}
          name={props.kept.name}
          onGive={(given) => decide({ consents: given })}
        />
      )}
      {moved ? (
        <p class="notice notice-warn" role="alert">
          <Icon name="warn" />
          <span>{t.plan.moved}</span>
        </p>
      ) : null}
      {planned === undefined ? (
        problem === undefined && <Loading />
      ) : (
        <PlanView plan={planned.plan}>
          <Conflicts
            plan={planned.plan}
            decisions={decisions}
            onDecide={(made) => decide({ decisions: made })}
          />
        </PlanView>
      )}
      {props.children}
      <div class="actions">
        {onBack === undefined ? null : (
          <button type="button" class="button" onClick={back} disabled={busy}>
            <Icon name="back" size={18} /> {t.plan.change}
          </button>
        )}
        {planned !== undefined && writes(planned.plan) ? (
          <button
            type="button"
            class={`button button-large ${danger === true ? 'button-danger' : 'button-main'}`}
            disabled={busy || allowed === false || isOpen}
            onClick={write}
          >
            {busy ? <span class="spinner" aria-hidden="true" /> : null}
            {confirm}
          </button>
        ) : null}
      </div>
      {props.kept === undefined || planned === undefined || !writes(planned.plan) || isOpen ? null : (
        <KeepPlan kept={props.kept} body={JSON.parse(asked)} {...(onDone === undefined ? {} : { onDone })} />
      )}
    </section>
  );
}

function chosen(decisions: Decisions): object {
  const of = (choice: 'take' | 'yield') =>
    Object.entries(decisions).flatMap(([field, made]) => (made === choice ? [field] : []));
  const [take, yielded] = [of('take'), of('yield')];
  return { ...(take.length === 0 ? {} : { take }), ...(yielded.length === 0 ? {} : { yield: yielded }) };
}

/** What is agreed to by the button: this plan and no other, with what it deletes, and with what the record writes elsewhere. */
function agreed({ plan, planDigest }: Planned, confirms: boolean): object {
  return {
    ...(confirms ? { confirm: true } : {}),
    ...(planDigest === undefined ? {} : { planDigest }),
    ...((plan.beyond ?? []).length === 0 ? {} : { allowClusterScope: true }),
  };
}
