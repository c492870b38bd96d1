import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Package } from '../domain/app.ts';
import { contentDigest } from '../domain/content-digest.ts';
import { AppstoreError } from '../domain/errors.ts';
import { parseExact } from '../domain/exact-json.ts';
import { formatPath, parsePath, valueAt } from '../domain/given.ts';
import { isObject, type Json, type JsonObject } from '../domain/json.ts';
import { createMasker } from '../domain/masking.ts';
import type { Plan } from '../domain/plan.ts';
import { type PlanFile, planLimits, type SealedSecret } from '../domain/plan-file.ts';
import type { InstallationRecord, RevisionHead } from '../domain/release.ts';
import { checkObjects } from '../domain/rendered-check.ts';
import { unsealJson } from '../domain/seal.ts';
import { checkRendered } from '../domain/stored-rendered.ts';
import { withSecrets } from '../domain/values.ts';
import { validApprovals } from './approval.ts';
import { readPackage } from './browse.ts';
import { completeGenerated } from './generated.ts';
import { givenSecrets } from './inspect.ts';
import { readSecretRefs } from './options.ts';
import type { Prepared } from './prepared.ts';
import type { ChangeDeps, ChangeRequest, SavedPlan, Session } from './requests.ts';
import { isSecret } from './secret-verifier.ts';

/** What a plan file holds, unpacked and still sealed. */
export interface UnpackedPlan {
  /** As it was shown to whoever made it. */
  readonly plan: Plan;
  readonly choices: Pick<ChangeRequest, 'conflicts' | 'adopt' | 'replace'>;
  readonly package: Package;
  readonly sealed: JsonObject;
}

/** Unpacks the content of a plan file. Throws PLAN_INVALID. */
export async function unpackPlan(file: PlanFile): Promise<UnpackedPlan> {
  const bytes = Buffer.from(file.content, 'base64');
  let data: Json;
  try {
    const unpacked = await promisify(gunzip)(bytes, { maxOutputLength: planLimits.content });
    data = parseExact(unpacked.toString('utf8')) as Json;
  } catch (error) {
    throw new AppstoreError('PLAN_INVALID', 'the content of the plan cannot be unpacked', { cause: error });
  }
  const { plan, choices, files, sealed } = isObject(data) ? data : {};
  if (!isObject(plan) || !Array.isArray(plan.objects) || !isObject(sealed) || !Array.isArray(files))
    throw new AppstoreError('PLAN_INVALID', 'the content of the plan is not what it should be');
  const { resolved, options, rendered, nextRevision } = sealed;
  if (!isObject(resolved) || !isObject(options) || !isObject(rendered) || typeof nextRevision !== 'number')
    throw new AppstoreError('PLAN_INVALID', 'the content of the plan lacks what is to be applied');
  return {
    plan: plan as unknown as Plan,
    choices: (isObject(choices) ? choices : {}) as UnpackedPlan['choices'],
    package: { resolved: resolved as unknown as Package['resolved'], files: files.map(packageFile) },
    sealed,
  };
}

function packageFile(file: Json): Package['files'][number] {
  if (isObject(file) && typeof file.path === 'string' && typeof file.content === 'string')
    return { path: file.path, mode: Number(file.mode), content: Buffer.from(file.content, 'base64') };
  throw new AppstoreError('PLAN_INVALID', 'a file of the package in the plan is not what it should be');
}

/** Throws PLAN_NOT_APPROVED where an approval is asked for, by the plan or by who carries it out, and none holds. */
function requireApproval({ file, approvedBy }: SavedPlan): void {
  if (!file.requireApproval && approvedBy.length === 0) return;
  if (validApprovals(file, approvedBy).length > 0) return;
  const why =
    approvedBy.length === 0
      ? 'it demands an approval, and no key is trusted'
      : file.approvals.length === 0
        ? 'nobody has approved it'
        : 'no approval is of a trusted key over just this plan';
  throw new AppstoreError('PLAN_NOT_APPROVED', `the plan for ${file.name} in ${file.namespace}: ${why}`);
}

interface SavedInput {
  readonly saved: SavedPlan;
  readonly record: InstallationRecord | undefined;
  readonly stored: RevisionHead | undefined;
  /** Generated secrets as they are stored. */
  readonly known: Readonly<Record<string, string>>;
}

/**
 * What was planned, with its secrets put back: nothing is resolved or rendered anew. Throws PLAN_STALE where record or cluster
 * are others, PLAN_SECRETS with every secret that is missing or another, PLAN_NOT_APPROVED, PLAN_INVALID.
 */
export async function prepareSaved(
  deps: ChangeDeps,
  request: ChangeRequest,
  { saved, record, stored, known }: SavedInput,
  { signal }: Session,
): Promise<Prepared> {
  const { file } = saved;
  requireApproval(saved);
  checkGiven(request, file);
  const unpacked = await unpackPlan(file);
  checkPackage(file, unpacked.package);
  checkBasis(file, record);
  const secrets = await findSecrets(deps, request, { file, unpacked, record, stored, known }, signal);
  const seal = { nonce: file.nonce, secrets: secrets.values };
  const data = unsealJson(seal, unpacked.sealed) as unknown as Pick<
    Prepared,
    'options' | 'facts' | 'rendered' | 'nextRevision' | 'secretPaths' | 'warnings'
  > &
    Partial<Pick<Prepared, 'carried' | 'resumed' | 'fromRecord' | 'kept'>>;
  const rendered = checkRendered(data.rendered, 'the plan');
  return {
    ...data,
    operation: file.operation,
    rendered: { ...rendered, objects: checkObjects(rendered.objects, request.namespace, '') },
    record,
    stored,
    package: unpacked.package,
    generated: { ...known, ...secrets.fresh },
    newGenerated: secrets.fresh,
    readSecrets: secrets.references,
    digestKey: stored?.digestKey ?? Buffer.from(deps.random.bytes(24)).toString('base64url'),
    mask: createMasker([
      ...secrets.values,
      ...Object.values(known),
      ...(rendered.secrets ?? []),
      ...(stored === undefined ? [] : givenSecrets(stored)),
    ]),
  };
}

