import { apiVersion } from '../../outputs/api-version.ts';
import { callerOf } from '../services.ts';
import type { Route } from './route.ts';

/** Who asks, and which clusters there are. */
export const clusterRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/session',
    id: 'getSession',
    tag: 'Session',
    summary: 'Who asks, and what a page has to know before anything else',
    answers: { 200: { description: 'the session', schema: 'Session' } },
    secret: true,
    async handle(request, _reply, { platform, settings }) {
      const { name, groups, mode, csrf } = callerOf(request);
      const clusters = await platform.clusters.list();
      const first = clusters.find((one) => one.default);
      return {
        apiVersion,
        kind: 'Session',
        caller: { name, groups, mode },
        ...(csrf === undefined ? {} : { csrf }),
        approves: settings.approvalKey !== undefined,
        clusters: clusters.map((one) => one.name),
        ...(first === undefined ? {} : { defaultCluster: first.name }),
        simulated: first?.simulated === true,
        sandboxes: clusters.filter((one) => one.simulated).map((one) => one.name),
        version: platform.version,
        languages: ['en', 'nl'],
      };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/session/logout',
    id: 'logout',
    tag: 'Session',
    summary: 'Ends the session of a browser',
    answers: {
      204: {
        description:
          'it is over; `Location` is where the browser ends its session at the identity provider, where it has such a page',
      },
    },
    secret: true,
    async handle(request, reply, { platform }) {
      await platform.callers.logout?.(request, reply);
      return reply.code(204).send();
    },
  },
  {
    method: 'GET',
    path: '/api/v1/clusters',
    id: 'listClusters',
    tag: 'Clusters',
    summary: 'Clusters that deployments live in',
    answers: { 200: { description: 'clusters', schema: 'ClusterList' } },
    handle: async (_request, _reply, { platform }) => ({
      apiVersion,
      kind: 'ClusterList',
      items: (await platform.clusters.list()).map(({ name, server, default: first, simulated }) => ({
        ...{ name, server, default: first, simulated },
      })),
    }),
  },
];
