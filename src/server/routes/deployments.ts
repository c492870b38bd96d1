import type { FastifyRequest } from 'fastify';
import { AppstoreError } from '../../domain/errors.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import { credentialsOutput } from '../../outputs/credentials.ts';
import { driftOutput } from '../../outputs/drift.ts';
import { eventsOutput } from '../../outputs/events.ts';
import { historyOutput, installationListOutput } from '../../outputs/installations.ts';
import { outdatedOutput } from '../../outputs/outdated.ts';
import { statusOutput } from '../../outputs/status.ts';
import { storedOutput } from '../../outputs/stored.ts';
import { whyOutput } from '../../outputs/why.ts';
import { credentials } from '../../services/credentials.ts';
import { drift } from '../../services/drift.ts';
import { history, listInstallations, requireRecord, stored } from '../../services/inspect.ts';
import { installationEvents } from '../../services/installation-events.ts';
import { type LogLine, readLogs } from '../../services/logs.ts';
import { outdated } from '../../services/outdated.ts';
import type { ClusterDeps, InstallationName } from '../../services/requests.ts';
import { status } from '../../services/status.ts';
import { why } from '../../services/why.ts';
import { auditOf } from '../audit.ts';
import { changeDeps } from '../operations/carry-out.ts';
import { unfinishedOperation } from '../operations/lookup.ts';
import { operationOutput } from '../operations/operation.ts';
import { pageOf } from '../paging.ts';
import {
  clusterQuery,
  credentialsQuery,
  type DeploymentListQuery,
  deploymentListQuery,
  deploymentParams,
  logsQuery,
  outdatedQuery,
  revisionQuery,
} from '../schemas.ts';
import { callerOf, onCluster, type Services } from '../services.ts';
import { placeOf } from './deploy.ts';
import type { Route } from './route.ts';

const tag = 'Deployments';
const one = { method: 'GET', params: deploymentParams, query: clusterQuery, tag } as const;
const path = '/api/v1/deployments/{namespace}/{name}';

/** Looking at what is installed. */
export const deploymentRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/deployments',
    id: 'listDeployments',
    tag,
    summary: 'Deployments of a cluster, by namespace and name',
    query: deploymentListQuery,
    answers: { 200: { description: 'a page of deployments', schema: 'InstallationList' } },
    async handle(request, _reply, services) {
      const { cluster, namespace, ...asked } = request.query as DeploymentListQuery;
      const scope = namespace === undefined ? {} : { namespace };
      return onCluster(request, services, cluster, async (deps, where) => {
        const list = await listInstallations(deps, scope, request.signal);
        const { items, ...page } = pageOf(list.items, asked, (item) => `${item.namespace}/${item.name}`);
        return { ...installationListOutput({ ...list, items }), ...page, cluster: where };
      });
    },
  },
  {
    method: 'GET',
    path: '/api/v1/outdated',
    id: 'listOutdated',
    tag,
    summary: 'Deployments for which their own catalog has a newer version',
    query: outdatedQuery,
    answers: { 200: { description: 'deployments, each with the newest version', schema: 'OutdatedList' } },
    async handle(request, _reply, services) {
      const { cluster, namespace } = request.query as DeploymentListQuery;
      const scope = namespace === undefined ? {} : { namespace };
      return onCluster(request, services, cluster, async (deps) =>
        outdatedOutput(await outdated(await changeDeps(services, deps), scope, request.signal)),
      );
    },
  },
  ...[
    { path, id: 'getDeployment', summary: 'How a deployment is now' },
    { path: `${path}/status`, id: 'getStatus', summary: 'The same' },
  ].map(
    (named): Route => ({
      ...one,
      ...named,
      answers: { 200: { description: 'its health, object by object', schema: 'InstallationStatus' } },
      handle: (request, _reply, services) =>
        onDeployment(request, services, async (deps, name) => ({
          ...statusOutput(await status(deps, name, request.signal), deps.cluster.target),
          cluster: name.cluster,
        })),
    }),
  ),
  {
    ...one,
    path: `${path}/history`,
    id: 'getHistory',
    summary: 'Revisions of a deployment, the newest first',
    answers: { 200: { description: 'revisions', schema: 'RevisionList' } },
    handle: (request, _reply, services) =>
      onDeployment(request, services, async (deps, name) =>
        historyOutput(await history(deps, name, request.signal)),
      ),
  },
  {
    ...one,
    path: `${path}/why`,
    id: 'explain',
    summary: 'Why a deployment is not healthy, or a revision failed',
    query: revisionQuery,
    answers: { 200: { description: 'the cause, with evidence and what to try', schema: 'Diagnosis' } },
    handle: (request, _reply, services) =>
      onDeployment(request, services, async (deps, name) => {
        const { revision } = request.query as { readonly revision?: number };
        return whyOutput(await why(deps, { ...name, revision }, request.signal), deps.cluster.target);
      }),
  },
  {
    ...one,
    path: `${path}/drift`,
    id: 'getDrift',
    summary: 'What others changed since the last revision',
    answers: { 200: { description: 'objects and fields that differ', schema: 'Drift' } },
    handle: (request, _reply, services) =>
      onDeployment(request, services, async (deps, name) => {
        const session = { emit: () => {}, signal: request.signal };
        return driftOutput(await drift(await changeDeps(services, deps), name, session));
      }),
  },
  {
    ...one,
    path: `${path}/values`,
    id: 'getValues',
    summary: 'What was given when it was deployed, without defaults; secrets are masked',
    query: revisionQuery,
    answers: { 200: { description: 'values', schema: 'UserValues' } },
    handle: (request, _reply, services) =>
      onDeployment(request, services, async (deps, name) => {
        const { revision } = request.query as { readonly revision?: number };
        return storedOutput(await stored(deps, name, 'values', revision, request.signal));
      }),
  },
  {
    ...one,
    path: `${path}/events`,
    id: 'listEvents',
    summary: 'Events of the cluster about a deployment, the newest last',
    answers: { 200: { description: 'events', schema: 'EventList' } },
    handle: (request, _reply, services) =>
      onDeployment(request, services, async (deps, name) =>
        eventsOutput(await installationEvents(deps, name, request.signal)),
      ),
  },
  {
    ...one,
    path: `${path}/logs`,
    id: 'readLogs',
    summary: 'The last lines of the logs of a deployment; secrets are masked',
    query: logsQuery,
    answers: { 200: { description: 'lines', schema: 'LogLines' } },
    handle: (request, _reply, services) =>
      onDeployment(request, services, (deps, name) => logsOf(request, deps, name)),
  },
  {
    ...one,
    path: `${path}/credentials`,
    id: 'getCredentials',
    summary: 'Names of the credentials of a deployment, or the value of those that are named',
    query: credentialsQuery,
    answers: { 200: { description: 'credentials', schema: 'CredentialList' } },
    secret: true,
    handle: (request, _reply, services) =>
      onDeployment(request, services, (deps, name) => credentialsOf(request, deps, name)),
  },
  {
    ...one,
    path: `${path}/operation`,
    id: 'getUnfinished',
    summary: 'The operation on a deployment that is not finished, whoever began it',
    answers: { 200: { description: 'running, or interrupted', schema: 'Operation' } },
    handle: (request, _reply, services) =>
      onDeployment(request, services, async (deps, name) => {
        const record = await requireRecord(deps, name, request.signal);
        const found = await unfinishedOperation(deps, name, record, request.signal);
        if (found !== undefined) return operationOutput(found);
        throw new AppstoreError('OPERATION_NOT_FOUND', `no operation on ${name.name} is under way`);
      }),
  },
];

