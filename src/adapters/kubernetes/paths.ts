import type { ResourceType } from '../../services/ports.ts';

/** Where a resource lies: `/api/v1` for the core group, `/apis/apps/v1` for the others. */
export function groupPath(group: string, version: string): string {
  const parts = group === '' ? ['api', version] : ['apis', group, version];
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

/** Path of all objects of a kind; of one namespace, or of all for `''` and cluster-scoped kinds. */
export function collectionPath(type: ResourceType, namespace: string): string {
  const base = groupPath(type.group, type.version);
  const scope = type.namespaced && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${base}${scope}/${encodeURIComponent(type.resource)}`;
}

/** Path of one object, or of a subresource of it. Names are never changed, only escaped. */
export function objectPath(
  type: ResourceType,
  id: { readonly namespace: string; readonly name: string },
  subresource?: string,
): string {
  const path = `${collectionPath(type, id.namespace)}/${encodeURIComponent(id.name)}`;
  return subresource === undefined ? path : `${path}/${encodeURIComponent(subresource)}`;
}

/** Adds a query; entries that are undefined or `''` are left out. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const entries = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === '' || value === false ? [] : [[key, String(value)] as [string, string]],
  );
  return entries.length === 0 ? path : `${path}?${new URLSearchParams(entries)}`;
}
