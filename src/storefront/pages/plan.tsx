import { useEffect, useRef, useState } from 'preact/hooks';
import { parsePath, setPath } from '../../domain/given.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { ApiProblem } from '../api/problem.ts';
import type { Change, KeptPlan, Operation } from '../api/types.ts';
import { said } from '../i18n/said.ts';
import { Awaited } from '../parts/awaited.tsx';
import { Copyable } from '../parts/copy.tsx';
import { Gone } from '../parts/gone.tsx';
import { Icon } from '../parts/icons.tsx';
import { MarkdownText } from '../parts/markdown.tsx';
import { focusTitle, Loading, PageTitle } from '../parts/page.tsx';
import { personIn } from '../parts/person.ts';
import { ProblemBox } from '../parts/problem.tsx';
import { asProblem, useLoad } from '../parts/use-load.ts';
import { savePlanFile } from '../plan/plan-file.ts';
import { PlanView } from '../plan/plan-view.tsx';
import { type Route, withQuery } from '../router.ts';
import { useShop } from '../shop.ts';
import { PlanState, planTitle } from './plans.tsx';

type PlanRoute = Extract<Route, { readonly page: 'plan' }>;

/** One plan that waits: what it does, who made it, who said yes, whether it still holds, and what can be done with it. */
export function PlanPage({ route }: { readonly route: PlanRoute }) {
  const { api, t } = useShop();
  const { cluster, namespace, id } = route;
  const path = `/plans/${encodeURIComponent(namespace)}/${encodeURIComponent(id)}`;
  const found = useLoad(`${cluster} ${path}`, async (signal) => {
    const kept = await api.get<KeptPlan>(path, { cluster }, signal);
    const { plan } = (await api.post('/plans/show', { plan: kept.plan }, { signal })).body as Change;
    return { kept, shown: plan };
  });
  const { value } = found;
  const gone = found.problem?.code === 'PLAN_NOT_FOUND';
  useEffect(() => {
    // What had the focus went with the plan.
    if (gone && value !== undefined) focusTitle();
  }, [gone]);
  if (gone)
    return <Gone title={t.plans.gone} text={t.plans.goneText} to={{ page: 'plans' }} label={t.plans.toAll} />;
  if (value === undefined) return <Awaited load={found} page />;
  const { kept, shown } = value;
  return (
    <div class="narrow-page">
      <PageTitle text={planTitle(kept, t)} />
      <Waiting
        key={JSON.stringify([kept.state, kept.approvals])}
        {...{ kept, shown }}
        path={withQuery(path, { cluster })}
        onDecided={() => {
          found.reload();
          focusTitle();
        }}
        onRefused={found.reload}
      />
    </div>
  );
}

/** What people have said to it. */
function Said({ kept }: { readonly kept: KeptPlan }) {
  const { t } = useShop();
  const { rejection, approvals } = kept;
  return (
    <>
      {rejection === undefined ? null : (
        <div class="notice notice-bad">
          <Icon name="cross" />
          <div>
            <p class="notice-title">{t.plans.rejectedBy(rejection.by, t.time(rejection.at))}</p>
            {rejection.reason === '' ? null : <p>{rejection.reason}</p>}
          </div>
        </div>
      )}
      {approvals.map(({ by, at }) => (
        <p class="notice notice-good" key={`${by} ${at}`}>
          <Icon name="check" />
          <span>{t.plans.approvedBy(by, t.time(at))}</span>
        </p>
      ))}
    </>
  );
}

interface WaitingProps {
  readonly kept: KeptPlan;
  /** What it would do, as its maker says. */
  readonly shown: Change['plan'];
  /** Of the plan in the API. */
  readonly path: string;
  onDecided(): void;
  /** Somebody else may have been faster. */
  onRefused(): void;
}

/** What a plan is refused for because of what happened since it was made: it was carried out, or something else was. */
const outdated: ReadonlySet<string> = new Set(['PLAN_STALE', 'ALREADY_INSTALLED', 'INSTALLATION_NOT_FOUND']);

