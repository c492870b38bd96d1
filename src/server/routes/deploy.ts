import type { FastifyReply, FastifyRequest } from 'fastify';
import { HELM_CATALOG, LOCAL_CATALOG } from '../../domain/catalog-names.ts';
import { AppstoreError } from '../../domain/errors.ts';
import { suggestInstallationName } from '../../domain/names.ts';
import { changeOutput, removalOutput } from '../../outputs/change.ts';
import { repairOutput } from '../../outputs/drift.ts';
import { requireRecord } from '../../services/inspect.ts';
import { remove } from '../../services/remove.ts';
import { repair } from '../../services/repair.ts';
import type { ChangeRequest, InstallationName } from '../../services/requests.ts';
import { changeOrUndo } from '../../services/undo.ts';
import {
  changeOf,
  type DeployBody,
  type DoingBody,
  type RemoveBody,
  type RepairBody,
  type RollbackBody,
  referenceOf,
  removalOf,
  repairOf,
  timeoutOf,
  type UpgradeBody,
} from '../bodies.ts';
import { type Asked, carryOut } from '../operations/carry-out.ts';
import type { OperationKind } from '../operations/ids.ts';
import {
  clusterQuery,
  deployBody,
  deploymentParams,
  keyHeader,
  removeBody,
  repairBody,
  rollbackBody,
  upgradeBody,
} from '../schemas.ts';
import { callerOf, clusterOf, type Services } from '../services.ts';
import type { Answer, Route } from './route.ts';

const tag = 'Deployments';
const operation: Answer = {
  description: 'it is in the record of the cluster and goes on by itself',
  schema: 'Operation',
  headers: ['location'],
};
const onDeployment = { params: deploymentParams, query: clusterQuery, headers: keyHeader, tag } as const;
const change: Answer = { description: 'what would be done, or that nothing had to be', schema: 'Change' };

/** What writes to clusters. */
export const deployRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v1/deploy',
    id: 'deploy',
    tag,
    summary: 'Installs an app, or says what an install would do',
    headers: keyHeader,
    body: deployBody,
    answers: { 200: change, 202: operation },
    write: 'install',
    async handle(request, reply, services) {
      const body = request.body as DeployBody;
      const app = referenceOf(body.app, body.version);
      const name = { namespace: body.namespace, name: body.name ?? suggestInstallationName(app.name) };
      const place = { ...name, cluster: (await clusterOf(services, body.cluster)).name };
      return runChange({ services, request, reply }, place, body, (holder) => ({
        ...changeOf('install', body, name, holder),
        app,
      }));
    },
  },
  {
    method: 'POST',
    path: '/api/v1/deployments/{namespace}/{name}/upgrade',
    id: 'upgrade',
    ...onDeployment,
    summary: 'Upgrades to another version or to other values',
    description: 'Goes on with what was cut where nothing is named.',
    body: upgradeBody,
    answers: { 200: change, 202: operation },
    write: 'upgrade',
    async handle(request, reply, services) {
      const body = request.body as UpgradeBody;
      const place = await placeOf(request, services);
      const named =
        body.app ?? (body.version === undefined ? undefined : await installed(services, request, place));
      const app = named === undefined ? {} : { app: referenceOf(named, body.version) };
      return runChange({ services, request, reply }, place, body, (holder) => ({
        ...changeOf('upgrade', body, place, holder),
        ...app,
      }));
    },
  },
  {
    method: 'POST',
    path: '/api/v1/deployments/{namespace}/{name}/rollback',
    id: 'rollback',
    ...onDeployment,
    summary: 'Goes back to an earlier revision',
    body: rollbackBody,
    answers: { 200: change, 202: operation },
    write: 'rollback',
    async handle(request, reply, services) {
      const body = request.body as RollbackBody;
      const place = await placeOf(request, services);
      return runChange({ services, request, reply }, place, body, (holder) => ({
        ...changeOf('rollback', body, place, holder),
        ...(body.revision === undefined ? {} : { revision: body.revision }),
        ...(body.undo === true ? { undo: true } : {}),
      }));
    },
  },
  {
    method: 'POST',
    path: '/api/v1/deployments/{namespace}/{name}/remove',
    id: 'remove',
    ...onDeployment,
    summary: 'Removes a deployment; its volumes stay unless told',
    body: removeBody,
    answers: { 200: { description: 'what would be deleted', schema: 'Removal' }, 202: operation },
    write: 'remove',
    async handle(request, reply, services) {
      const body = request.body as RemoveBody;
      const place = await placeOf(request, services);
      const removal = removalOf(body, place, holderOf(request, services));
      return carryOut(services, request, reply, {
        ...askedOf('remove', place, body),
        async run(deps, session, requestId) {
          const result = await remove(deps, { ...removal, ...named(requestId) }, session);
          return { output: removalOutput(result, deps.cluster.target), plan: result.plan };
        },
      });
    },
  },
  {
    method: 'POST',
    path: '/api/v1/deployments/{namespace}/{name}/repair',
    id: 'repair',
    ...onDeployment,
    summary: 'Takes back what others changed since the last revision',
    description:
      'Makes no revision, so that no other replica knows of the operation; what it did not do is drift still.',
    body: repairBody,
    answers: { 200: { description: 'what would be taken back', schema: 'Repair' }, 202: operation },
    write: 'repair',
    async handle(request, reply, services) {
      const body = request.body as RepairBody;
      const place = await placeOf(request, services);
      const wanted = repairOf(body, place, holderOf(request, services));
      return carryOut(services, request, reply, {
        ...askedOf('repair', place, body),
        async run(deps, session) {
          const result = await repair(deps, wanted, session);
          return { output: repairOutput(result, deps.cluster.target), plan: result.plan };
        },
      });
    },
  },
];

