import { isObject, type JsonObject } from '../../domain/json.ts';
import { parseApiVersion } from '../../domain/objects.ts';
import type { ResourceType } from '../../services/ports.ts';

/** Every kind that the server serves, within a group the preferred version first. */
export type Discovered = readonly ResourceType[];

/** Reads an APIGroupDiscoveryList (apidiscovery.k8s.io/v2; aggregated discovery, on by default since 1.27). */
export function parseAggregated(answer: JsonObject): Discovered {
  return objects(answer.items).flatMap((item) => {
    const group = isObject(item.metadata) ? text(item.metadata.name) : '';
    return objects(item.versions).flatMap((entry) =>
      objects(entry.resources).flatMap((resource) => fromAggregated(group, text(entry.version), resource)),
    );
  });
}

/** True where the answer is of the aggregated kind: older servers ignore the Accept header and answer the old way. */
export function isAggregated(answer: JsonObject): boolean {
  return answer.kind === 'APIGroupDiscoveryList';
}

function fromAggregated(group: string, version: string, resource: JsonObject): ResourceType[] {
  const kind = isObject(resource.responseKind) ? text(resource.responseKind.kind) : '';
  const verbs = strings(resource.verbs);
  // A parent without verbs of its own only carries subresources.
  if (kind === '' || verbs.length === 0) return [];
  const subresources = objects(resource.subresources).map((entry) => text(entry.subresource));
  const namespaced = resource.scope === 'Namespaced';
  return [{ group, version, kind, resource: text(resource.resource), namespaced, verbs, subresources }];
}

/** Versions named by `/api` and `/apis` the old way, in their order of preference. */
export function parseGroupVersions(core: JsonObject, groups: JsonObject): readonly string[] {
  const named = objects(groups.groups).flatMap((group) => {
    const preferred = isObject(group.preferredVersion) ? text(group.preferredVersion.groupVersion) : '';
    const all = objects(group.versions).map((version) => text(version.groupVersion));
    return [...new Set([preferred, ...all])].filter((entry) => entry !== '');
  });
  return [...strings(core.versions), ...named];
}

/** Reads an APIResourceList; subresources stand in it as `deployments/status`. */
export function parseResourceList(groupVersion: string, answer: JsonObject): Discovered {
  const { group, version } = parseApiVersion(groupVersion);
  const all = objects(answer.resources);
  return all
    .filter((entry) => !text(entry.name).includes('/'))
    .map((entry) => {
      const resource = text(entry.name);
      return {
        group,
        version,
        kind: text(entry.kind),
        resource,
        namespaced: entry.namespaced === true,
        verbs: strings(entry.verbs),
        subresources: all
          .map((other) => text(other.name))
          .filter((name) => name.startsWith(`${resource}/`))
          .map((name) => name.slice(resource.length + 1)),
      };
    });
}

/** The first, which is the preferred, version of every kind. */
export function preferredOnly(all: Discovered): Discovered {
  const seen = new Set<string>();
  return all.filter((type) => {
    const key = `${type.group}/${type.kind}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
