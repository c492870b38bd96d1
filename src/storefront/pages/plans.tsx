import { useState } from 'preact/hooks';
import { ApiProblem } from '../api/problem.ts';
import type { KeptPlan, ListedPlan, PlanList } from '../api/types.ts';
import { wordFor } from '../i18n/texts.ts';
import { Link } from '../parts/link.tsx';
import { MarkdownText } from '../parts/markdown.tsx';
import { Empty, Loading, PageTitle } from '../parts/page.tsx';
import { personIn } from '../parts/person.ts';
import { ProblemBox } from '../parts/problem.tsx';
import { asProblem } from '../parts/use-load.ts';
import { useSpace } from '../parts/use-space.tsx';
import { type Shop, useShop } from '../shop.ts';

/** Plans that wait: for somebody's yes, or for later. */
export function PlansPage() {
  const { api, t, cluster } = useShop();
  const { list, chooser } = useSpace(`plans ${cluster}`, (namespace, signal) =>
    api.get<PlanList>('/plans', { cluster, namespace, limit: 1000 }, signal),
  );
  return (
    <>
      <PageTitle text={t.plans.title} />
      <p class="lead">{t.plans.lead}</p>
      {chooser}
      {list.problem === undefined ? null : <ProblemBox problem={list.problem} retry={list.reload} />}
      {list.value === undefined ? (
        list.loading && <Loading />
      ) : list.value.items.length === 0 ? (
        <Empty title={t.plans.none} text={t.plans.noneText} />
      ) : (
        <ul class="rows">
          {list.value.items.map((plan) => (
            <Row key={`${plan.namespace}/${plan.id}`} plan={plan} />
          ))}
        </ul>
      )}
      <OpenFile />
    </>
  );
}

function Row({ plan }: { readonly plan: ListedPlan }) {
  const { t, cluster } = useShop();
  const { namespace, id, app, version, made } = plan;
  return (
    <li class="card row-card">
      <div class="card-text">
        <h2>
          <Link to={{ page: 'plan', cluster, namespace, id }}>{planTitle(plan, t)}</Link>
        </h2>
        <p class="quiet small">
          {app} {version} · {namespace} · {t.plans.madeBy(personIn(made.by), t.ago(made.at, Date.now()))}
        </p>
      </div>
      <div class="row-state">
        <PlanState state={plan.state} />
      </div>
    </li>
  );
}

/** What a plan would do, in a line. */
export function planTitle({ operation, name }: Pick<ListedPlan, 'operation' | 'name'>, t: Shop['t']): string {
  return wordFor(t.plans.titles, operation)?.(name) ?? name;
}

export function PlanState({ state }: { readonly state: ListedPlan['state'] | 'stale' }) {
  const { t } = useShop();
  const look = { waiting: 'warn', approved: 'good', rejected: 'bad', stale: 'warn', free: '' }[state];
  return <span class={`badge${look === '' ? '' : ` badge-${look}`}`}>{t.plans.states[state]}</span>;
}

/** A plan of the command line, which is kept here from then on. */
function OpenFile() {
  const { api, t, go, cluster } = useShop();
  const [problem, setProblem] = useState<ApiProblem>();
  const open = async (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    if (file === undefined) return;
    setProblem(undefined);
    try {
      const plan = read(await file.text(), t.plans.noPlan(file.name));
      const where = cluster === '' ? {} : { cluster };
      const { namespace, id } = (await api.post('/plans/keep', { plan, ...where })).body as KeptPlan;
      go({ page: 'plan', cluster, namespace, id });
    } catch (error) {
      setProblem(asProblem(error));
      input.value = '';
    }
  };
  return (
    <section class="panel" aria-labelledby="open-plan">
      <h2 id="open-plan">{t.plans.open}</h2>
      <p class="quiet" id="open-plan-hint">
        <MarkdownText text={t.plans.openText} />
      </p>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      <input
        type="file"
        aria-labelledby="open-plan"
        aria-describedby="open-plan-hint"
        onChange={(event) => void open(event.currentTarget)}
      />
    </section>
  );
}

function read(text: string, otherwise: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiProblem({ status: 422, code: 'PLAN_INVALID', message: otherwise });
  }
}
