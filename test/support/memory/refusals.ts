import { apiError } from '../../../src/adapters/kubernetes/api-errors.ts';
import type { ApiError, ApiFailure } from '../../../src/domain/errors.ts';
import { displayId } from '../../../src/domain/objects.ts';
import type { AccessQuestion } from '../../../src/services/ports.ts';
import type { ServedKind } from './kinds.ts';

/** What a request is about. */
export interface Target {
  readonly kind: ServedKind;
  readonly namespace: string;
  readonly name: string;
}

/** `deployments.apps`, `configmaps`: how messages of the API server name a kind. */
function qualified(kind: { readonly resource: string; readonly group: string }): string {
  return kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`;
}

function refuse(
  target: Target,
  answer: {
    readonly status: number;
    readonly reason: string;
    readonly message: string;
    readonly about?: { readonly kind: string; readonly name: string };
    readonly causes?: ApiFailure['causes'];
  },
): ApiError {
  const subject = displayId({ kind: target.kind.kind, namespace: target.namespace, name: target.name });
  return apiError(
    { about: { kind: target.kind.resource, name: target.name }, causes: [], ...answer },
    target.name === '' ? target.kind.kind : subject,
  );
}

export function notFound(target: Target): ApiError {
  const message = `${qualified(target.kind)} "${target.name}" not found`;
  return refuse(target, { status: 404, reason: 'NotFound', message });
}

export function namespaceMissing(target: Target): ApiError {
  const about = { kind: 'namespaces', name: target.namespace };
  const message = `namespaces "${target.namespace}" not found`;
  return refuse(target, { status: 404, reason: 'NotFound', message, about });
}

export function namespaceTerminating(target: Target): ApiError {
  const { namespace } = target;
  const said = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const cause = `namespace ${namespace} is being terminated`;
  return refuse(target, {
    status: 403,
    reason: 'Forbidden',
    message: `${qualified(target.kind)} "${target.name}" is forbidden: ${said}`,
    causes: [{ reason: 'NamespaceTerminating', message: cause, field: 'metadata.namespace' }],
  });
}

export function alreadyExists(target: Target): ApiError {
  const message = `${qualified(target.kind)} "${target.name}" already exists`;
  return refuse(target, { status: 409, reason: 'AlreadyExists', message });
}

/** A write that was made from an older state of the object. */
export function conflict(target: Target, why?: string): ApiError {
  const modified =
    'the object has been modified; please apply your changes to the latest version and try again';
  const message = `Operation cannot be fulfilled on ${qualified(target.kind)} "${target.name}": ${why ?? modified}`;
  return refuse(target, { status: 409, reason: 'Conflict', message });
}

export function invalid(
  target: Target,
  causes: readonly { readonly field: string; readonly message: string; readonly reason: string }[],
): ApiError {
  const kind = target.kind.group === '' ? target.kind.kind : `${target.kind.kind}.${target.kind.group}`;
  const list = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const said = list.length === 1 ? list.join('') : `[${list.join(', ')}]`;
  const message = `${kind} "${target.name}" is invalid: ${said}`;
  return refuse(target, { status: 422, reason: 'Invalid', message, causes });
}

/** A watch from a resourceVersion that the server has forgotten. */
export function expired(kind: ServedKind, asked: number, oldest: number): ApiError {
  const target = { kind, namespace: '', name: '' };
  const message = `too old resource version: ${asked} (${oldest})`;
  return refuse(target, { status: 410, reason: 'Expired', message });
}

export function forbidden(target: Target, user: string, question: AccessQuestion, reason: string): ApiError {
  const { verb, group, resource, namespace } = question;
  const name = question.name === undefined ? '' : ` "${question.name}"`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const what = `cannot ${verb} resource "${resource}" in API group "${group}" ${where}`;
  const why = reason === '' ? '' : `: ${reason}`;
  const message = `${qualified({ resource, group })}${name} is forbidden: User "${user}" ${what}${why}`;
  return refuse(target, { status: 403, reason: 'Forbidden', message });
}

/** One field that another manager holds: `manager` as `"kubectl" using v1 at 2026-...`. */
export interface HeldField {
  readonly manager: string;
  readonly path: string;
}

/** The answer to a server-side apply without force. */
export function applyConflict(target: Target, held: readonly HeldField[]): ApiError {
  const [first] = held;
  const managers = [...new Set(held.map((one) => one.manager))].sort();
  const lists = managers.map((manager) => {
    const paths = held.filter((one) => one.manager === manager).map((one) => `\n- ${one.path}`);
    return `conflicts with ${manager}:${paths.join('')}`;
  });
  const message =
    held.length === 1 && first !== undefined
      ? `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.path}`
      : `Apply failed with ${held.length} conflicts: ${lists.join('\n')}`;
  const causes = held.map((one) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${one.manager}`,
    field: one.path,
  }));
  return refuse(target, { status: 409, reason: 'Conflict', message, causes, about: { kind: '', name: '' } });
}