/** How it stands, and what can be done with it. */
function Waiting({ kept, shown, path, onDecided, onRefused }: WaitingProps) {
  const { api, t, go, announce, session } = useShop();
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({});
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);
  // An answer that was lost is asked for again under the same key: it is done once.
  const key = useRef(crypto.randomUUID());
  const given = JSON.stringify(valuesOf(secrets));
  const where = kept.cluster === '' ? {} : { cluster: kept.cluster };
  const check = useLoad(
    `check ${given}`,
    (signal) =>
      api.post(
        '/plans/apply',
        { ...where, plan: kept.plan, values: JSON.parse(given), dryRun: true },
        { signal },
      ),
    { keep: true },
  );
  const act = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
    } catch (error) {
      setProblem(asProblem(error));
      onRefused();
      check.reload();
    } finally {
      setBusy(false);
    }
  };
  const approve = () =>
    act(async () => {
      const signed = await api.post('/plans/approve', { ...where, plan: kept.plan });
      await api.post('/plans/keep', { ...where, plan: signed.body });
      announce(t.plans.states.approved);
      onDecided();
    });
  const apply = () =>
    act(async () => {
      const body = {
        ...where,
        plan: kept.plan,
        values: JSON.parse(given),
        confirm: true,
        ...beyond(check.value),
      };
      const answer = await api.post('/plans/apply', body, { key: key.current });
      // It is under way: whether the plan itself could be taken away changes nothing about that.
      await api.post(withStep(path, 'drop'), {}).catch(() => undefined);
      if (answer.status === 202)
        go({ page: 'operation', id: (answer.body as Operation).id }, { replace: true });
      else
        go({
          page: 'deployment',
          tab: 'overview',
          cluster: kept.cluster,
          namespace: kept.namespace,
          name: kept.name,
        });
    });
  const drop = () =>
    act(async () => {
      await api.post(withStep(path, 'drop'), {});
      go({ page: 'plans' }, { replace: true });
    });
  // Whoever made the file may have written anything into it: what counts is what the cluster answers to it.
  const found = check.problem === undefined ? (check.value?.body as Change | undefined)?.plan : undefined;
  const mine = personIn(kept.made.by) === session.caller.name;
  const free = !kept.requireApproval || kept.approvals.some(({ own }) => !own);
  const stale = outdated.has(check.problem?.code ?? '');
  const holds = check.problem === undefined && !check.loading;
  const open = kept.rejection === undefined && !stale;
  return (
    <>
      <p class="plan-head quiet">
        <PlanState state={stale ? 'stale' : kept.state} />
        {kept.app} {kept.version} · {t.plans.madeBy(personIn(kept.made.by), t.time(kept.made.at))}
      </p>
      <Said kept={kept} />
      <Check problem={check.problem} stale={stale} retry={check.reload} />
      <section aria-labelledby="plan-title">
        <h2 id="plan-title">{t.plans.wouldDo}</h2>
        {check.value === undefined && check.problem === undefined ? (
          <Loading />
        ) : (
          <PlanView plan={found ?? shown} />
        )}
      </section>
      {found === undefined && check.problem !== undefined && open ? (
        <p class="notice notice-warn">
          <Icon name="warn" />
          <span>{t.plans.unchecked}</span>
        </p>
      ) : null}
      {open && free ? <Secrets problem={check.problem} given={secrets} onGive={setSecrets} /> : null}
      {open && kept.requireApproval && kept.approvals.length === 0 ? (
        <Approval mine={mine} busy={busy || check.loading} onApprove={approve} />
      ) : null}
      {open && !free && kept.approvals.length > 0 ? <p class="quiet">{t.plans.ownOnly}</p> : null}
      {open && kept.requireApproval && !mine ? (
        <Reject
          busy={busy}
          onReject={(reason) =>
            act(async () => {
              await api.post(withStep(path, 'reject'), { reason });
              announce(t.plans.states.rejected);
              onDecided();
            })
          }
        />
      ) : null}
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      <div class="actions">
        <button type="button" class="button button-quiet" onClick={() => savePlanFile(kept.plan)}>
          {t.plans.asFile}
        </button>
        <button type="button" class="button button-quiet-danger" disabled={busy} onClick={drop}>
          <Icon name="trash" size={18} /> {t.plans.drop}
        </button>
        {open && free ? (
          <button
            type="button"
            class="button button-main button-large"
            disabled={busy || !holds}
            onClick={apply}
          >
            {busy ? <span class="spinner" aria-hidden="true" /> : null}
            {t.plans.apply}
          </button>
        ) : null}
      </div>
    </>
  );
}

