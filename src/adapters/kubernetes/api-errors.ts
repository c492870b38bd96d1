import type { ErrorCode } from '../../domain/error-codes.ts';
import { ApiError, type ApiFailure, type FieldConflict } from '../../domain/errors.ts';
import { isObject, type JsonObject } from '../../domain/json.ts';

/** What a refusal is read from: the Status object of the server, or the little that a gateway in between says. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  /** `details.kind` and `details.name`: what the server says it could not find or change. */
  readonly about: { readonly kind: string; readonly name: string };
  readonly causes: ApiFailure['causes'];
  readonly retryAfter?: number;
}

interface Row {
  readonly code: ErrorCode;
  /** The outside fact behind the row. */
  readonly reason: string;
  readonly fits: (refusal: Refusal) => boolean;
}

const says = (pattern: RegExp) => (refusal: Refusal) => pattern.test(refusal.message);
const hasCause = (refusal: Refusal, reason: string) =>
  refusal.causes.some((cause) => cause.reason === reason);

/** What a refusal means; the first row that fits counts. Messages as Kubernetes 1.36 writes them. */
const rows: readonly Row[] = [
  { code: 'UNAUTHENTICATED', reason: 'the only use of 401', fits: (r) => r.status === 401 },
  {
    code: 'NAMESPACE_TERMINATING',
    reason: 'NamespaceLifecycle admission, cause since 1.16; older text beside it',
    fits: (r) =>
      r.status === 403 &&
      (hasCause(r, 'NamespaceTerminating') || /because it is being terminated/.test(r.message)),
  },
  {
    code: 'QUOTA_EXCEEDED',
    reason: 'ResourceQuota admission: `exceeded quota: NAME`, or `failed quota: NAME: must specify ...`',
    fits: (r) => r.status === 403 && /(exceeded|failed) quota:/.test(r.message),
  },
  {
    code: 'WEBHOOK_UNAVAILABLE',
    reason:
      'a webhook that could not be asked refused nothing (apiserver pkg/admission/plugin/webhook/errors)',
    fits: says(/failed calling webhook|admission webhook "[^"]*" does not support dry run/),
  },
  {
    code: 'ADMISSION_DENIED',
    reason: 'webhooks of both kinds, ValidatingAdmissionPolicy, Pod Security, LimitRange',
    fits: says(
      /admission webhook "[^"]*" denied|ValidatingAdmissionPolicy '[^']*' with binding|violates PodSecurity|(maximum|minimum) (cpu|memory|storage)\S* usage per/,
    ),
  },
  {
    code: 'FORBIDDEN',
    reason: 'the authoriser, and the escalation check for roles and bindings',
    fits: (r) => r.status === 403,
  },
  {
    code: 'NAMESPACE_MISSING',
    reason: 'a write into a namespace that is not there names the namespace',
    fits: (r) => r.status === 404 && r.about.kind === 'namespaces',
  },
  {
    code: 'KIND_UNKNOWN',
    reason: 'a 404 that names no object is about the path: the kind or its version is not served',
    fits: (r) => r.status === 404 && r.about.name === '',
  },
  {
    code: 'FIELD_CONFLICT',
    reason: 'server-side apply without force',
    fits: (r) => r.status === 409 && hasCause(r, 'FieldManagerConflict'),
  },
  {
    code: 'API_CONFLICT',
    reason: 'AlreadyExists, a resourceVersion or UID that does not fit',
    fits: (r) => r.status === 409,
  },
  {
    code: 'FIELD_IMMUTABLE',
    reason: 'wordings of the validation packages for fields that may not change',
    fits: (r) =>
      r.status === 422 &&
      /field is immutable|may not change once set|updates to statefulset spec|spec is immutable after creation|can not be less than previous value|is immutable/.test(
        r.message,
      ),
  },
  { code: 'API_INVALID', reason: 'validation of the object', fits: (r) => r.status === 422 },
  {
    code: 'API_INVALID',
    reason: 'fieldValidation=Strict answers 400 for unknown fields',
    fits: (r) => r.status === 400,
  },
  {
    code: 'API_INVALID',
    reason: 'an unknown field of a built-in kind answers 500 to an apply (seen with 1.36.3)',
    fits: isUntypable,
  },
];

