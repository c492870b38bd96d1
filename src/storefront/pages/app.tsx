import { linkAddress } from '../../domain/link-address.ts';
import type { App } from '../api/types.ts';
import { wordFor } from '../i18n/texts.ts';
import { AppIcon } from '../parts/app-icon.tsx';
import { Awaited } from '../parts/awaited.tsx';
import { Icon } from '../parts/icons.tsx';
import { Link, Outside } from '../parts/link.tsx';
import { Markdown } from '../parts/markdown.tsx';
import { newestOf } from '../parts/newest.ts';
import { PageTitle } from '../parts/page.tsx';
import { useLoad } from '../parts/use-load.ts';
import type { Route } from '../router.ts';
import { useShop } from '../shop.ts';
import { categoryTitle } from './browse.tsx';

/** One app: what it is, its versions, and the way to install it. */
export function AppPage({ route }: { readonly route: Extract<Route, { readonly page: 'app' }> }) {
  const { api, t } = useShop();
  const app = useLoad(`${route.catalog}/${route.app}@${route.version ?? ''}`, (signal) =>
    api.get<App>(appPath(route.catalog, route.app), { version: route.version }, signal),
  );
  if (app.value === undefined) return <Awaited load={app} page />;
  const { value } = app;
  return (
    <article>
      <header class="app-head">
        <AppIcon
          catalog={value.catalog}
          app={value.name}
          title={value.title}
          version={value.version}
          size="large"
        />
        <div class="app-head-text">
          <PageTitle text={value.title} />
          <p class="lead">{value.summary}</p>
          <p class="quiet">
            {value.appVersion === '' ? value.version : value.appVersion}
            {value.category === '' ? '' : ` · ${categoryTitle(value.category, t)}`} ·{' '}
            {t.browse.from(value.catalog)}
          </p>
        </div>
        <Link
          to={{ page: 'install', catalog: value.catalog, app: value.name, ...versionOf(route) }}
          class="button button-main button-large"
        >
          {t.app.install}
        </Link>
      </header>
      <Marks app={value} />
      <div class="columns">
        <div>
          {value.description === '' ? null : (
            <section aria-label={t.app.about}>
              <Markdown text={value.description} level={2} />
            </section>
          )}
          {value.readme === '' ? null : (
            <section aria-label={t.app.readme} class="readme">
              <Markdown text={withoutTitle(value.readme)} level={2} />
            </section>
          )}
        </div>
        <aside aria-label={t.app.facts}>
          <Facts app={value} />
          <Versions app={value} />
        </aside>
      </div>
    </article>
  );
}

export function appPath(catalog: string, app: string): string {
  return `/apps/${encodeURIComponent(catalog)}/${encodeURIComponent(app)}`;
}

function versionOf({ version }: { readonly version?: string }): { readonly version?: string } {
  return version === undefined ? {} : { version };
}

/** Its first heading is the title of the page already. */
function withoutTitle(readme: string): string {
  return readme.replace(/^\s*#[ \t][^\n]*\n/, '');
}

/** What its makers or its catalog warn of. */
function Marks({ app }: { readonly app: App }) {
  const { t } = useShop();
  const marks = [
    ...(app.deprecated === true ? [app.deprecation ?? t.app.deprecated] : []),
    ...(app.yanked === undefined ? [] : [`${t.app.yanked} ${app.yanked}`]),
  ];
  return (
    <>
      {marks.map((mark) => (
        <p class="notice notice-warn" key={mark}>
          <Icon name="warn" />
          <span>{mark}</span>
        </p>
      ))}
    </>
  );
}

function Facts({ app }: { readonly app: App }) {
  const { t } = useShop();
  const needs = [
    ...(app.requires.kubernetes === undefined ? [] : [t.app.kubernetes(app.requires.kubernetes)]),
    ...(app.requires.capabilities ?? []).map((name) => wordFor(t.app.capabilities, name) ?? name),
  ];
  const signer = app.provenance?.signature?.catalog ?? '';
  const rows = [
    [t.app.version, app.version],
    [t.app.needs, needs.join(', ')],
    [t.app.license, app.license],
    [t.app.home, <Address key="home" address={app.home} />, app.home],
    [
      t.app.sources,
      app.sources.map((source) => <Address key={source} address={source} />),
      app.sources.join(''),
    ],
    [t.app.maintainers, app.maintainers.map(({ name }) => name).join(', ')],
    [t.app.signed, signer],
    [t.app.keywords, app.keywords.join(', ')],
  ] as const;
  return (
    <section class="panel">
      <h2>{t.app.facts}</h2>
      <dl class="facts">
        {rows
          .filter((row) => (row[2] ?? row[1]) !== '')
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}

/** An address that a catalog names: a link where it may be one. */
function Address({ address }: { readonly address: string }) {
  const href = linkAddress(address);
  const shown = address.replace(/^https?:\/\//, '').replace(/\/$/, '');
  return <span class="address">{href === undefined ? shown : <Outside href={href}>{shown}</Outside>}</span>;
}

function Versions({ app }: { readonly app: App }) {
  const { t } = useShop();
  const newest = newestOf(app.versions);
  return (
    <section class="panel">
      <h2>{t.app.versions}</h2>
      <ul class="versions">
        {app.versions.map(({ version, appVersion, yanked }) => (
          <li key={version}>
            <Link
              to={{ page: 'app', catalog: app.catalog, app: app.name, version }}
              current={version === app.version}
            >
              {version}
            </Link>
            <span class="quiet small">
              {appVersion === '' || appVersion === version ? '' : ` ${t.app.runs(appVersion)}`}
            </span>
            {version === newest ? <span class="badge">{t.app.newest}</span> : null}
            {yanked === undefined ? null : <span class="badge badge-warn">{t.app.takenBack}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
