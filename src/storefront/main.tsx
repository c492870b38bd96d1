import { render } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { type Api, createApi } from './api/client.ts';
import { type ApiProblem, problemOf } from './api/problem.ts';
import type { Session } from './api/types.ts';
import { carrying, isAnywhere, shownCluster } from './clusters.ts';
import { Frame } from './frame.tsx';
import type { Texts } from './i18n/en.ts';
import { type Language, languageOf, textsIn } from './i18n/texts.ts';
import { leftAt } from './left.ts';
import { AppPage } from './pages/app.tsx';
import { Browse } from './pages/browse.tsx';
import { Mine } from './pages/mine.tsx';
import { SignedOut } from './pages/signed-out.tsx';
import { Gone } from './parts/gone.tsx';
import { lazy } from './parts/lazy.tsx';
import { asProblem } from './parts/use-load.ts';
import { addressOf, type DeploymentName, type Route, routeOf, samePage } from './router.ts';
import { goBackTo, noteLeft } from './scroll.ts';
import { type Shop, ShopContext } from './shop.ts';
import { applyTheme, remember, remembered, themeOf } from './theme.ts';

const InstallPage = lazy(async () => (await import('./pages/install.tsx')).InstallPage);
const UpgradePage = lazy(async () => (await import('./pages/upgrade.tsx')).UpgradePage);
const DeploymentPage = lazy(async () => (await import('./pages/deployment.tsx')).DeploymentPage);
const PlansPage = lazy(async () => (await import('./pages/plans.tsx')).PlansPage);
const PlanPage = lazy(async () => (await import('./pages/plan.tsx')).PlanPage);
const OperationPage = lazy(async () => (await import('./pages/operation.tsx')).OperationPage);
const RollbackPage = lazy(async () => (await import('./pages/rollback.tsx')).RollbackPage);
const RemovePage = lazy(async () => (await import('./pages/remove.tsx')).RemovePage);

interface StartProps {
  readonly api: Api;
  readonly session: Session;
  readonly language: Language;
  readonly texts: Texts;
}

/** The storefront: the state that all pages share, and the page that the address names. */
function Storefront({ api, session, ...start }: StartProps) {
  const [{ language, t }, setWords] = useState({ language: start.language, t: start.texts });
  const [theme, setTheme] = useState(() => themeOf(remembered('theme')));
  const [route, setRoute] = useState<Route>(here);
  const [moved, setMoved] = useState(false);
  const [said, setSaid] = useState('');
  const [chosen, setChosen] = useState(() => clusterOf(session));
  useEffect(() => {
    const back = ({ state }: PopStateEvent) => {
      setMoved(true);
      setRoute(here());
      goBackTo(leftAt(state).top);
    };
    addEventListener('popstate', back);
    return () => removeEventListener('popstate', back);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const cluster = shownCluster(route, session, chosen);
  const go: Shop['go'] = useCallback(
    (to, { replace } = {}) => {
      const from = here();
      const next = carrying(to, session, cluster);
      if (replace === true) history.replaceState(null, '', addressOf(next));
      else {
        noteLeft({ top: scrollY });
        history.pushState(null, '', addressOf(next));
      }
      if (!samePage(from, next)) {
        setMoved(true);
        scrollTo({ top: 0 });
      }
      for (const menu of document.querySelectorAll('details.menu')) menu.removeAttribute('open');
      setRoute(next);
    },
    [session, cluster],
  );
  const shop = useMemo<Shop>(
    () => ({
      ...{ api, session, t, language, theme, route, moved, go, cluster },
      carried: (to) => carrying(to, session, cluster),
      announce(text) {
        // The same text twice is read twice only where it was another one meanwhile.
        setSaid('');
        setTimeout(() => setSaid(text), 50);
      },
      setLanguage(next) {
        remember('language', next);
        void textsIn(next).then((texts) => setWords({ language: next, t: texts }));
      },
      setTheme(next) {
        remember('theme', next);
        applyTheme(next);
        setTheme(next);
      },
      setCluster(next) {
        remember('cluster', next);
        setChosen(next);
        // What is shown of one cluster has no meaning in another.
        if (isAnywhere(route)) go({ ...route, cluster: next }, { replace: true });
        else go({ page: 'mine', cluster: next });
      },
    }),
    [api, session, t, language, theme, route, moved, cluster, go],
  );
  return (
    <ShopContext.Provider value={shop}>
      <Frame said={said}>
        <Page route={route} />
      </Frame>
    </ShopContext.Provider>
  );
}

function Page({ route }: { readonly route: Route }) {
  switch (route.page) {
    case 'browse':
      return <Browse route={route} />;
    case 'app':
      return <AppPage key={keyOfApp(route)} route={route} />;
    case 'install':
      return <InstallPage key={keyOfApp(route)} route={route} />;
    case 'mine':
      return <Mine />;
    case 'deployment':
      return <DeploymentPage key={keyOf(route)} route={route} />;
    case 'upgrade':
      return <UpgradePage key={keyOf(route)} name={route} />;
    case 'remove':
      return <RemovePage key={keyOf(route)} name={route} />;
    case 'rollback':
      return <RollbackPage key={addressOf(route)} route={route} />;
    case 'plans':
      return <PlansPage />;
    case 'plan':
      return <PlanPage key={addressOf(route)} route={route} />;
    case 'operation':
      return <OperationPage key={route.id} id={route.id} />;
    case 'unknown':
      return <Unknown />;
  }
}

function keyOf({ cluster, namespace, name }: DeploymentName): string {
  return `${cluster}/${namespace}/${name}`;
}

/** What was filled in stays where another cluster is chosen. */
function keyOfApp({
  catalog,
  app,
  version = '',
}: Extract<Route, { readonly page: 'app' | 'install' }>): string {
  return `${catalog}/${app}@${version}`;
}

function Unknown() {
  return (
    <ShopContext.Consumer>
      {(shop) =>
        shop === undefined ? null : (
          <Gone
            title={shop.t.frame.unknown}
            text={shop.t.frame.unknownText}
            to={{ page: 'browse', query: '', category: '' }}
            label={shop.t.frame.home}
          />
        )
      }
    </ShopContext.Consumer>
  );
}

function here(): Route {
  return routeOf(location.pathname, location.search);
}

/** The one that was looked at last, where it is still there. With a single cluster nothing has to be named. */
function clusterOf({ clusters, defaultCluster }: Session): string {
  if (clusters.length < 2) return '';
  const last = remembered('cluster');
  return clusters.includes(last) ? last : (defaultCluster ?? clusters[0] ?? '');
}

async function start(): Promise<void> {
  const place = document.getElementById('storefront');
  if (place === null) return;
  let csrf = '';
  const language = languageOf([remembered('language'), ...navigator.languages]);
  document.documentElement.lang = language;
  const signedOut = async (problem: ApiProblem, ended: boolean) =>
    render(<SignedOut problem={problem} ended={ended} t={await textsIn(language)} />, place);
  const send: typeof fetch = async (...request) => {
    const answer = await fetch(...request);
    if (answer.status === 401 && csrf !== '') {
      void signedOut(
        problemOf(
          401,
          await answer
            .clone()
            .json()
            .catch(() => undefined),
        ),
        true,
      );
    }
    return answer;
  };
  const api = createApi(send, () => csrf);
  try {
    const [session, texts] = await Promise.all([api.get<Session>('/session'), textsIn(language)]);
    csrf = session.csrf ?? '';
    render(<Storefront api={api} session={session} language={language} texts={texts} />, place);
  } catch (error) {
    await signedOut(asProblem(error), false);
  }
}

void start();
