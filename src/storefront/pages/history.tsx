import type { RevisionList } from '../api/types.ts';
import { wordFor } from '../i18n/texts.ts';
import { Awaited } from '../parts/awaited.tsx';
import { Icon } from '../parts/icons.tsx';
import { Link } from '../parts/link.tsx';
import { useLoad } from '../parts/use-load.ts';
import { type Standing, standings } from '../plan/standing.ts';
import type { DeploymentName } from '../router.ts';
import { useShop } from '../shop.ts';
import { deploymentPath } from './mine.tsx';

/** Every state that it was in, the newest first, with the way back to each that worked. */
export function History({ name }: { readonly name: DeploymentName }) {
  const { api, t } = useShop();
  const path = `${deploymentPath(name)}/history`;
  const history = useLoad(path, (signal) => api.get<RevisionList>(path, { cluster: name.cluster }, signal));
  if (history.value === undefined) return <Awaited load={history} />;
  const standing = standings(history.value.items);
  return (
    <section aria-label={t.deployment.history}>
      <ol class="history" reversed>
        {history.value.items.map(
          ({ number, operation, version, appVersion, result, target, startedAt, cause, message }) => (
            <li key={number} class={`revision result-${result}`}>
              <div>
                <p class="revision-title">
                  {wordFor(t.deployment.operations, operation) ?? operation}
                  {target === undefined ? '' : ` ${t.deployment.target(target)}`}{' '}
                  <span
                    class={`badge ${result === 'failed' ? 'badge-bad' : standing.get(number) === 'deployed' ? 'badge-good' : ''}`}
                  >
                    {wordFor(t.deployment.results, standing.get(number) ?? result) ?? result}
                  </span>
                </p>
                <p class="quiet small">
                  {t.deployment.revision} {t.number(number)} · {t.deployment.version} {version}
                  {appVersion === '' ? '' : ` (${t.app.runs(appVersion)})`} ·{' '}
                  <time dateTime={startedAt}>{t.time(startedAt)}</time>
                </p>
                {result === 'failed' && (cause !== undefined || message !== undefined) ? (
                  <p class="small">
                    {cause === undefined ? '' : wordFor(t.causes, cause)} <span class="quiet">{message}</span>
                  </p>
                ) : null}
              </div>
              {isLeft(standing.get(number)) ? (
                <Link to={{ ...name, page: 'rollback', revision: number }} class="button">
                  <Icon name="undo" size={18} /> {t.deployment.rollback}
                  <span class="unseen"> {t.deployment.target(number)}</span>
                </Link>
              ) : null}
            </li>
          ),
        )}
      </ol>
    </section>
  );
}

/** It worked once, and is not what is in use now. */
function isLeft(standing: Standing | undefined): boolean {
  return standing === 'superseded' || standing === 'good';
}
