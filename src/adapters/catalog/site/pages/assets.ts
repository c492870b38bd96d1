import { searchScript } from './search-script.ts';

/** The look of the site: one column on a phone, cards beside one another where there is room, the colours of the reader's system. */
export const siteCss = `:root{color-scheme:light dark;--back:#fff;--fore:#1b2430;--quiet:#566171;--line:#d5dbe3;--panel:#f5f7fa;--accent:#0b5cad;--warn:#8a3b00;--warnback:#fff3e6}
@media (prefers-color-scheme:dark){:root{--back:#12171e;--fore:#e4e9ef;--quiet:#a3afbd;--line:#303a46;--panel:#1a212b;--accent:#7db8f5;--warn:#ffb778;--warnback:#33230f}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--fore);font:1rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-100vw}
.skip:focus{left:1rem;top:1rem;background:var(--back);padding:.5rem 1rem;z-index:1}
.inner{max-width:75rem;margin:0 auto;padding:1rem}
.top{background:var(--panel);border-bottom:1px solid var(--line)}
h1{font-size:1.6rem;line-height:1.25;margin:.25rem 0}
h2{font-size:1.2rem;line-height:1.3;margin:1.6rem 0 .4rem}
h3,h4,h5,h6{font-size:1rem;margin:1.2rem 0 .3rem}
p{margin:.4rem 0}
.lead{color:var(--quiet);font-size:1.05rem}
.small{color:var(--quiet);font-size:.875rem}
pre{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:.75rem 1rem;overflow-x:auto;font-size:.875rem;line-height:1.5}
.top pre{background:var(--back)}
pre code{white-space:pre}
pre.command code{white-space:pre-wrap}
code{font-family:ui-monospace,monospace;font-size:.92em}
blockquote{margin:.6rem 0;padding-left:1rem;border-left:3px solid var(--line);color:var(--quiet)}
search{display:grid;grid-template-columns:1fr;gap:.25rem .75rem;margin:.5rem 0 1rem}
search[hidden]{display:none}
search label{font-size:.875rem;color:var(--quiet)}
input,select{font:inherit;color:inherit;background:var(--back);border:1px solid var(--quiet);border-radius:8px;padding:.6rem .75rem;width:100%;min-height:2.75rem}
.apps{list-style:none;margin:0;padding:0;display:grid;gap:.75rem}
.app{display:flex;gap:.9rem;padding:1rem;border:1px solid var(--line);border-radius:10px;background:var(--panel);position:relative}
.app>div{min-width:0}
.app h2{margin:0;font-size:1.05rem}
.app h2 a::after{content:"";position:absolute;inset:0}
.app:hover{border-color:var(--accent)}
.app p{margin:.15rem 0}
.icon{width:48px;height:48px;flex:none;object-fit:contain;border-radius:10px}
.letter{display:flex;align-items:center;justify-content:center;background:var(--line);font-weight:600;font-size:1.3rem}
.title{display:flex;gap:1rem;align-items:center;margin:.5rem 0}
.badge{display:inline-block;border:1px solid var(--warn);color:var(--warn);border-radius:99px;padding:0 .5rem;font-size:.8rem}
.warning{background:var(--warnback);border:1px solid var(--warn);border-radius:8px;padding:.5rem .75rem}
dl{margin:0}
dt{color:var(--quiet);font-size:.875rem;margin-top:.6rem}
dd{margin:0}
.versions{list-style:none;margin:0;padding:0;max-height:24rem;overflow-y:auto}
.versions li{padding:.35rem 0;border-top:1px solid var(--line)}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.95rem;margin:.6rem 0 1rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .75rem;border-bottom:1px solid var(--line);min-width:7rem;overflow-wrap:break-word}
.pager{margin:1.5rem 0;display:flex;gap:1.5rem}
.pager a{padding:.6rem 0}
@media (min-width:40rem){search{grid-template-columns:1fr 14rem}search label[for=query]{grid-area:1/1}search input{grid-area:2/1}search label[for=category]{grid-area:1/2}search select{grid-area:2/2}.apps{grid-template-columns:repeat(auto-fill,minmax(19rem,1fr))}h1{font-size:2rem}}
@media (min-width:60rem){.columns{display:grid;grid-template-columns:minmax(0,1fr) 18rem;gap:2.5rem}}
@media print{search,.skip,.pager{display:none}}
`;

/**
 * The search of the list, with the ranking of every catalog. Every text goes into the page as text, never as HTML. Without it the pages
 * list the same apps.
 */
export const siteJs = `'use strict';
${searchScript}(() => {
  const address = new URL('.', location.href).href;
  for (const place of document.querySelectorAll('[data-address]')) place.textContent = address;
  const search = document.querySelector('[data-search]');
  if (search === null) return;
  const [query, category, list, count] = ['query', 'category', 'apps', 'count'].map((id) => document.getElementById(id));
  const before = [...list.children];
  const counted = count.textContent;
  const pager = document.querySelector('.pager');
  const most = 200;
  const make = (name, className, ...children) => {
    const element = document.createElement(name);
    if (className !== '') element.className = className;
    element.append(...children);
    return element;
  };
  const card = ({ name, title, summary, category: kind, version, icon }) => {
    let picture = make('span', 'icon letter', ([...title.trim()][0] ?? '?').toUpperCase());
    if (icon !== '') {
      picture = make('img', 'icon');
      Object.assign(picture, { src: icon, alt: '', width: 48, height: 48, loading: 'lazy' });
    } else picture.setAttribute('aria-hidden', 'true');
    const link = make('a', '', title);
    link.href = 'apps/' + encodeURIComponent(name) + '.html';
    const small = kind === '' ? version : version + ' \\u00b7 ' + kind;
    return make('li', 'app', picture, make('div', '', make('h2', '', link), make('p', '', summary), make('p', 'small', small)));
  };
  const show = (apps) => {
    const asked = query.value.trim() !== '' || category.value !== '';
    if (pager !== null) pager.hidden = asked;
    if (!asked) {
      list.replaceChildren(...before);
      count.textContent = counted;
      return;
    }
    const wanted = { text: query.value, category: category.value === '' ? undefined : category.value };
    const found = appSearch.rankApps(apps, wanted);
    list.replaceChildren(...found.slice(0, most).map(({ app }) => card(app)));
    const more = found.length > most ? ', the first ' + most + ' of them' : '';
    count.textContent = found.length + (found.length === 1 ? ' app' : ' apps') + more;
  };
  fetch(search.dataset.search)
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
    .then((rows) => {
      const names = ['name', 'title', 'summary', 'category', 'keywords', 'description', 'version', 'icon'];
      const apps = rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at]])));
      for (const kind of [...new Set(apps.map((app) => app.category))].filter((one) => one !== '').sort()) {
        const option = make('option', '', kind);
        option.value = kind;
        category.append(option);
      }
      const given = new URLSearchParams(location.search).get('q');
      if (given !== null) query.value = given;
      search.hidden = false;
      query.addEventListener('input', () => show(apps));
      category.addEventListener('change', () => show(apps));
      show(apps);
    })
    .catch(() => {});
})();
`;
