import { useState } from 'preact/hooks';
import { cleanLine, cleanText } from '../../domain/text.ts';
import type { ApiProblem } from '../api/problem.ts';
import type { EventList, LogLines } from '../api/types.ts';
import { Loading } from '../parts/page.tsx';
import { ProblemBox } from '../parts/problem.tsx';
import { asProblem, useLoad } from '../parts/use-load.ts';
import { nameOf } from '../plan/story.ts';
import type { DeploymentName } from '../router.ts';
import { useShop } from '../shop.ts';
import { deploymentPath } from './mine.tsx';

/** What the cluster tells of it, and its log on request. */
export function Activity({ name }: { readonly name: DeploymentName }) {
  const { api, t } = useShop();
  const path = `${deploymentPath(name)}/events`;
  const events = useLoad(path, (signal) => api.get<EventList>(path, { cluster: name.cluster }, signal));
  return (
    <>
      <section class="panel" aria-labelledby="events">
        <h2 id="events">{t.deployment.events}</h2>
        {events.problem === undefined ? null : <ProblemBox problem={events.problem} retry={events.reload} />}
        {events.value === undefined ? (
          events.loading && <Loading />
        ) : events.value.items.length === 0 ? (
          <p class="quiet">{t.deployment.eventsNone}</p>
        ) : (
          <ul class="objects">
            {events.value.items.toReversed().map(({ ref, type, reason, message, count, at }) => (
              <li key={`${nameOf(ref, '')} ${reason} ${at} ${message}`}>
                <span class={`badge ${type === 'Warning' ? 'badge-warn' : ''}`}>{cleanLine(reason)}</span>{' '}
                <code>{nameOf(ref, name.namespace)}</code> {cleanLine(message, 1000)}{' '}
                <span class="quiet small">
                  {at === '' ? '' : t.ago(at, Date.now())}
                  {count > 1 ? ` · ${t.number(count)}×` : ''}
                </span>
              </li>
            ))}
          </ul>
        )}
      </section>
      <Log name={name} />
    </>
  );
}

function Log({ name }: { readonly name: DeploymentName }) {
  const { api, t } = useShop();
  const [lines, setLines] = useState<LogLines>();
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);
  const show = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      setLines(await api.get<LogLines>(`${deploymentPath(name)}/logs`, { cluster: name.cluster, tail: 200 }));
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="panel" aria-labelledby="log">
      <h2 id="log">{t.deployment.logs}</h2>
      {problem === undefined ? null : <ProblemBox problem={problem} retry={show} />}
      <p>
        <button type="button" class="button" onClick={show} disabled={busy}>
          {t.deployment.logsShow}
        </button>
      </p>
      {busy ? <Loading /> : null}
      {lines === undefined ? null : lines.items.length === 0 ? (
        <p class="quiet">{t.deployment.logsNone}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        <pre class="log" tabIndex={0}>
          <code>{lines.items.map(({ pod, text }) => `${pod}  ${cleanText(text)}`).join('\n')}</code>
        </pre>
      )}
    </section>
  );
}