/** Whether it still holds: what moved since is named. */
function Check({
  problem,
  stale,
  retry,
}: {
  readonly problem: ApiProblem | undefined;
  readonly stale: boolean;
  retry(): void;
}) {
  const { t } = useShop();
  if (problem === undefined || problem.code === 'PLAN_SECRETS') return null;
  if (!stale) return <ProblemBox problem={problem} retry={retry} />;
  return (
    <div class="notice notice-warn" role="alert">
      <Icon name="warn" />
      <div>
        <p class="notice-title">{t.plans.stale}</p>
        <p>{t.plans.staleText}</p>
        <ul class="plain small quiet">
          {(problem.problems.length === 0 ? [problem] : problem.problems).map(({ message }) => (
            <li key={message}>{message}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function Approval({
  mine,
  busy,
  onApprove,
}: {
  readonly mine: boolean;
  readonly busy: boolean;
  onApprove(): void;
}) {
  const { t, session } = useShop();
  if (!session.approves)
    return (
      <p class="quiet">
        <MarkdownText text={t.plans.noKey} />
      </p>
    );
  return (
    <section class="panel" aria-labelledby="approval">
      <h2 id="approval">{t.plans.approval}</h2>
      {mine ? (
        <>
          <p>{t.plans.askOther}</p>
          <Copyable text={location.href} label={t.plans.address} />
        </>
      ) : (
        <>
          <p>{t.plans.approveText}</p>
          <button type="button" class="button button-main" disabled={busy} onClick={onApprove}>
            <Icon name="check" size={18} /> {t.plans.approve}
          </button>
        </>
      )}
    </section>
  );
}

function Reject({ busy, onReject }: { readonly busy: boolean; onReject(reason: string): void }) {
  const { t } = useShop();
  const [reason, setReason] = useState('');
  return (
    <details class="fold">
      <summary>{t.plans.reject}</summary>
      <div class="field">
        <label class="field-label" for="reject-reason">
          {t.plans.rejectReason}
        </label>
        <textarea
          id="reject-reason"
          rows={3}
          maxLength={1000}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </div>
      <p>
        <button
          type="button"
          class="button button-quiet-danger"
          disabled={busy}
          onClick={() => onReject(reason.trim())}
        >
          <Icon name="cross" size={18} /> {t.plans.rejectNow}
        </button>
      </p>
    </details>
  );
}

/** A plan holds no secret: those that are asked for are typed again by whoever carries it out. */
function Secrets({
  problem,
  given,
  onGive,
}: {
  readonly problem: ApiProblem | undefined;
  readonly given: Readonly<Record<string, string>>;
  onGive(secrets: Readonly<Record<string, string>>): void;
}) {
  const { t } = useShop();
  const [typed, setTyped] = useState(given);
  const asked = problem?.code === 'PLAN_SECRETS' ? problem.problems : [];
  const paths = new Set([
    ...asked.flatMap(({ at }) => (at === undefined ? [] : [at])),
    ...Object.keys(given),
  ]);
  if (paths.size === 0) return null;
  const wrongAt = (path: string) =>
    (given[path] ?? '') === '' ? undefined : asked.find(({ at }) => at === path)?.message;
  return (
    <fieldset class="group">
      <legend>{t.plans.secrets}</legend>
      <p class="hint">{t.plans.secretsText}</p>
      {[...paths].map((path) => {
        const wrong = wrongAt(path);
        const id = `secret-${path}`;
        return (
          <div class={`field${wrong === undefined ? '' : ' field-wrong'}`} key={path}>
            <label class="field-label" for={id}>
              {path}
            </label>
            <input
              id={id}
              type="password"
              autoComplete="off"
              value={typed[path] ?? ''}
              aria-invalid={wrong !== undefined}
              aria-describedby={`${id}-wrong`}
              onInput={(event) => setTyped({ ...typed, [path]: event.currentTarget.value })}
              onChange={() => onGive(typed)}
            />
            <p class="wrong" id={`${id}-wrong`} role="status">
              {wrong === undefined ? null : said(wrong, t)}
            </p>
          </div>
        );
      })}
    </fieldset>
  );
}

function valuesOf(secrets: Readonly<Record<string, string>>): JsonObject {
  return Object.entries(secrets)
    .filter(([, value]) => value !== '')
    .reduce<JsonObject>((values, [path, value]) => setPath(values, parsePath(path), value), {});
}

/** What is written outside of the space was shown, and is agreed to with the rest. */
function beyond(answer: { readonly body: unknown } | undefined): object {
  const { plan } = (answer?.body ?? {}) as Partial<Change>;
  return (plan?.beyond ?? []).length === 0 ? {} : { allowClusterScope: true };
}

/** The address of what is done to a plan; a query stays behind it. */
function withStep(path: string, step: string): string {
  const [before = '', query] = path.split('?');
  return `${before}/${step}${query === undefined ? '' : `?${query}`}`;
}
