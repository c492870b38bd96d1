import type { FastifyRequest } from 'fastify';
import { AppstoreError } from '../../domain/errors.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import { appListOutput, appOutput } from '../../outputs/apps.ts';
import { catalogListOutput } from '../../outputs/catalogs.ts';
import type { AppDetails } from '../../services/requests.ts';
import { pageOf } from '../paging.ts';
import { publicSource } from '../public-source.ts';
import { appListQuery, appParams, versionQuery } from '../schemas.ts';
import type { Services } from '../services.ts';
import type { Route } from './route.ts';

/** Pictures by what they are, as a browser is told. */
const pictures: Readonly<Record<string, string>> = {
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  webp: 'image/webp',
};

const tag = 'Apps';
const app = { params: appParams, query: versionQuery };

/** Finding apps. */
export const catalogRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/apps',
    id: 'listApps',
    tag,
    summary: 'Apps of all catalogs, the best hit first; all of them, by name, without words',
    query: appListQuery,
    answers: { 200: { description: 'a page of apps', schema: 'AppList' } },
    async handle(request, _reply, { shelf }) {
      const { q = '', category, ...asked } = request.query as ListQuery;
      const { hits, unread } = await shelf.search({
        text: q,
        ...(category === undefined ? {} : { category }),
      });
      const { items, ...page } = pageOf(hits, asked, (hit) => `${hit.catalog}/${hit.app.name}`);
      return { ...appListOutput(items, unread), ...page };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/categories',
    id: 'listCategories',
    tag,
    summary: 'Categories with the number of their apps',
    answers: { 200: { description: 'categories by name', schema: 'CategoryList' } },
    async handle(_request, _reply, { shelf }) {
      const { hits } = await shelf.search({ text: '' });
      const counts = Map.groupBy(hits, (hit) => hit.app.category);
      const items = [...counts].flatMap(([name, { length }]) =>
        name === '' ? [] : [{ name, apps: length }],
      );
      items.sort((a, b) => a.name.localeCompare(b.name));
      return { apiVersion, kind: 'CategoryList', items };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/apps/{catalog}/{app}',
    id: 'getApp',
    tag,
    summary: 'One app in full',
    ...app,
    answers: { 200: { description: 'the app', schema: 'App' } },
    handle: async (request, _reply, services) => appOutput(await detailsOf(request, services)),
  },
  {
    method: 'GET',
    path: '/api/v1/apps/{catalog}/{app}/versions',
    id: 'listVersions',
    tag,
    summary: 'Versions of an app, the newest first',
    params: appParams,
    answers: { 200: { description: 'versions', schema: 'VersionList' } },
    async handle(request, _reply, services) {
      const { versions } = appOutput(await detailsOf(request, services));
      return { apiVersion, kind: 'VersionList', items: versions };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/apps/{catalog}/{app}/schema',
    id: 'getValuesSchema',
    tag,
    summary: 'JSON Schema of the values of an app',
    ...app,
    answers: { 200: { description: 'the schema', schema: 'JsonSchema', type: 'application/schema+json' } },
    async handle(request, reply, services) {
      const { description } = await detailsOf(request, services);
      void reply.type('application/schema+json');
      return JSON.stringify(description.schema);
    },
  },
  {
    method: 'GET',
    path: '/api/v1/apps/{catalog}/{app}/readme',
    id: 'getReadme',
    tag,
    summary: 'Readme of an app, as it was written',
    ...app,
    answers: {
      200: { description: 'Markdown of a stranger: not to be shown as HTML as it is', type: 'text/markdown' },
    },
    async handle(request, reply, services) {
      const { description } = await detailsOf(request, services);
      void reply.type('text/markdown; charset=utf-8');
      return description.readme;
    },
  },
  {
    method: 'GET',
    path: '/api/v1/apps/{catalog}/{app}/icon',
    id: 'getIcon',
    tag,
    summary: 'Icon of an app, where nothing in it can run',
    ...app,
    answers: {
      200: { description: 'an SVG, PNG, JPEG or WebP', type: 'image/*' },
      204: { description: 'the app has none' },
    },
    async handle(request, reply, { shelf }) {
      const icon = await shelf.icon(referenceIn(request));
      // Pages ask for it without knowing: that there is none is no error.
      if (icon === undefined) return reply.code(204).send();
      if (typeof icon === 'string')
        throw new AppstoreError('APP_NOT_FOUND', `its icon is not shown: ${icon}`);
      void reply
        .type(pictures[icon.extension] ?? 'application/octet-stream')
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
      return Buffer.from(icon.content);
    },
  },
  {
    method: 'GET',
    path: '/api/v1/catalogs',
    id: 'listCatalogs',
    tag: 'Catalogs',
    summary: 'Catalogs that the operator added to the server; the built-in one is there besides',
    answers: { 200: { description: 'catalogs', schema: 'CatalogList' } },
    async handle(_request, _reply, { platform }) {
      const states = await platform.catalogStates();
      // Where the operator keeps keys and certificates is nobody's affair.
      const shown = states.map(({ caFile: _ca, certFile: _cert, keyFile: _key, ...state }) => ({
        ...state,
        location: publicSource(state.location),
      }));
      return catalogListOutput(shown);
    },
  },
];

interface ListQuery {
  readonly q?: string;
  readonly category?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

function referenceIn(request: FastifyRequest): string {
  const { catalog, app: name } = request.params as { readonly catalog: string; readonly app: string };
  const { version } = request.query as { readonly version?: string };
  return version === undefined ? `${catalog}/${name}` : `${catalog}/${name}@${version}`;
}

function detailsOf(request: FastifyRequest, { shelf }: Services): Promise<AppDetails> {
  return shelf.show(referenceIn(request));
}
