import { useEffect } from 'preact/hooks';
import type { Diagnosis, InstallationStatus, Operation, OutdatedList } from '../api/types.ts';
import { said, saidOnce } from '../i18n/said.ts';
import { wordFor } from '../i18n/texts.ts';
import { AppIcon } from '../parts/app-icon.tsx';
import { Awaited } from '../parts/awaited.tsx';
import { Copyable } from '../parts/copy.tsx';
import { Gone } from '../parts/gone.tsx';
import { Health } from '../parts/health.tsx';
import { Icon } from '../parts/icons.tsx';
import { Link } from '../parts/link.tsx';
import { MarkdownText } from '../parts/markdown.tsx';
import { Loading, PageTitle } from '../parts/page.tsx';
import { personIn } from '../parts/person.ts';
import { ProblemBox } from '../parts/problem.tsx';
import { Notes, OpenLinks, Outputs } from '../parts/reach.tsx';
import { useLoad } from '../parts/use-load.ts';
import { GoBack, useGoodRevision, WayBack } from '../parts/way-back.tsx';
import { countParts, partOf } from '../plan/parts.ts';
import { nameOf } from '../plan/story.ts';
import { type DeploymentName, deploymentTabs, type Route } from '../router.ts';
import { useShop } from '../shop.ts';
import { Activity } from './activity.tsx';
import { Credentials } from './credentials.tsx';
import { DriftPanel } from './drift.tsx';
import { History } from './history.tsx';
import { deploymentPath } from './mine.tsx';
import { StoredSettings } from './stored-settings.tsx';

type DeploymentRoute = Extract<Route, { readonly page: 'deployment' }>;

/** Milliseconds between two looks at something that is still on its way. */
const lookAgain = 4000;

/** One of my apps: how it is, how it is reached, and what can be done with it. */
export function DeploymentPage({ route }: { readonly route: DeploymentRoute }) {
  const { api, t } = useShop();
  const { cluster, namespace, name } = route;
  const path = deploymentPath(route);
  const status = useLoad(`${cluster} ${path}`, (signal) =>
    api.get<InstallationStatus>(path, { cluster }, signal),
  );
  const { value } = status;
  const unsettled = value !== undefined && (value.pending !== undefined || value.health === 'progressing');
  useLookAgain(unsettled, status.reload);
  if (value === undefined)
    return status.problem?.code === 'CLUSTER_UNKNOWN' ? (
      <Gone
        title={t.problem.codes.CLUSTER_UNKNOWN}
        text={t.deployment.unknownCluster(cluster, name)}
        to={{ page: 'mine' }}
        label={t.operation.seeMine}
      />
    ) : status.problem?.status === 404 ? (
      <Gone
        title={t.deployment.gone}
        text={t.deployment.goneText}
        to={{ page: 'mine' }}
        label={t.operation.seeMine}
      />
    ) : (
      <Awaited load={status} page />
    );
  const { installation } = value;
  return (
    <article>
      <header class="app-head">
        <AppIcon
          catalog={installation.catalog}
          app={installation.app}
          title={installation.app}
          version={installation.version}
          size="large"
        />
        <div class="app-head-text">
          <PageTitle text={name} />
          <p class="quiet">
            {installation.app}{' '}
            {installation.appVersion === '' ? installation.version : installation.appVersion} · {namespace}
          </p>
          <p>
            <Health health={healthOf(value)} />
          </p>
        </div>
        <Doings name={{ cluster, namespace, name }} />
      </header>
      {status.problem === undefined ? null : <ProblemBox problem={status.problem} retry={status.reload} />}
      {value.pending === undefined ? null : (
        <Pending pending={value.pending} name={{ cluster, namespace, name }} />
      )}
      <Tabs route={route} />
      <Tab route={route} status={value} />
    </article>
  );
}

/** What failed is not on its way any more, whatever the cluster still tries. */
function healthOf({ health, installation }: InstallationStatus): InstallationStatus['health'] {
  return installation.state === 'failed' && health === 'progressing' ? 'unhealthy' : health;
}

function useLookAgain(unsettled: boolean, look: () => void): void {
  useEffect(() => {
    if (!unsettled) return;
    const timer = setInterval(look, lookAgain);
    return () => clearInterval(timer);
  }, [unsettled, look]);
}

