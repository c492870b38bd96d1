import type { FastifyRequest } from 'fastify';
import { cleanLine } from '../../domain/text.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import { validApprovals } from '../../services/approval.ts';
import {
  dropPlan,
  type KeptPlan,
  type KeptSummary,
  keepPlan,
  listPlans,
  type PlanPlace,
  readPlan,
  rejectPlan,
} from '../../services/kept-plans.ts';
import type { ClusterDeps } from '../../services/requests.ts';
import { auditOf } from '../audit.ts';
import { pageOf } from '../paging.ts';
import {
  approveBody,
  clusterQuery,
  type DeploymentListQuery,
  deploymentListQuery,
  keptPlanParams,
  nothingBody,
  rejectBody,
} from '../schemas.ts';
import { callerOf, onCluster, type Services } from '../services.ts';
import { planBodyLimit, planIn, trustedKeys } from './plans.ts';
import type { Route } from './route.ts';

const tag = 'Plans';
const one = { params: keptPlanParams, query: clusterQuery, tag } as const;
const plan = { description: 'the plan', schema: 'KeptPlan' } as const;

/** Plans that wait in the cluster, in the namespace that they are about, kept and decided on with the rights of whoever asks. */
export const keptPlanRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/plans',
    id: 'listPlans',
    tag,
    summary: 'Plans that wait in the cluster, the newest first',
    query: deploymentListQuery,
    answers: { 200: { description: 'plans', schema: 'KeptPlanList' } },
    async handle(request, _reply, services) {
      const { namespace, cluster, ...asked } = request.query as DeploymentListQuery;
      return onCluster(request, services, cluster, async (deps, name) => {
        const { items, limitedTo } = await listPlans(deps, namespace, request.signal);
        const page = pageOf(items, asked, ({ namespace: space, id }) => `${space}/${id}`);
        return {
          apiVersion,
          kind: 'KeptPlanList',
          ...page,
          items: page.items.map((item) => summaryOutput(item, name)),
          ...(limitedTo === undefined ? {} : { limitedTo }),
        };
      });
    },
  },
  {
    method: 'POST',
    path: '/api/v1/plans/keep',
    id: 'keepPlan',
    tag,
    summary: 'Keeps a plan in the namespace that it is about, where others find it',
    description:
      'Takes the right to write ConfigMaps there. Sent again with an approval, it is kept with what approved it besides.',
    body: approveBody,
    bodyLimit: planBodyLimit,
    answers: { 200: plan },
    write: 'keep',
    async handle(request, _reply, services) {
      const file = planIn(request.body);
      const { cluster } = request.body as { readonly cluster?: string };
      return onCluster(request, services, cluster, async (deps, name) => {
        note(request, 'keep', { ...file, cluster: name });
        return keptOutput(services, request, await keepPlan(deps, file, request.signal), name);
      });
    },
  },
  {
    method: 'GET',
    path: '/api/v1/plans/{namespace}/{id}',
    id: 'getPlan',
    ...one,
    summary: 'A plan that waits, with the approvals that hold',
    answers: { 200: plan },
    handle: (request, _reply, services) =>
      onPlan(services, request, async (deps, place, name) =>
        keptOutput(services, request, await readPlan(deps, place, request.signal), name),
      ),
  },
  {
    method: 'POST',
    path: '/api/v1/plans/{namespace}/{id}/reject',
    id: 'rejectPlan',
    ...one,
    summary: 'Says no to a plan that waits, and takes its approvals away',
    body: rejectBody,
    answers: { 200: plan },
    write: 'reject',
    handle: (request, _reply, services) =>
      onPlan(services, request, async (deps, place, name) => {
        const { reason = '' } = request.body as { readonly reason?: string };
        const at = services.platform.clock.now().toISOString();
        const rejection = { by: callerOf(request).name, at, reason };
        const kept = await rejectPlan(deps, place, rejection, request.signal);
        note(request, 'reject', { ...kept, cluster: name });
        return keptOutput(services, request, kept, name);
      }),
  },
  {
    method: 'POST',
    path: '/api/v1/plans/{namespace}/{id}/drop',
    id: 'dropPlan',
    ...one,
    summary: 'Takes a plan away that nobody waits for any more',
    body: nothingBody,
    answers: { 204: { description: 'it is gone' } },
    write: 'drop',
    handle: (request, reply, services) =>
      onPlan(services, request, async (deps, place, name) => {
        note(request, 'drop', { ...(await dropPlan(deps, place, request.signal)), cluster: name });
        return reply.code(204).send();
      }),
  },
];

function onPlan<T>(
  services: Services,
  request: FastifyRequest,
  work: (deps: ClusterDeps, place: PlanPlace, cluster: string) => Promise<T>,
): Promise<T> {
  const { cluster } = request.query as { readonly cluster?: string };
  return onCluster(request, services, cluster, (deps, name) => work(deps, request.params as PlanPlace, name));
}

function note(
  request: FastifyRequest,
  operation: string,
  {
    cluster,
    namespace,
    name,
  }: { readonly cluster: string; readonly namespace: string; readonly name: string },
): void {
  auditOf(request).note({ operation, cluster, namespace, name, result: 'done' });
}

function summaryOutput(summary: KeptSummary, cluster: string) {
  const { id, namespace, name, operation, app, version, made, state, rejection } = summary;
  return {
    ...{ id, cluster, namespace, name, state },
    operation: cleanLine(operation, 63),
    app: cleanLine(app, 200),
    version: cleanLine(version, 200),
    made: { at: cleanLine(made.at, 63), by: cleanLine(made.by, 200) },
    ...(rejection === undefined
      ? {}
      : {
          rejection: {
            by: cleanLine(rejection.by, 200),
            at: cleanLine(rejection.at, 63),
            reason: cleanLine(rejection.reason, 1000),
          },
        }),
  };
}

/** `own`: of whoever asks, so that it does not count when they carry it out. */
function keptOutput(services: Services, request: FastifyRequest, kept: KeptPlan, cluster: string) {
  const { approvalKey } = services.settings;
  const caller = callerOf(request).name;
  const approvals = validApprovals(kept.file, trustedKeys(services));
  const signedHere = approvalKey === undefined ? [] : validApprovals(kept.file, [approvalKey.publicKey]);
  const state =
    kept.rejection === undefined && kept.file.requireApproval
      ? { state: approvals.length > 0 ? ('approved' as const) : ('waiting' as const) }
      : {};
  return {
    apiVersion,
    kind: 'KeptPlan',
    ...summaryOutput({ ...kept, ...state }, cluster),
    requireApproval: kept.file.requireApproval,
    approvals: approvals.map((approval) => ({
      by: cleanLine(approval.by, 200),
      at: approval.at,
      own: approval.by === caller && signedHere.includes(approval),
    })),
    plan: kept.file,
  };
}
