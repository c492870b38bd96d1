import { useRef, useState } from 'preact/hooks';
import type { ApiProblem } from '../api/problem.ts';
import type { Drift } from '../api/types.ts';
import { wordFor } from '../i18n/texts.ts';
import { Icon } from '../parts/icons.tsx';
import { Loading } from '../parts/page.tsx';
import { ProblemBox } from '../parts/problem.tsx';
import { asProblem } from '../parts/use-load.ts';
import { Review } from '../plan/review.tsx';
import { calledOf, nameOf } from '../plan/story.ts';
import type { DeploymentName } from '../router.ts';
import { useShop } from '../shop.ts';
import { deploymentPath } from './mine.tsx';

/** What was changed by hand since it was installed, looked at on request, and the way to put it right. */
export function DriftPanel({ name }: { readonly name: DeploymentName }) {
  const { api, t } = useShop();
  const [drift, setDrift] = useState<Drift>();
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);
  const [repairing, setRepairing] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const look = async () => {
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const found = await api.get<Drift>(`${deploymentPath(name)}/drift`, { cluster: name.cluster });
      // The button goes: what came is read on from its heading.
      heading.current?.focus();
      setDrift(found);
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="panel" aria-busy={busy}>
      <h2 ref={heading} tabIndex={-1}>
        {t.deployment.changesByHand}
      </h2>
      {problem === undefined ? null : <ProblemBox problem={problem} retry={look} />}
      <div role="status">
        {busy ? <Loading /> : null}
        {drift === undefined ? null : (
          <p>
            {drift.objects.length === 0 ? t.deployment.driftNone : t.deployment.drift(drift.objects.length)}
          </p>
        )}
      </div>
      {drift === undefined ? (
        <button type="button" class="button" onClick={look} aria-disabled={busy}>
          <Icon name="search" size={18} /> {t.deployment.checkDrift}
        </button>
      ) : null}
      <ul class="plain small">
        {drift?.objects.map(({ ref, state, by }) => (
          <li key={nameOf(ref, '')}>
            {calledOf(ref, name.namespace, t)} {wordFor(t.deployment.driftStates, state) ?? state}
            {by.length === 0 ? null : ` (${t.deployment.driftBy(by.join(', '))})`}
          </li>
        ))}
      </ul>
      {drift === undefined || drift.objects.length === 0 ? null : repairing ? (
        <Review
          path={`${deploymentPath(name)}/repair${name.cluster === '' ? '' : `?cluster=${encodeURIComponent(name.cluster)}`}`}
          body={{}}
          confirms={false}
          confirm={t.plan.confirmRepair}
        />
      ) : (
        <button type="button" class="button" onClick={() => setRepairing(true)}>
          <Icon name="wrench" size={18} /> {t.deployment.repair}
        </button>
      )}
    </section>
  );
}
