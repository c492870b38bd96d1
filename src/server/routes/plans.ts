import { AppstoreError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import { suggestInstallationName } from '../../domain/names.ts';
import { type PlanFile, parsePlanFile } from '../../domain/plan-file.ts';
import { changeOutput } from '../../outputs/change.ts';
import { savedPlanOutput } from '../../outputs/saved-plan.ts';
import { approve, validApprovals } from '../../services/approval.ts';
import { unpackPlan } from '../../services/prepare-saved.ts';
import type { ClusterDeps } from '../../services/requests.ts';
import { savePlan } from '../../services/save-plan.ts';
import { savedContent } from '../../services/saved-content.ts';
import { changeOrUndo } from '../../services/undo.ts';
import { auditOf } from '../audit.ts';
import { changeOf, type DeployBody, type DoingBody, type RollbackBody, referenceOf } from '../bodies.ts';
import { carryOut, changeDeps } from '../operations/carry-out.ts';
import { applyBody, approveBody, keyHeader, planBody, showBody } from '../schemas.ts';
import { callerOf, clusterOf, type Services } from '../services.ts';
import { askedOf, holderOf, named } from './deploy.ts';
import type { Route } from './route.ts';

const tag = 'Plans';
/** Bytes of a plan over the wire: it holds a whole package. */
export const planBodyLimit = 16 * 1024 * 1024;

/** Plans that are kept, approved by somebody, and carried out later. */
export const planRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v1/plans',
    id: 'makePlan',
    tag,
    summary: 'Plans a change as a document that can be approved and carried out later (docs/plans.md)',
    description: 'Needs no right to write. Holds no secret.',
    body: planBody,
    answers: { 200: { description: 'the plan', schema: 'PlanFile' } },
    async handle(request, _reply, services) {
      const body = request.body as PlanBody;
      const { operation, app } = body;
      const reference = app === undefined ? undefined : referenceOf(app, body.version);
      const name = { namespace: body.namespace, name: nameIn(body, reference?.name) };
      if (operation === 'install' && reference === undefined)
        throw new AppstoreError('REQUEST_INVALID', 'body: an install has to name its app');
      const { name: cluster } = await clusterOf(services, body.cluster);
      return services.pool.use(cluster, callerOf(request), async (deps) => {
        const wanted = {
          ...changeOf(operation, body, name, callerOf(request).name),
          ...(reference === undefined ? {} : { app: reference }),
          ...(body.revision === undefined ? {} : { revision: body.revision }),
          ...(body.undo === true ? { undo: true } : {}),
          requireApproval: body.requireApproval === true,
        };
        const session = { emit: () => {}, signal: request.signal };
        return (await savePlan(await changeDeps(services, deps), wanted, session)).file;
      });
    },
  },
  {
    method: 'POST',
    path: '/api/v1/plans/show',
    id: 'showPlan',
    tag,
    summary: 'What a plan would do, as it was shown to whoever made it',
    body: showBody,
    bodyLimit: planBodyLimit,
    answers: { 200: { description: 'the plan', schema: 'Change' } },
    handle: async (request) => shown(planIn(request.body)),
  },
  {
    method: 'POST',
    path: '/api/v1/plans/approve',
    id: 'approvePlan',
    tag,
    summary: 'Approves a plan in the name of whoever asks, signed by the key of the server',
    description:
      'Whoever approves has to be allowed to write to the namespace by themselves, and is not whoever carries it out.',
    body: approveBody,
    bodyLimit: planBodyLimit,
    answers: { 200: { description: 'the plan with the approval', schema: 'PlanFile' } },
    write: 'approve',
    async handle(request, _reply, services) {
      const file = planIn(request.body);
      const { approvalKey } = services.settings;
      const { cluster } = request.body as { readonly cluster?: string };
      const place = {
        namespace: file.namespace,
        name: file.name,
        cluster: (await clusterOf(services, cluster)).name,
      };
      auditOf(request).note({ ...place, operation: 'approve', result: 'done' });
      if (approvalKey === undefined)
        throw new AppstoreError('REQUEST_INVALID', 'this server has no key that approvals are signed with', {
          hint: 'Its operator sets one with `--approval-key`. `appstore approve` signs with a key of your own.',
        });
      const caller = callerOf(request);
      await services.pool.use(place.cluster, caller, (deps) => requireWriter(deps, file, request.signal));
      const at = services.platform.clock.now().toISOString();
      return approve(file, { key: approvalKey.privateKey, by: caller.name, at });
    },
  },
  {
    method: 'POST',
    path: '/api/v1/plans/apply',
    id: 'applyPlan',
    tag,
    summary: 'Carries out a plan, just as it was made; of values only its secrets are given again',
    headers: keyHeader,
    body: applyBody,
    bodyLimit: planBodyLimit,
    answers: {
      200: { description: 'what would be done, or that nothing had to be', schema: 'Change' },
      202: {
        description: 'it is in the record and goes on by itself',
        schema: 'Operation',
        headers: ['location'],
      },
    },
    write: 'apply',
    async handle(request, reply, services) {
      const body = request.body as ApplyBody;
      const file = planIn(body);
      const { name: cluster } = await clusterOf(services, body.cluster);
      const place = { namespace: file.namespace, name: file.name, cluster };
      const { plan, choices } = await unpackPlan(file);
      const { createNamespace } = file.bound;
      const base = changeOf(file.operation, { ...body, createNamespace }, place, holderOf(request, services));
      const saved = {
        file: withoutOwn(file, callerOf(request).name, services),
        plan,
        approvedBy: trustedKeys(services),
      };
      return carryOut(services, request, reply, {
        ...askedOf(file.operation, place, body),
        run: async (deps, session, requestId) => {
          const checked = body.dryRun === true ? unasked(saved) : requiring(saved);
          const wanted = { ...base, ...choices, saved: checked, ...named(requestId) };
          const result = await changeOrUndo(deps, wanted, session);
          return { output: changeOutput(result, deps.cluster.target), plan: result.plan };
        },
      });
    },
  },
];

