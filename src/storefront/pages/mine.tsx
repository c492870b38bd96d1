import { useEffect, useState } from 'preact/hooks';
import { semaphore } from '../../domain/semaphore.ts';
import type { Api } from '../api/client.ts';
import type {
  Installation,
  InstallationList,
  InstallationStatus,
  Operation,
  OutdatedList,
} from '../api/types.ts';
import { wordFor } from '../i18n/texts.ts';
import { AppIcon } from '../parts/app-icon.tsx';
import { Health, type HealthName } from '../parts/health.tsx';
import { Icon } from '../parts/icons.tsx';
import { Link } from '../parts/link.tsx';
import { Empty, Loading, PageTitle } from '../parts/page.tsx';
import { ProblemBox } from '../parts/problem.tsx';
import { useLoad } from '../parts/use-load.ts';
import { useSpace } from '../parts/use-space.tsx';
import type { DeploymentName } from '../router.ts';
import { useShop } from '../shop.ts';

/** Rows that are asked for at once; their health is asked for one by one. */
const pageSize = 100;

/** Rows from which on there is a search. */
const manyRows = 8;

/** What is installed, how it is, and what of it has a newer version. */
export function Mine() {
  const { api, t, cluster } = useShop();
  const { list, space, chooser } = useSpace(`mine ${cluster}`, (namespace, signal) =>
    allInstallations(api, { cluster, namespace }, signal),
  );
  const outdated = useLoad(`outdated ${cluster} ${space}`, (signal) =>
    api.get<OutdatedList>('/outdated', { cluster, namespace: space }, signal),
  );
  const [wanted, setWanted] = useState('');
  const items = list.value?.items ?? [];
  const shown = items.filter(({ name, namespace, app }) =>
    `${name} ${namespace} ${app}`.toLowerCase().includes(wanted.trim().toLowerCase()),
  );
  return (
    <>
      <PageTitle text={t.mine.title} />
      {chooser}
      {list.problem === undefined ? null : <ProblemBox problem={list.problem} retry={list.reload} />}
      {list.value === undefined && list.loading ? <Loading /> : null}
      {items.length < manyRows ? null : (
        <label class="field find">
          <span class="field-label">{t.mine.filter}</span>
          <input type="search" value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
        </label>
      )}
      {list.value !== undefined && items.length === 0 ? (
        <Empty title={t.mine.none} text={t.mine.noneText}>
          <Link to={{ page: 'browse', query: '', category: '' }} class="button button-main">
            {t.browse.title}
          </Link>
        </Empty>
      ) : (
        <ul class="rows">
          {shown.map((item) => (
            <Row
              key={`${item.namespace}/${item.name}`}
              item={item}
              latest={outdated.value?.items.find(
                ({ namespace, name }) => namespace === item.namespace && name === item.name,
              )}
            />
          ))}
        </ul>
      )}
    </>
  );
}

/** All pages of the list: a person has some, not thousands. */
async function allInstallations(
  api: Api,
  where: { readonly cluster: string; readonly namespace: string },
  signal: AbortSignal,
): Promise<InstallationList> {
  const first = await api.get<InstallationList>('/deployments', { ...where, limit: pageSize }, signal);
  const items = [...first.items];
  for (let next = first.next; next !== undefined; ) {
    const page = await api.get<InstallationList>(
      '/deployments',
      { ...where, limit: pageSize, cursor: next },
      signal,
    );
    items.push(...page.items);
    next = page.next;
  }
  return { ...first, items };
}

/** The path of a deployment in the API. */
export function deploymentPath({ namespace, name }: Pick<DeploymentName, 'namespace' | 'name'>): string {
  return `/deployments/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

function Row({
  item,
  latest,
}: {
  readonly item: Installation;
  readonly latest: OutdatedList['items'][number] | undefined;
}) {
  const { t, cluster } = useShop();
  const { namespace, name } = item;
  const state = useRowState(item);
  return (
    <li class="card row-card">
      <AppIcon catalog={item.catalog} app={item.app} title={item.app} />
      <div class="card-text">
        <h2>
          <Link to={{ page: 'deployment', tab: 'overview', cluster, namespace, name }}>{name}</Link>
        </h2>
        <p class="quiet small">
          {item.app} {item.appVersion === '' ? item.version : item.appVersion} · {namespace} ·{' '}
          {t.mine.updated(t.ago(item.updatedAt, Date.now()))}
        </p>
      </div>
      <div class="row-state">
        {item.state === 'deployed' ? (
          <Health health={state === 'interrupted' ? 'unknown' : state} />
        ) : (
          <span class={`health health-${item.state === 'failed' ? 'unhealthy' : 'progressing'}`}>
            <Icon name={item.state === 'failed' ? 'warn' : 'clock'} size={16} />{' '}
            {state === 'interrupted'
              ? t.mine.interrupted
              : (wordFor(t.mine.states, item.state) ?? item.state)}
          </span>
        )}
        {latest === undefined ? null : (
          <Link to={{ page: 'upgrade', cluster, namespace, name }} class="chip chip-update">
            <Icon name="up" size={16} /> {t.mine.update(latest.latest.version)}
          </Link>
        )}
      </div>
    </li>
  );
}

/** At most so many questions about health at once: a list of hundred must not be an attack. */
const atOnce = 4;
const questions = semaphore();

/** How one is; of what is being worked on, whether somebody still is. */
function useRowState({ namespace, name, state, updatedAt }: Installation): HealthName | 'interrupted' {
  const { api, cluster } = useShop();
  const [found, setFound] = useState<HealthName | 'interrupted'>('unknown');
  useEffect(() => {
    if (state === 'failed') return;
    const controller = new AbortController();
    const path = deploymentPath({ namespace, name });
    const ask = async () => {
      const { signal } = controller;
      if (signal.aborted) return;
      if (state === 'deployed')
        setFound((await api.get<InstallationStatus>(path, { cluster }, signal)).health);
      else if ((await api.get<Operation>(`${path}/operation`, { cluster }, signal)).state === 'interrupted')
        setFound('interrupted');
    };
    questions.run(atOnce, ask).catch(() => undefined);
    return () => controller.abort();
  }, [cluster, namespace, name, state, updatedAt]);
  return found;
}
