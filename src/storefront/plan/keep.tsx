import { useState } from 'preact/hooks';
import type { ApiProblem } from '../api/problem.ts';
import type { KeptPlan } from '../api/types.ts';
import { Icon } from '../parts/icons.tsx';
import { ProblemBox } from '../parts/problem.tsx';
import { asProblem } from '../parts/use-load.ts';
import { useShop } from '../shop.ts';
import { savePlanFile } from './plan-file.ts';

/** What a plan is asked for with, besides what the change is. */
export interface Kept {
  readonly operation: 'install' | 'upgrade' | 'rollback';
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  /** `catalog/name`; absent where nothing of the app changes. */
  readonly app?: string;
}

/** Instead of doing it now: the plan waits, for later or for somebody else's yes. */
export function KeepPlan({
  kept,
  body,
  onDone,
}: {
  readonly kept: Kept;
  readonly body: object;
  onDone?(): void;
}) {
  const { api, t, go, session } = useShop();
  const [approval, setApproval] = useState(session.approves);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem>();
  const { cluster, ...what } = kept;
  const where = cluster === '' ? {} : { cluster };
  const make = async (then: (plan: KeptPlan['plan']) => Promise<void> | void) => {
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const wanted = { ...body, ...what, ...where, requireApproval: approval };
      await then((await api.post('/plans', wanted)).body as KeptPlan['plan']);
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  };
  const keep = () =>
    make(async (plan) => {
      const { namespace, id } = (await api.post('/plans/keep', { plan, ...where })).body as KeptPlan;
      onDone?.();
      go({ page: 'plan', cluster, namespace, id });
    });
  return (
    <details class="fold">
      <summary>{t.plans.later}</summary>
      <p class="quiet">{t.plans.laterText}</p>
      <label class="radio">
        <input
          type="checkbox"
          checked={approval}
          onChange={(event) => setApproval(event.currentTarget.checked)}
        />
        {t.plans.needsApproval}
      </label>
      {problem === undefined ? null : problem.code === 'NAMESPACE_MISSING' ? (
        <p class="notice notice-warn" role="alert">
          <Icon name="warn" />
          <span>{t.plans.noSpace(kept.namespace)}</span>
        </p>
      ) : (
        <ProblemBox problem={problem} />
      )}
      {/* Not `disabled`, which takes the focus away. */}
      <p class="row">
        <button type="button" class="button" aria-disabled={busy} onClick={keep}>
          <Icon name="clock" size={18} /> {t.plans.keep}
        </button>
        <button
          type="button"
          class="button button-quiet"
          aria-disabled={busy}
          onClick={() => make((plan) => savePlanFile(plan))}
        >
          {t.plans.asFile}
        </button>
      </p>
    </details>
  );
}