interface PlanBody extends Omit<DeployBody, 'app' | 'name'>, RollbackBody {
  readonly operation: 'install' | 'upgrade' | 'rollback';
  readonly app?: string;
  readonly name?: string;
  readonly requireApproval?: boolean;
}

interface ApplyBody extends DoingBody {
  readonly plan: JsonObject;
  readonly cluster?: string;
  readonly values?: JsonObject;
  readonly confirm?: boolean;
}

function nameIn({ operation, name }: PlanBody, app: string | undefined): string {
  if (name !== undefined) return name;
  if (operation === 'install' && app !== undefined) return suggestInstallationName(app);
  throw new AppstoreError('REQUEST_INVALID', `body: an ${operation} has to name its deployment`);
}

/** The plan of a request, which anybody may have written. Throws PLAN_INVALID. */
export function planIn(body: unknown): PlanFile {
  return parsePlanFile(JSON.stringify((body as { readonly plan?: unknown }).plan ?? null), 'plan');
}

async function shown(file: PlanFile): Promise<object> {
  const content = savedContent(file, await unpackPlan(file));
  const nothing = { notes: '', outputs: [], open: [], waited: false, generated: [] } as const;
  const change = changeOutput({ outcome: 'planned', plan: content.plan, ...nothing }, { simulated: false });
  return { ...change, saved: savedPlanOutput(content) };
}

/** Whoever may not write the record of an installation has no say in what becomes of it. */
async function requireWriter(
  { cluster }: ClusterDeps,
  { namespace }: PlanFile,
  signal: AbortSignal,
): Promise<void> {
  const question = { verb: 'update', group: '', resource: 'configmaps', namespace };
  const [answer] = await cluster.access([question], signal);
  if (answer?.allowed === true) return;
  throw new AppstoreError(
    'FORBIDDEN',
    `namespace ${namespace}: who may not write there may not approve what is written`,
  );
}

/** Keys whose approvals count: that of the server, and those that its operator named. */
export function trustedKeys({ settings: { approvalKey, approvedBy } }: Services): readonly string[] {
  return [...(approvalKey === undefined ? [] : [approvalKey.publicKey]), ...approvedBy];
}

/** Nobody carries out what they approved themselves: what the server signed for them does not count. */
function withoutOwn(file: PlanFile, caller: string, { settings: { approvalKey } }: Services): PlanFile {
  if (approvalKey === undefined) return file;
  const own = validApprovals(file, [approvalKey.publicKey]).filter(({ by }) => by === caller);
  return { ...file, approvals: file.approvals.filter((one) => !own.includes(one)) };
}

/** Keys are there on every server that has one; a plan that asks for no approval needs none all the same. */
function requiring<T extends { readonly file: PlanFile; readonly approvedBy: readonly string[] }>(
  saved: T,
): T {
  return saved.file.requireApproval ? saved : { ...saved, approvedBy: [] };
}

/** Nothing is written: whether it still holds may be seen before anybody has approved it. */
function unasked<T extends { readonly file: PlanFile; readonly approvedBy: readonly string[] }>(saved: T): T {
  return { ...saved, file: { ...saved.file, requireApproval: false }, approvedBy: [] };
}
