import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { isSandbox } from './clusters.ts';
import { forgetAnswers } from './form/kept-store.ts';
import { languages } from './i18n/texts.ts';
import { Icon } from './parts/icons.tsx';
import { Link } from './parts/link.tsx';
import { shortNames } from './parts/short-names.ts';
import { useShop } from './shop.ts';
import { themes } from './theme.ts';

/** What is around every page: the way to the others, who is asking, and how it looks. */
export function Frame({ children, said }: { readonly children: ComponentChildren; readonly said: string }) {
  const { t, route, session, cluster } = useShop();
  const isMine = ['mine', 'deployment', 'upgrade', 'remove', 'rollback', 'operation'].includes(route.page);
  const isPlanning = ['plans', 'plan'].includes(route.page);
  const isBrowsing = ['browse', 'app', 'install'].includes(route.page);
  return (
    <>
      <a class="skip" href="#content">
        {t.frame.skip}
      </a>
      <header class="top">
        <div class="top-inner">
          <Link to={{ page: 'browse', query: '', category: '' }} class="brand">
            <span class="brand-mark" aria-hidden="true">
              <Icon name="box" size={22} />
            </span>
            {t.frame.title}
          </Link>
          <nav aria-label={t.frame.navigation} class="main-nav">
            <Link to={{ page: 'browse', query: '', category: '' }} current={isBrowsing}>
              <Icon name="grid" size={18} /> {t.frame.discover}
            </Link>
            <Link to={{ page: 'mine' }} current={isMine}>
              <Icon name="box" size={18} /> {t.frame.mine}
            </Link>
            <Link to={{ page: 'plans' }} current={isPlanning}>
              <Icon name="clock" size={18} /> {t.frame.plans}
            </Link>
          </nav>
          <Clusters />
          <Menu />
        </div>
      </header>
      {isSandbox(session, cluster) ? (
        <section class="simulated" aria-label={t.frame.sandbox}>
          <p>{t.frame.simulated}</p>
        </section>
      ) : null}
      <main id="content" class="page" tabIndex={-1}>
        {children}
      </main>
      <footer class="foot">
        <p>{t.frame.version(session.version)}</p>
      </footer>
      <div class="unseen" role="status" aria-live="polite">
        {said}
      </div>
    </>
  );
}

function Clusters() {
  const { t, session, cluster, setCluster } = useShop();
  if (session.clusters.length < 2) return null;
  // An address may name one that is not known here.
  const names = session.clusters.includes(cluster) ? session.clusters : [cluster, ...session.clusters];
  const short = shortNames(names);
  return (
    <label class="cluster">
      <span class="unseen">{t.frame.cluster}</span>
      <select value={cluster} title={cluster} onChange={(event) => setCluster(event.currentTarget.value)}>
        {names.map((name, index) => (
          <option key={name} value={name} title={name}>
            {short[index]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Language, appearance and the way out. It works without a script of its own: the browser opens and closes it. */
function Menu() {
  const { api, t, session, language, theme, setLanguage, setTheme } = useShop();
  const menu = useRef<HTMLDetailsElement>(null);
  const leave = async () => {
    forgetAnswers();
    const answer = await api.post('/session/logout', {}).catch(() => undefined);
    location.assign(farewell(answer?.location));
  };
  const close = () => menu.current?.removeAttribute('open');
  return (
    <details
      class="menu"
      ref={menu}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || menu.current?.open !== true) return;
        close();
        menu.current.querySelector('summary')?.focus();
      }}
      onFocusOut={({ relatedTarget }) => {
        // Without a target the window lost the focus, or what was clicked takes none.
        if (relatedTarget instanceof Node && menu.current?.contains(relatedTarget) === false) close();
      }}
    >
      <summary aria-label={t.frame.settings}>
        <Icon name="user" />
      </summary>
      <div class="menu-panel">
        <p class="quiet small">{t.frame.signedInAs(session.caller.name)}</p>
        <label class="field">
          <span class="field-label">{t.frame.language}</span>
          <select
            value={language}
            onChange={(event) => {
              const chosen = languages.find((one) => one === event.currentTarget.value);
              if (chosen !== undefined) setLanguage(chosen);
            }}
          >
            <option value="en" lang="en">
              English
            </option>
            <option value="nl" lang="nl">
              Nederlands
            </option>
          </select>
        </label>
        <label class="field">
          <span class="field-label">{t.frame.theme}</span>
          <select
            value={theme}
            onChange={(event) => {
              const chosen = themes.find((one) => one === event.currentTarget.value);
              if (chosen !== undefined) setTheme(chosen);
            }}
          >
            {themes.map((one) => (
              <option key={one} value={one}>
                {t.frame.themes[one]}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="button" onClick={leave}>
          <Icon name="out" size={18} /> {t.frame.signOut}
        </button>
      </div>
    </details>
  );
}

/** Where the identity provider ends its own session and sends back from; the start of the shop where there is no such page. */
function farewell(location = ''): string {
  return URL.canParse(location) && new URL(location).protocol === 'https:' ? location : '/';
}
