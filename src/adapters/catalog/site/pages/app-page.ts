import type { AppMetadata } from '../../../../domain/app.ts';
import {
  archivePath,
  type CatalogIndex,
  type IndexedApp,
  type IndexedVersion,
} from '../../../../domain/catalog-index.ts';
import { newestVersion } from '../../../../domain/newest-version.ts';
import { frame } from './frame.ts';
import { type Html, html, link } from './html.ts';
import { icon } from './list-page.ts';
import { markdown } from './markdown.ts';

/** The page of one app. `readme`: of its newest version. */
export function appPage(index: CatalogIndex, app: IndexedApp, readme: string): string {
  const newest = newestVersion(app.versions);
  const { metadata } = newest;
  const catalog = index.title === '' ? 'All apps' : index.title;
  const body = html`<header class="top"><div class="inner">
<nav aria-label="Catalog"><a href="../index.html">${catalog}</a></nav>
<div class="title">${icon(app, metadata.title, '../')}<div><h1>${metadata.title}</h1>
<p class="lead">${metadata.summary}</p></div></div>
${warnings(metadata)}<pre class="command" tabindex="0"><code>appstore install ${app.name}</code></pre>
</div></header>
<main id="content" class="inner columns">
<article>
${metadata.description === '' ? undefined : markdown(metadata.description, 2)}${
  readme === ''
    ? undefined
    : html`<section class="readme" aria-label="README">
${markdown(withoutTitle(readme), 2)}</section>
`
}</article>
<aside aria-label="Facts">
<dl>${facts(metadata, newest)}</dl>
<h2>Versions</h2>
<ul class="versions">${app.versions.map((version) => versionRow(app.name, version))}</ul>
</aside>
</main>
`;
  const title = index.title === '' ? metadata.title : `${metadata.title} - ${index.title}`;
  return frame({ title, description: metadata.summary, root: '../', body });
}

/** Its first heading is the title of the page already. */
function withoutTitle(readme: string): string {
  return readme.replace(/^\s*#[ \t][^\n]*\n/, '');
}

function warnings({ deprecated, deprecation, yanked }: AppMetadata): Html {
  const why = deprecation ?? 'its makers say that it should not be used any more';
  return html`${
    deprecated === true
      ? html`<p class="warning"><strong>Deprecated:</strong> ${why}</p>
`
      : undefined
  }${
    yanked === undefined
      ? undefined
      : html`<p class="warning"><strong>Taken back:</strong> ${yanked}</p>
`
  }`;
}

function facts(metadata: AppMetadata, { format }: IndexedVersion): readonly Html[] {
  const rows: readonly (readonly [string, Html | string])[] = [
    ['Version', metadata.version],
    ['Runs', metadata.appVersion],
    ['Category', metadata.category],
    ['License', metadata.license],
    ['Format', format === 'chart' ? 'Helm chart' : 'app.yaml'],
    ['Home', metadata.home === '' ? '' : link(metadata.home, metadata.home)],
    ['Sources', listed(metadata.sources.map((source) => link(source, source)))],
    ['Maintainers', listed(metadata.maintainers.map(({ name, url }) => link(url ?? '', name)))],
    ['Keywords', metadata.keywords.join(', ')],
  ];
  return rows
    .filter(([, value]) => value !== '')
    .map(
      ([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>
`,
    );
}

function listed(items: readonly Html[]): Html | string {
  return items.length === 0 ? '' : html`${items.map((item) => html`<div>${item}</div>`)}`;
}

function versionRow(name: string, { metadata, bytes, archiveDigest }: IndexedVersion): Html {
  const path = archivePath(name, metadata.version).split('/').map(encodeURIComponent).join('/');
  const size = bytes < 10_240 ? `${bytes} bytes` : `${Math.round(bytes / 1024)} KiB`;
  const yanked =
    metadata.yanked === undefined
      ? undefined
      : html` <span class="badge" title="${metadata.yanked}">taken back</span>`;
  return html`<li><a href="../${path}" title="${archiveDigest}">${metadata.version}</a>${yanked} <span class="small">${size}</span></li>
`;
}