interface Exchange {
  readonly services: Services;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

type Place = InstallationName & { readonly cluster: string };

async function runChange(
  { services, request, reply }: Exchange,
  place: Place,
  body: DoingBody,
  make: (holder: string) => ChangeRequest,
): Promise<object> {
  const wanted = make(holderOf(request, services));
  return carryOut(services, request, reply, {
    ...askedOf(wanted.operation, place, body),
    run: async (deps, session, requestId) => {
      const result = await changeOrUndo(deps, { ...wanted, ...named(requestId) }, session);
      return { output: changeOutput(result, deps.cluster.target), plan: result.plan };
    },
  });
}

/** What is common to everything that is asked for of one deployment. */
export function askedOf(kind: OperationKind, place: Place, body: DoingBody): Omit<Asked, 'run'> {
  return {
    cluster: place.cluster,
    namespace: place.namespace,
    name: place.name,
    operation: kind,
    dryRun: body.dryRun === true,
    ...(body.planDigest === undefined ? {} : { planDigest: body.planDigest }),
    patience: timeoutOf(body) + (body.waitForLockSeconds ?? 0) * 1000,
    body,
  };
}

/** The name that the operation is found by, for its record. */
export function named(requestId: string | undefined): { readonly requestId?: string } {
  return requestId === undefined ? {} : { requestId };
}

/** The deployment that a path names. */
export async function placeOf(request: FastifyRequest, services: Services): Promise<Place> {
  const { namespace, name } = request.params as InstallationName;
  const { cluster } = request.query as { readonly cluster?: string };
  return { namespace, name, cluster: (await clusterOf(services, cluster)).name };
}

/** For the record: who asked, and through which server. */
export function holderOf(request: FastifyRequest, { platform }: Services): string {
  return `${callerOf(request).name} (appstore serve on ${platform.host})`;
}

/** A version alone is one of the app that is installed. */
async function installed(services: Services, request: FastifyRequest, place: Place): Promise<string> {
  return services.pool.use(place.cluster, callerOf(request), async (deps) => {
    const { catalog, app } = await requireRecord(deps, place, request.signal);
    if (catalog !== LOCAL_CATALOG && catalog !== HELM_CATALOG) return `${catalog}/${app}`;
    throw new AppstoreError(
      'REQUEST_INVALID',
      `${place.name} came from no catalog of this server: name the app`,
    );
  });
}
