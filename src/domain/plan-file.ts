import { AppstoreError } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import type { PlanAction } from './plan.ts';

/** Newest version of the file format that this program writes and reads. */
export const planFormatVersion = 1;

/** Bytes of a plan file, and of what it holds when it is unpacked. */
export const planLimits = { file: 64 * 1024 * 1024, content: 256 * 1024 * 1024 } as const;

/** What the plan read of one object and does to it. */
export interface BoundObject {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly action: PlanAction;
  /** UID of the live object; `''` where there was none. */
  readonly uid: string;
  /** Digest of the live object without status, managedFields and resourceVersion; `''` where it was told by metadata alone. */
  readonly digest: string;
}

/** Where a secret comes from when the plan is carried out. `fresh`: it is made then. */
type SecretOrigin = 'given' | 'generated' | 'reference' | 'fresh';

/** A secret that the plan needs and does not hold. */
export interface SealedSecret {
  /** Path in the values. */
  readonly path: string;
  readonly origin: SecretOrigin;
  /** scrypt of the value, base64; absent for `fresh`. */
  readonly salt?: string;
  readonly verifier?: string;
}

/** Somebody's signature below a plan. */
export interface Approval {
  /** Ed25519 public key, SPKI DER in base64. */
  readonly key: string;
  /** As they call themselves; what counts is the key. */
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  /** Ed25519 over everything in the file but the approvals, with `by` and `at`; base64. */
  readonly signature: string;
}

/** A plan as a file (docs/plans.md). */
export interface PlanFile {
  readonly apiVersion: 'appstore.dev/v1';
  readonly kind: 'PlanFile';
  readonly formatVersion: typeof planFormatVersion;
  readonly operation: 'install' | 'upgrade' | 'rollback';
  readonly namespace: string;
  readonly name: string;
  readonly made: { readonly at: string; readonly by: string };
  readonly requireApproval: boolean;
  readonly bound: {
    readonly clusterUid: string;
    /** UID of what Kubernetes puts into every namespace, for who may not read `clusterUid`. */
    readonly namespaceMark?: string;
    readonly packageDigest: string;
    /** resourceVersion of the index; `''` where there was none. */
    readonly basis: string;
    readonly createNamespace: boolean;
    readonly objects: readonly BoundObject[];
  };
  /** See `Seal`. */
  readonly nonce: string;
  readonly secrets: readonly SealedSecret[];
  /** Sealed, JSON, gzipped, base64. */
  readonly content: string;
  readonly approvals: readonly Approval[];
}

/** Reads a plan file that anybody may have written. Throws PLAN_INVALID with the place in it. */
export function parsePlanFile(text: string, file: string): PlanFile {
  const broken = (what: string): AppstoreError =>
    new AppstoreError('PLAN_INVALID', `${file}: ${what}`, { place: { file } });
  let data: Json;
  try {
    data = JSON.parse(text) as Json;
  } catch {
    throw broken('it is not JSON');
  }
  if (!isObject(data) || data.apiVersion !== 'appstore.dev/v1' || data.kind !== 'PlanFile')
    throw broken('it is not a plan file');
  if (data.formatVersion !== planFormatVersion)
    throw broken(
      `it has format ${JSON.stringify(data.formatVersion)}; this version knows ${planFormatVersion}`,
    );
  const wrong = firstWrong(data);
  if (wrong !== undefined) throw broken(`"${wrong}" is missing or not what it should be`);
  return data as unknown as PlanFile;
}

type Check = (value: unknown) => boolean;
const text: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
const word =
  (...words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    Array.isArray(value) && value.length <= 100_000 && value.every((one) => fits(one, shape));
const objectOf =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    fits(value, shape);

function fits(value: unknown, shape: Readonly<Record<string, Check>>): boolean {
  return isObject(value) && Object.entries(shape).every(([key, check]) => check(value[key]));
}

const actions: readonly PlanAction[] = [
  'create',
  'update',
  'replace',
  'delete',
  'unchanged',
  'conflict',
  'keep',
];
const shape: Readonly<Record<string, Check>> = {
  operation: word('install', 'upgrade', 'rollback'),
  namespace: text,
  name: text,
  made: objectOf({ at: text, by: text }),
  requireApproval: flag,
  bound: objectOf({
    clusterUid: text,
    namespaceMark: optional(text),
    packageDigest: text,
    basis: text,
    createNamespace: flag,
    objects: listOf({
      group: text,
      kind: text,
      namespace: text,
      name: text,
      action: word(...actions),
      uid: text,
      digest: text,
    }),
  }),
  nonce: (value) => typeof value === 'string' && /^[0-9a-f]{16,64}$/.test(value),
  secrets: listOf({
    path: text,
    origin: word('given', 'generated', 'reference', 'fresh'),
    salt: optional(text),
    verifier: optional(text),
  }),
  content: text,
  approvals: listOf({ key: text, by: text, at: text, signature: text }),
};

function firstWrong(data: JsonObject): string | undefined {
  return Object.entries(shape).find(([key, check]) => !check(data[key]))?.[0];
}