/** True for the 500 that is a mistake in the object and not the server's: repeating it does not help. */
export function isUntypable(refusal: Refusal): boolean {
  return refusal.status === 500 && /failed to create typed patch object/.test(refusal.message);
}

/** True for the 500 of a webhook that did not answer: whoever waits for that webhook repeats it, not the transport. */
export function isWebhookFailure(refusal: Refusal): boolean {
  return refusal.status === 500 && /failed calling webhook/.test(refusal.message);
}

/** True for the 403 of the authoriser (apiserver pkg/endpoints/handlers/responsewriters/errors.go); admission has other words. */
export function isUnauthorised(refusal: Refusal): boolean {
  return refusal.status === 403 && / cannot [a-z]+ (resource|path) /.test(refusal.message);
}

/** Reads what a refusal says; `body` is whatever came, a Status object or the page of some gateway. */
export function parseRefusal(status: number, body: string, retryAfter?: string): Refusal {
  const answer = parseStatus(body);
  const details = isObject(answer?.details) ? answer.details : {};
  const seconds = Number(retryAfter ?? details.retryAfterSeconds);
  return {
    status,
    reason: text(answer?.reason),
    message: text(answer?.message) || plain(body) || `HTTP ${status}`,
    about: { kind: text(details.kind), name: text(details.name) },
    causes: parseCauses(details.causes),
    ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfter: seconds } : {}),
  };
}

/** The error for a refusal. `subject` is what the request was about: `Kind/namespace/name`, or a kind. */
export function apiError(refusal: Refusal, subject: string): ApiError {
  const code = rows.find((row) => row.fits(refusal))?.code ?? 'API_ERROR';
  const fieldConflicts = code === 'FIELD_CONFLICT' ? parseConflicts(refusal.causes) : [];
  const said = code === 'FIELD_CONFLICT' ? describeConflicts(fieldConflicts) : refusal.message;
  const problems = refusal.causes.map(({ field, message }) => ({ message, ...(field ? { at: field } : {}) }));
  return new ApiError(
    code,
    `${subject}: ${said}`,
    {
      status: refusal.status,
      reason: refusal.reason,
      fieldConflicts,
      causes: refusal.causes,
      ...(refusal.retryAfter === undefined ? {} : { retryAfter: refusal.retryAfter }),
    },
    { problems: problems.length > 1 ? problems : [] },
  );
}

/** A cause reads `conflict with "kubectl" using apps/v1` or `conflict with "x" with subresource "scale" using ...`. */
function parseConflicts(causes: ApiFailure['causes']): FieldConflict[] {
  return causes
    .filter((cause) => cause.reason === 'FieldManagerConflict')
    .map((cause) => ({
      manager: /conflict with "((?:[^"\\]|\\.)*)"/.exec(cause.message)?.[1] ?? '',
      field: cause.field ?? '',
    }));
}

function describeConflicts(conflicts: readonly FieldConflict[]): string {
  return conflicts
    .map(({ manager, field }) => `${field} is held by the field manager "${manager}"`)
    .join('; ');
}

function parseCauses(causes: unknown): ApiFailure['causes'] {
  if (!Array.isArray(causes)) return [];
  return causes.filter(isObject).map((cause) => ({
    message: text(cause.message),
    ...(cause.field === undefined ? {} : { field: text(cause.field) }),
    ...(cause.reason === undefined ? {} : { reason: text(cause.reason) }),
  }));
}

function parseStatus(body: string): JsonObject | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    return isObject(answer) && answer.kind === 'Status' ? answer : undefined;
  } catch {
    return undefined;
  }
}

/** The first line of a text answer; nothing of an HTML page. */
function plain(body: string): string {
  const line = body.trim().split('\n', 1)[0] ?? '';
  return line.startsWith('<') ? '' : line.slice(0, 300);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
