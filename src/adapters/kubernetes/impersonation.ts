import { isObject, type JsonObject } from '../../domain/json.ts';
import type { RequestHeaders } from './connection.ts';

/**
 * Headers for `as`, `as-uid`, `as-groups` and `as-user-extra` of a kubeconfig's user
 * (kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation). KubeConfig knows the first alone.
 */
export function impersonation(user: JsonObject): RequestHeaders {
  const headers: Record<string, string | string[]> = {};
  if (typeof user.as === 'string' && user.as !== '') headers['impersonate-user'] = user.as;
  if (typeof user['as-uid'] === 'string' && user['as-uid'] !== '')
    headers['impersonate-uid'] = user['as-uid'];
  const groups = strings(user['as-groups']);
  if (groups.length > 0) headers['impersonate-group'] = groups;
  const extra = isObject(user['as-user-extra']) ? user['as-user-extra'] : {};
  for (const [key, values] of Object.entries(extra)) {
    headers[`impersonate-extra-${encodeURIComponent(key).toLowerCase()}`] = strings(values);
  }
  return headers;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
