import type { CatalogIndex, IndexedApp, IndexedVersion } from '../../../../domain/catalog-index.ts';
import { newestVersion } from '../../../../domain/newest-version.ts';
import { frame } from './frame.ts';
import { type Html, html, link } from './html.ts';

/** Apps of one page: it stays light on a phone. */
const appsAPage = 500;

/** The pages that list every app, by their file names. */
export function* listPages(index: CatalogIndex): Generator<readonly [string, string]> {
  const pages = Math.max(1, Math.ceil(index.apps.length / appsAPage));
  for (let page = 1; page <= pages; page += 1) yield [pageName(page), listPage(index, page, pages)];
}

function pageName(page: number): string {
  return page === 1 ? 'index.html' : `page-${page}.html`;
}

function listPage(index: CatalogIndex, page: number, pages: number): string {
  const title = index.title === '' ? 'Apps' : index.title;
  const apps = index.apps.slice((page - 1) * appsAPage, page * appsAPage);
  const count = `${index.apps.length} ${index.apps.length === 1 ? 'app' : 'apps'}`;
  const body = html`<header class="top"><div class="inner">
<h1>${title}</h1>
${
  index.description === ''
    ? undefined
    : html`<p class="lead">${index.description}</p>
`
}${
  index.home === ''
    ? undefined
    : html`<p>${link(index.home, index.home)}</p>
`
}<pre class="command"><code>appstore catalog add NAME <span data-address>ADDRESS-OF-THIS-PAGE</span></code></pre>
</div></header>
<main id="content" class="inner">
<search hidden data-search="search.json">
<label for="query">Search</label>
<input id="query" type="search" autocomplete="off" spellcheck="false">
<label for="category">Category</label>
<select id="category"><option value="">all</option></select>
</search>
<p id="count" role="status">${count}${pages > 1 ? `, page ${page} of ${pages}` : ''}</p>
<ul class="apps" id="apps">
${apps.map((app) => card(app))}</ul>
${pages > 1 ? pager(page, pages) : undefined}</main>
`;
  return frame({ title, description: index.description === '' ? count : index.description, root: '', body });
}

function card(app: IndexedApp): Html {
  const { metadata } = newestVersion(app.versions);
  return html`<li class="app">${icon(app, metadata.title, '')}<div>
<h2><a href="apps/${encodeURIComponent(app.name)}.html">${metadata.title}</a></h2>
<p>${metadata.summary}</p>
<p class="small">${metadata.version}${metadata.category === '' ? '' : ` · ${metadata.category}`}${badge(metadata)}</p>
</div></li>
`;
}

function badge({ deprecated }: IndexedVersion['metadata']): Html | undefined {
  return deprecated === true ? html` <span class="badge">deprecated</span>` : undefined;
}

/** An icon, or the first letter where there is none. It says nothing that the title beside it does not. */
export function icon(app: IndexedApp, title: string, root: string): Html {
  if (app.icon === undefined)
    return html`<span class="icon letter" aria-hidden="true">${[...title.trim()][0]?.toUpperCase() ?? '?'}</span>`;
  return html`<img class="icon" src="${root}${app.icon}" alt="" width="48" height="48" loading="lazy">`;
}

function pager(page: number, pages: number): Html {
  const to = (other: number, text: string, rel: string) =>
    other < 1 || other > pages ? undefined : html`<a rel="${rel}" href="${pageName(other)}">${text}</a> `;
  return html`<nav class="pager" aria-label="Pages">${to(page - 1, 'Previous page', 'prev')}${to(page + 1, 'Next page', 'next')}</nav>
`;
}