/** The record gets just the files that the digest names. Throws PLAN_INVALID. */
function checkPackage({ bound }: PlanFile, { resolved, files }: Package): void {
  if (contentDigest(files) === bound.packageDigest && resolved.contentDigest === bound.packageDigest) return;
  throw new AppstoreError(
    'PLAN_INVALID',
    'the files of the package in the plan have another digest than it says',
  );
}

/** The plan has its values: only its secrets may be given again. Throws USAGE. */
function checkGiven({ given }: ChangeRequest, { secrets }: PlanFile): void {
  const allowed = new Set(secrets.map(({ path }) => path));
  const others = leafPaths(given.values).filter((path) => !allowed.has(path));
  const more = given.patches ?? given.imageRegistry ?? given.imagePullSecrets ?? given.secretRefs[0];
  if (others.length === 0 && more === undefined) return;
  const what = others.length > 0 ? others.join(', ') : 'references, patches and registries';
  throw new AppstoreError('USAGE', `a saved plan has its values; ${what} cannot be given`, {
    hint: 'Make another plan for other values. Only secrets are given again.',
  });
}

function leafPaths(values: JsonObject, above: readonly (string | number)[] = []): string[] {
  return Object.entries(values).flatMap(([key, value]) =>
    isObject(value) ? leafPaths(value, [...above, key]) : [formatPath([...above, key])],
  );
}

function checkBasis({ bound, name, namespace }: PlanFile, record: InstallationRecord | undefined): void {
  if (bound.basis === (record?.resourceVersion ?? '')) return;
  const what =
    record === undefined
      ? 'it is not installed any more'
      : bound.basis === ''
        ? 'it was installed meanwhile'
        : 'its record changed';
  throw new AppstoreError(
    'PLAN_STALE',
    `${name} in ${namespace}: ${what} since the plan was made; nothing was written`,
  );
}

interface SecretInput extends Omit<SavedInput, 'saved'> {
  readonly file: PlanFile;
  readonly unpacked: UnpackedPlan;
}

/** The secrets of the plan in their order, each checked; those to be made are made. */
async function findSecrets(
  deps: ChangeDeps,
  request: ChangeRequest,
  input: SecretInput,
  signal: AbortSignal,
): Promise<{
  readonly values: readonly string[];
  readonly references: readonly string[];
  readonly fresh: Readonly<Record<string, string>>;
}> {
  const { file, unpacked, record, stored, known } = input;
  const refs = (unpacked.sealed.options as unknown as Prepared['options']).secretRefs ?? [];
  const target = (unpacked.sealed.carried as { target?: number } | undefined)?.target;
  const [references, older] = await Promise.all([
    readSecretRefs(deps.cluster, request.namespace, refs, signal),
    record !== undefined && target !== undefined
      ? deps.records.revisionHead(record, target, signal)
      : undefined,
  ]);
  const fresh = await freshSecrets(deps, input);
  const problems: { at: string; message: string }[] = [];
  const values = file.secrets.map((secret) => {
    if (secret.origin === 'fresh') return fresh[secret.path] ?? known[secret.path] ?? '';
    const candidates = candidatesOf(secret, { request, heads: [stored, older], known, references });
    const found = candidates.find((candidate) => isSecret(candidate, secret));
    if (found !== undefined) return found;
    const message =
      candidates.length === 0
        ? 'it is needed and was not given'
        : 'it is not the one that the plan was made with';
    problems.push({ at: secret.path, message });
    return '';
  });
  if (problems.length > 0)
    throw new AppstoreError(
      'PLAN_SECRETS',
      'the plan needs secrets that it does not hold; nothing was written',
      { problems },
    );
  return { values, references: Object.values(references), fresh };
}

interface Sources {
  readonly request: ChangeRequest;
  readonly heads: readonly (RevisionHead | undefined)[];
  readonly known: Readonly<Record<string, string>>;
  readonly references: Readonly<Record<string, string>>;
}

function candidatesOf(
  { path, origin }: SealedSecret,
  { request, heads, known, references }: Sources,
): string[] {
  if (origin === 'generated') return textOf(known[path]);
  if (origin === 'reference') return textOf(references[path]);
  const at = parsePath(path);
  const given = textOf(valueAt(request.given.values, at));
  if (given.length > 0) return given;
  return heads.flatMap((head) => (head === undefined ? [] : textOf(valueAt(head.options.values, at))));
}

function textOf(value: Json | undefined): string[] {
  return typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
}

/** Secrets that did not exist when the plan was made; one that somebody made meanwhile is taken as it is. */
async function freshSecrets(
  deps: ChangeDeps,
  { file, unpacked, known }: SecretInput,
): Promise<Readonly<Record<string, string>>> {
  if (!file.secrets.some(({ origin }) => origin === 'fresh')) return {};
  const { description } = await readPackage(deps, unpacked.package, 'rendering');
  const options = unpacked.sealed.options as unknown as Prepared['options'];
  const values = withSecrets(description.schema, options.values, {
    given: Object.fromEntries(options.secretRefs.map(({ path }) => [path, 'given'])),
    generated: {},
  });
  return completeGenerated(description.schema, values, known, deps.random).added;
}