async function onDeployment<T>(
  request: FastifyRequest,
  services: Services,
  work: (deps: ClusterDeps, place: InstallationName & { readonly cluster: string }) => Promise<T>,
): Promise<T> {
  const place = await placeOf(request, services);
  return services.pool.use(place.cluster, callerOf(request), (deps) => work(deps, place));
}

/** Lines of each container unless told. */
const usualTail = 100;

async function logsOf(request: FastifyRequest, deps: ClusterDeps, name: InstallationName): Promise<object> {
  const { tail, sinceSeconds, previous, ...chosen } = request.query as {
    readonly object?: string;
    readonly container?: string;
    readonly tail?: number;
    readonly sinceSeconds?: number;
    readonly previous?: boolean;
  };
  const items: LogLine[] = [];
  const problems: unknown[] = [];
  const wanted = {
    ...{
      namespace: name.namespace,
      name: name.name,
      tailLines: tail ?? usualTail,
      previous: previous === true,
    },
    ...(chosen.object === undefined ? {} : { object: chosen.object }),
    ...(chosen.container === undefined ? {} : { container: chosen.container }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
  };
  const reader = {
    line: (line: LogLine) => void items.push(line),
    problem: (problem: unknown) => void problems.push(problem),
    pending: () => {},
  };
  await readLogs(deps, wanted, reader, request.signal);
  return { apiVersion, kind: 'LogLines', items, problems };
}

async function credentialsOf(
  request: FastifyRequest,
  deps: ClusterDeps,
  name: InstallationName & { readonly cluster: string },
): Promise<object> {
  const { key } = request.query as { readonly key?: string };
  const secrets = await credentials(deps, name, request.signal);
  auditOf(request).note({ ...name, operation: 'credentials', result: 'read' });
  if (key === undefined) return credentialsOutput(name, secrets, { values: false });
  const value = Object.hasOwn(secrets, key) ? secrets[key] : undefined;
  if (value !== undefined) return credentialsOutput(name, { [key]: value }, { values: true });
  throw new AppstoreError('CREDENTIAL_NOT_FOUND', `${name.name} has no credential \`${key}\``);
}
