import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { AppstoreError, type Problem } from '../domain/errors.ts';
import { parseExact } from '../domain/exact-json.ts';
import { parsePath, valueAt } from '../domain/given.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Plan } from '../domain/plan.ts';
import { type PlanFile, planFormatVersion, type SealedSecret } from '../domain/plan-file.ts';
import { sealJson } from '../domain/seal.ts';
import { withFiles } from '../domain/stored-package.ts';
import { refuseConflicts } from './conflicts.ts';
import { maskedError } from './masked-error.ts';
import { publicPlan } from './masked-events.ts';
import { namespaceMark } from './namespace.ts';
import { readSecretRefs } from './options.ts';
import { prepare } from './prepare.ts';
import type { Prepared } from './prepared.ts';
import type { ChangeDeps, ChangeRequest, Session } from './requests.ts';
import { verifierOf } from './secret-verifier.ts';
import { settlePlan } from './settle-plan.ts';

/** A plan as it is shown, and as it is kept. */
export interface MadePlan {
  readonly plan: Plan;
  readonly file: PlanFile;
}

/**
 * Plans a change and packs everything that carrying it out needs, but no secret. Reads only, and needs no right to write.
 * Throws what planning throws, and FIELD_CONFLICT for what is not decided.
 */
export async function savePlan(
  deps: ChangeDeps,
  request: ChangeRequest & { readonly requireApproval: boolean },
  session: Session,
): Promise<MadePlan> {
  const planning = { ...request, dryRun: true };
  const unsettled = await prepare(deps, planning, session);
  try {
    const settled = await settlePlan(
      deps,
      { ...planning, operation: unsettled.operation },
      unsettled,
      session,
    );
    const bare = publicPlan(settled.plan, settled.prepared.mask);
    const plan = { ...bare, warnings: [...bare.warnings, ...madeWarning(settled.prepared)] };
    refuseConflicts(plan);
    return {
      plan,
      file: await packPlan(deps, request, { plan, prepared: settled.prepared }, session.signal),
    };
  } catch (error) {
    throw maskedError(error, unsettled.mask);
  }
}

/** What a chart made cannot be taken out and put back: where it put it is not known. */
function madeWarning({ rendered: { secrets = [] } }: Prepared): Problem[] {
  if (secrets.length === 0) return [];
  const count = secrets.length === 1 ? 'a secret' : `${secrets.length} secrets`;
  return [{ message: `the plan holds ${count} that the package made: keep it as one` }];
}

async function packPlan(
  deps: ChangeDeps,
  request: ChangeRequest & { readonly requireApproval: boolean },
  { plan, prepared }: { readonly plan: Plan; readonly prepared: Prepared },
  signal: AbortSignal,
): Promise<PlanFile> {
  const [secrets, mark, { files }] = await Promise.all([
    secretsOf(deps, request, prepared, signal),
    namespaceMark(deps.cluster, request.namespace, signal),
    withFiles(prepared.package),
  ]);
  const nonce = randomBytes(16).toString('hex');
  const seal = { nonce, secrets: secrets.map(({ value }) => value) };
  const sealed = {
    sealed: sealJson(seal, toSeal(prepared)),
    plan,
    files: files.map(({ path, mode, content }) => ({
      path,
      mode,
      content: Buffer.from(content).toString('base64'),
    })),
    choices: { conflicts: request.conflicts, adopt: request.adopt, replace: request.replace },
  };
  return {
    apiVersion: 'appstore.dev/v1',
    kind: 'PlanFile',
    formatVersion: planFormatVersion,
    operation: prepared.operation,
    namespace: request.namespace,
    name: request.name,
    made: { at: deps.clock.now().toISOString(), by: request.holder },
    requireApproval: request.requireApproval,
    bound: {
      clusterUid: plan.target.clusterUid,
      ...(mark === undefined ? {} : { namespaceMark: mark }),
      packageDigest: prepared.package.resolved.contentDigest,
      basis: plan.basis,
      createNamespace: plan.createNamespace,
      objects: plan.objects.map(({ ref: { group, kind, namespace, name }, action, live }) => ({
        ...{ group, kind, namespace, name, action },
        uid: live?.uid ?? '',
        digest: live?.digest ?? '',
      })),
    },
    nonce,
    secrets: secrets.map(({ path, origin, value }) => ({
      path,
      origin,
      ...(origin === 'fresh' ? {} : verifierOf(value)),
    })),
    content: (await promisify(gzip)(JSON.stringify(sealed))).toString('base64'),
    approvals: [],
  };
}

/** What is known of the change, as plain data. Whatever may hold a secret is in it. */
function toSeal(prepared: Prepared): JsonObject {
  const { carried, resumed, fromRecord, kept, nextRevision, options, facts, rendered, secretPaths } =
    prepared;
  const data = {
    ...{ carried, resumed, fromRecord, kept, nextRevision, options, facts, rendered, secretPaths },
    resolved: prepared.package.resolved,
    warnings: prepared.warnings,
  };
  return parseExact(JSON.stringify(data)) as JsonObject;
}

type Known = Pick<SealedSecret, 'path' | 'origin'> & { readonly value: string };

/** Every secret of the change, with where it comes from. */
async function secretsOf(
  deps: ChangeDeps,
  { namespace }: ChangeRequest,
  { options, secretPaths, generated, newGenerated, readSecrets }: Prepared,
  signal: AbortSignal,
): Promise<Known[]> {
  const references = await readSecretRefs(deps.cluster, namespace, options.secretRefs, signal);
  const known = new Map<string, Known>();
  for (const [path, value] of Object.entries(generated))
    known.set(path, { path, origin: path in newGenerated ? 'fresh' : 'generated', value });
  for (const path of secretPaths) {
    const value = valueAt(options.values, parsePath(path));
    if (typeof value === 'string' || typeof value === 'number')
      known.set(path, { path, origin: 'given', value: String(value) });
  }
  for (const [path, value] of Object.entries(references))
    known.set(path, { path, origin: 'reference', value });
  const values = new Set([...known.values()].map(({ value }) => value));
  if (readSecrets.some((value) => !values.has(value))) {
    throw new AppstoreError(
      'PLAN_STALE',
      'a Secret that the revision was made with has another value by now',
      {
        hint: 'This change cannot be saved as a plan. Carry it out directly, or give the values anew by an upgrade.',
      },
    );
  }
  return [...known.values()].filter(({ value }) => value !== '');
}
