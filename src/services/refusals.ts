import type { ErrorCode } from '../domain/error-codes.ts';
import { ApiError, AppstoreError, type Problem } from '../domain/errors.ts';
import type { ObjectRef } from '../domain/objects.ts';

/** Why one object cannot be written. All of them are gathered before anything is written, and told at once. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly problem: Problem;
  /** The object, where it could be adopted. */
  readonly adoptable?: ObjectRef;
}

/** Every refusal of a plan at once; the code is that of the gravest. */
export class Refused extends AppstoreError {
  readonly refusals: readonly Refusal[];

  constructor(code: ErrorCode, headline: string, refusals: readonly Refusal[]) {
    const problems = refusals
      .map((refusal) => refusal.problem)
      .sort((a, b) => a.message.localeCompare(b.message));
    super(code, `${headline}; nothing was written`, { problems });
    this.refusals = refusals;
  }
}

/**
 * The codes that concern one object, gravest first: where objects are refused for several reasons, the gravest gives the
 * exit code. Every other error (no connection, no credentials, interrupted) ends the plan at once.
 */
const gatheredCodes: readonly { readonly code: ErrorCode; readonly headline: string }[] = [
  { code: 'NAMESPACE_TERMINATING', headline: 'the namespace is being deleted' },
  { code: 'FORBIDDEN', headline: 'you are not allowed to make this change' },
  { code: 'OBJECT_FOREIGN', headline: 'objects that the app needs belong to something else' },
  { code: 'OBJECT_ADOPTABLE', headline: 'objects that the app needs exist already' },
  { code: 'OPERATION_RUNNING', headline: 'objects of the app are still being deleted' },
  { code: 'ADMISSION_DENIED', headline: 'the policies of the cluster refuse the app' },
  { code: 'WEBHOOK_UNAVAILABLE', headline: 'a webhook of the cluster cannot be asked about the app' },
  { code: 'QUOTA_EXCEEDED', headline: 'the app does not fit into the quota of the namespace' },
  { code: 'CRD_INCOMPATIBLE', headline: 'definitions change so that live objects could not follow' },
  { code: 'FIELD_IMMUTABLE', headline: 'fields change that cannot be changed in place' },
  { code: 'API_INVALID', headline: 'the API server refuses objects as invalid' },
  { code: 'KIND_UNKNOWN', headline: 'the cluster does not serve kinds that the package uses' },
  { code: 'NAMESPACE_MISSING', headline: 'a namespace that the app needs does not exist' },
  { code: 'API_ERROR', headline: 'the API server refuses objects' },
];

/** The refusal that an error stands for; undefined where the error does not concern one object alone. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (!gatheredCodes.some((row) => row.code === error.code)) return undefined;
  return { code: error.code, problem: { message: error.message, hint: error.hint } };
}

/** Throws one error that tells every refusal; its code is the gravest of them. Does nothing where there is none. */
export function throwRefusals(refusals: readonly Refusal[]): void {
  const gravest = gatheredCodes.find((row) => refusals.some((refusal) => refusal.code === row.code));
  if (gravest === undefined) return;
  throw new Refused(gravest.code, gravest.headline, refusals);
}
