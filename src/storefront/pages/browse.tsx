import { useEffect, useRef, useState } from 'preact/hooks';
import type { AppList, CategoryList, ListedApp } from '../api/types.ts';
import { wordFor } from '../i18n/texts.ts';
import { leftAt } from '../left.ts';
import { AppIcon } from '../parts/app-icon.tsx';
import { Icon } from '../parts/icons.tsx';
import { Link } from '../parts/link.tsx';
import { Empty, Loading, PageTitle } from '../parts/page.tsx';
import { ProblemBox } from '../parts/problem.tsx';
import { asProblem, useLoad } from '../parts/use-load.ts';
import type { Route } from '../router.ts';
import { noteLeft } from '../scroll.ts';
import { type Shop, useShop } from '../shop.ts';

/** Milliseconds without a key before the server is asked. */
const pause = 120;

/** Apps that are asked for at once, and the most that the server gives at once. */
const pageSize = 48;
const mostAtOnce = 1000;

/** Every app there is, by category and by search. */
export function Browse({ route }: { readonly route: Extract<Route, { readonly page: 'browse' }> }) {
  const { api, t, go, announce } = useShop();
  const { query, category } = route;
  const [typed, setTyped] = useState(query);
  const categories = useLoad('categories', (signal) => api.get<CategoryList>('/categories', {}, signal));
  const apps = useLoad(
    `${category} ${query}`,
    (signal) => {
      // Who comes back sees as many as they had seen.
      const limit = Math.min(mostAtOnce, Math.max(pageSize, leftAt(history.state).shown));
      return api.get<AppList>('/apps', { q: query, category, limit }, signal);
    },
    { keep: true },
  );
  useEffect(() => {
    if (typed === query) return;
    const timer = setTimeout(() => go({ ...route, query: typed }, { replace: true }), pause);
    return () => clearTimeout(timer);
  }, [typed]);
  // Going back in the history changes the address first.
  useEffect(() => setTyped(query), [query]);
  const count = apps.value?.items.length;
  useEffect(() => {
    if (count !== undefined && query !== '') announce(t.browse.found(count));
  }, [count, query]);
  return (
    <>
      <div class="hero">
        <PageTitle text={t.browse.title} />
        <p class="lead">{t.browse.lead}</p>
        <search>
          <label class="search">
            <Icon name="search" />
            <span class="unseen">{t.browse.search}</span>
            <input
              type="search"
              placeholder={t.browse.searchHint}
              value={typed}
              autoComplete="off"
              spellcheck={false}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
        </search>
      </div>
      <Categories list={categories.value} route={route} />
      {apps.problem === undefined ? null : <ProblemBox problem={apps.problem} retry={apps.reload} />}
      {apps.value === undefined ? (
        apps.loading && <Loading />
      ) : (
        <Results key={`${category} ${query}`} first={apps.value} route={route} />
      )}
    </>
  );
}

function Categories({
  list,
  route,
}: {
  readonly list: CategoryList | undefined;
  readonly route: Extract<Route, { readonly page: 'browse' }>;
}) {
  const { t } = useShop();
  const items = list?.items ?? [];
  if (items.length < 2) return null;
  const all = items.reduce((sum, { apps }) => sum + apps, 0);
  const chip = (name: string, title: string, apps: number) => (
    <li key={name}>
      <Link to={{ ...route, category: name }} class="chip" current={route.category === name} replace>
        {title} <span class="chip-count">{t.number(apps)}</span>
      </Link>
    </li>
  );
  return (
    <nav aria-label={t.browse.categories}>
      <ul class="chips">
        {chip('', t.browse.all, all)}
        {items
          .filter(({ name }) => name !== '')
          .map(({ name, apps }) => chip(name, categoryTitle(name, t), apps))}
      </ul>
    </nav>
  );
}

/** Categories are words of whoever made a catalog: those of everyday have a translation. */
export function categoryTitle(name: string, t: Shop['t']): string {
  return wordFor(t.categories, name) ?? name.charAt(0).toUpperCase() + name.slice(1);
}

function Results({
  first,
  route,
}: {
  readonly first: AppList;
  readonly route: Extract<Route, { readonly page: 'browse' }>;
}) {
  const { api, t } = useShop();
  const { query, category } = route;
  const [more, setMore] = useState<readonly ListedApp[]>([]);
  const [next, setNext] = useState(first.next);
  const [problem, setProblem] = useState<ReturnType<typeof asProblem>>();
  const list = useRef<HTMLUListElement>(null);
  const items = [...first.items, ...more];
  const load = async () => {
    try {
      const page = await api.get<AppList>('/apps', { q: query, category, limit: pageSize, cursor: next });
      setMore([...more, ...page.items]);
      noteLeft({ shown: items.length + page.items.length });
      setNext(page.next);
      // The button may go: the first of the new ones is where to read on.
      requestAnimationFrame(() => list.current?.querySelectorAll('a')[items.length]?.focus());
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  if (items.length === 0) {
    const asked = query !== '' || category !== '';
    return (
      <Empty
        title={asked ? t.browse.none : t.browse.empty}
        text={asked ? t.browse.noneText : t.browse.emptyText}
      >
        {asked && (
          <Link to={{ page: 'browse', query: '', category: '' }} class="button">
            {t.browse.clear}
          </Link>
        )}
      </Empty>
    );
  }
  return (
    <>
      <ul class="cards" ref={list}>
        {items.map((app) => (
          <AppCard key={`${app.catalog}/${app.name}`} app={app} />
        ))}
      </ul>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      {next === undefined ? null : (
        <p class="center">
          <button type="button" class="button" onClick={load}>
            {t.browse.more}
          </button>
        </p>
      )}
    </>
  );
}

function AppCard({ app }: { readonly app: ListedApp }) {
  const { t } = useShop();
  return (
    <li class="card">
      <AppIcon catalog={app.catalog} app={app.name} title={app.title} />
      <div class="card-text">
        <h2>
          <Link to={{ page: 'app', catalog: app.catalog, app: app.name }}>{app.title}</Link>
        </h2>
        <p>{app.summary}</p>
        <p class="quiet small">
          {app.category === '' ? '' : `${categoryTitle(app.category, t)} · `}
          {app.appVersion === '' ? app.version : app.appVersion}
        </p>
      </div>
    </li>
  );
}