function Tab({ route, status }: { readonly route: DeploymentRoute; readonly status: InstallationStatus }) {
  switch (route.tab) {
    case 'overview':
      return <Overview route={route} status={status} />;
    case 'settings':
      return <StoredSettings name={route} />;
    case 'history':
      return <History name={route} />;
    case 'activity':
      return <Activity name={route} />;
  }
}

function Tabs({ route }: { readonly route: DeploymentRoute }) {
  const { t } = useShop();
  return (
    <nav aria-label={t.deployment.tabsLabel}>
      <ul class="tabs">
        {deploymentTabs.map((tab) => (
          <li key={tab}>
            <Link to={{ ...route, tab }} current={route.tab === tab} replace>
              {t.deployment.tabs[tab]}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Update, remove: what is done to the whole of it. */
function Doings({ name }: { readonly name: DeploymentName }) {
  const { api, t } = useShop();
  const { cluster, namespace } = name;
  const outdated = useLoad(`outdated ${cluster} ${namespace}`, (signal) =>
    api.get<OutdatedList>('/outdated', { cluster, namespace }, signal),
  );
  const latest = outdated.value?.items.find((item) => item.name === name.name)?.latest.version;
  return (
    <div class="doings">
      <Link to={{ ...name, page: 'upgrade' }} class={`button${latest === undefined ? '' : ' button-main'}`}>
        <Icon name="up" size={18} />{' '}
        {latest === undefined ? t.deployment.update : t.deployment.updateTo(latest)}
      </Link>
      <Link to={{ ...name, page: 'remove' }} class="button button-quiet-danger">
        <Icon name="trash" size={18} /> {t.deployment.remove}
      </Link>
    </div>
  );
}

function Pending({
  pending,
  name,
}: {
  readonly pending: NonNullable<InstallationStatus['pending']>;
  readonly name: DeploymentName;
}) {
  const { api, t } = useShop();
  const operation = useLoad(`operation ${name.namespace}/${name.name}`, (signal) =>
    api.get<Operation>(`${deploymentPath(name)}/operation`, { cluster: name.cluster }, signal),
  );
  const word = wordFor(t.operation.titles, pending.operation);
  // Whoever works on it may be gone any moment.
  useLookAgain(true, operation.reload);
  const isCut = operation.value?.state === 'interrupted';
  return (
    <div class="notice notice-warn" role="status">
      <Icon name="clock" />
      <div>
        <p>{t.deployment.pending(word?.(name.name) ?? pending.operation, personIn(pending.holder))}</p>
        {isCut ? <p>{t.deployment.interrupted}</p> : null}
        {operation.value === undefined ? null : (
          <p>
            <Link to={{ page: 'operation', id: operation.value.id }} class="button">
              {isCut ? t.operation.goOn : t.deployment.pendingGo}
            </Link>{' '}
            {isCut ? <WayBack name={name} /> : null}
          </p>
        )}
      </div>
    </div>
  );
}

/** What was tried last did not work out: what there is instead of trying it again. */
function Failed({ name }: { readonly name: DeploymentName }) {
  const { t } = useShop();
  const revision = useGoodRevision(name);
  if (revision === undefined) return null;
  return (
    <div class="notice notice-warn">
      <Icon name="warn" />
      <div>
        <p>{t.deployment.lastFailed}</p>
        <p>
          <GoBack name={name} revision={revision} />
        </p>
      </div>
    </div>
  );
}

function Overview({
  route,
  status,
}: {
  readonly route: DeploymentRoute;
  readonly status: InstallationStatus;
}) {
  const { t } = useShop();
  const { namespace, name, cluster } = route;
  return (
    <div class="columns">
      <div>
        {status.installation.state === 'failed' ? <Failed name={{ cluster, namespace, name }} /> : null}
        {status.health === 'healthy' ? null : <Why name={route} health={healthOf(status)} />}
        <OpenLinks links={status.open} cluster={cluster} namespace={namespace} name={name} />
        <Outputs outputs={status.outputs} />
        {hasSecrets(status) ? <Credentials cluster={cluster} namespace={namespace} name={name} /> : null}
        <Notes notes={status.notes} />
        <Parts status={status} />
      </div>
      <aside aria-label={t.deployment.facts}>
        <FactsPanel status={status} cluster={cluster} />
        <DriftPanel name={route} />
      </aside>
    </div>
  );
}

/** Only an app with Secrets has passwords. Which they are is not asked before somebody wants to see them: that is noted down. */
function hasSecrets({ objects }: InstallationStatus): boolean {
  return objects.some(({ kind }) => partOf(kind) === 'secrets');
}

/** Why it is not well, in plain words first; the evidence for whoever looks into it. */
function Why({
  name,
  health,
}: {
  readonly name: DeploymentName;
  readonly health: InstallationStatus['health'];
}) {
  const { api, t } = useShop();
  const why = useLoad(`why ${name.namespace}/${name.name} ${health}`, (signal) =>
    api.get<Diagnosis>(`${deploymentPath(name)}/why`, { cluster: name.cluster }, signal),
  );
  const { value } = why;
  if (value === undefined) return why.problem === undefined ? <Loading /> : null;
  const cause = 'cause' in value ? value.cause : undefined;
  if (cause === undefined || !('fix' in value)) return null;
  return (
    <section class={`panel ${health === 'unhealthy' ? 'panel-bad' : ''}`} aria-labelledby="why">
      <h2 id="why">{t.deployment.whyTitle}</h2>
      <p class="why">{wordFor(t.causes, cause) ?? value.meaning}</p>
      <p class="quiet">{said(value.message ?? '', t)}</p>
      {cause !== 'NOT_READY' ? (
        <>
          <h3>{t.deployment.tryThis}</h3>
          <p>{wordFor(t.fixes, cause) ?? <MarkdownText text={value.fix?.text ?? ''} />}</p>
        </>
      ) : null}
      <details class="fold">
        <summary>{t.deployment.more}</summary>
        {value.fix?.commands.map((command) => (
          <Copyable key={command} text={command} label={t.deployment.technical} />
        ))}
        <ul class="plain">
          {value.findings.map(({ ref, cause: found, reason, evidence }) => (
            <li key={nameOf(ref, '')}>
              <code>{nameOf(ref, name.namespace)}</code> {reason} <span class="badge">{found}</span>
              {evidence.length === 0 ? null : (
                // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
                <pre tabIndex={0}>
                  <code>{evidence.map(({ source, text }) => `${source}: ${text}`).join('\n')}</code>
                </pre>
              )}
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}

function Parts({ status }: { readonly status: InstallationStatus }) {
  const { t } = useShop();
  const { objects, installation } = status;
  const parts = countParts(objects).map(([part, count]) => t.parts[part](count));
  return (
    <details class="fold" open={status.health !== 'healthy'}>
      <summary>
        {t.deployment.parts} <span class="quiet">{t.list(parts)}</span>
      </summary>
      <ul class="objects">
        {objects.map((object) => (
          <li key={nameOf(object, '')}>
            <span class={`badge part-${object.status}`}>
              {wordFor(t.deployment.partStates, object.status) ?? object.status}
            </span>{' '}
            <code>{nameOf(object, installation.namespace)}</code>{' '}
            <span class="quiet small">
              {saidOnce(object.detail, object.status === 'current' ? '' : object.reason, t)}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function FactsPanel({ status, cluster }: { readonly status: InstallationStatus; readonly cluster: string }) {
  const { t } = useShop();
  const { installation } = status;
  const { catalog, app, version, appVersion, namespace, revision, updatedAt } = installation;
  const rows: readonly (readonly [string, string])[] = [
    [t.deployment.version, appVersion === '' ? version : `${version} (${t.app.runs(appVersion)})`],
    [t.deployment.space, namespace],
    [t.deployment.cluster, cluster],
    [t.deployment.revision, t.number(revision)],
    [t.deployment.changed, t.time(updatedAt)],
  ];
  return (
    <section class="panel">
      <h2>{t.deployment.facts}</h2>
      <dl class="facts">
        {rows
          .filter(([, value]) => value !== '')
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        {catalog === '' ? null : (
          <div>
            <dt>{t.deployment.source}</dt>
            <dd>
              <Link to={{ page: 'app', catalog, app }}>
                {catalog}/{app}
              </Link>
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}
