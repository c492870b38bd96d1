import { isObject, type JsonObject } from './json.ts';
import { jsonEqual } from './json-equal.ts';
import type { KubeObject } from './objects.ts';

/** How a change of a CustomResourceDefinition meets the objects that there are. */
export interface CrdProblem {
  /** `refused`: nothing is written. `objects`: the same, as long as there are objects. `warning`: it is told, where there are any. */
  readonly severity: 'refused' | 'objects' | 'warning';
  readonly message: string;
}

/**
 * What each kind of change comes to (apiextensions-apiserver pkg/apis/apiextensions/validation; Kubernetes docs, "Versions in
 * CustomResourceDefinitions"). What is not in the table widens what is allowed, or concerns nobody's data.
 */
const rules = {
  identity: {
    severity: 'refused',
    reason: 'it is another kind then: the objects of this one would be out of reach',
  },
  stored: {
    severity: 'refused',
    reason: 'etcd holds objects in that version, which nobody could read any more',
  },
  type: {
    severity: 'objects',
    reason: 'every live value is invalid then, and no object can be written any more',
  },
  unserved: { severity: 'warning', reason: 'clients that still use the version fail' },
  removed: { severity: 'warning', reason: 'values are dropped when an object is next written' },
  required: { severity: 'warning', reason: 'objects without it are refused when they are next written' },
  narrowed: {
    severity: 'warning',
    reason: 'objects with other values are refused when they are next written',
  },
} as const satisfies Record<string, { severity: CrdProblem['severity']; reason: string }>;

function problem(rule: keyof typeof rules, what: string): CrdProblem {
  return { severity: rules[rule].severity, message: `${what}: ${rules[rule].reason}` };
}

/** Everything about a new definition that objects made under the live one may not bear. */
export function crdProblems(live: KubeObject, desired: KubeObject): CrdProblem[] {
  const [before, after] = [specOf(live), specOf(desired)];
  const fresh = versionsOf(after);
  return [
    ...identityProblems(before, after),
    ...storedProblems(live, fresh),
    ...[...versionsOf(before)].flatMap(([name, version]) => versionProblems(name, version, fresh.get(name))),
  ];
}

function specOf(crd: KubeObject): JsonObject {
  return isObject(crd.spec) ? crd.spec : {};
}

function versionsOf(spec: JsonObject): Map<string, JsonObject> {
  const versions = Array.isArray(spec.versions) ? spec.versions.filter(isObject) : [];
  return new Map(versions.map((version) => [String(version.name), version]));
}

function identityProblems(before: JsonObject, after: JsonObject): CrdProblem[] {
  const names = (spec: JsonObject) => (isObject(spec.names) ? spec.names : {});
  const pairs = [
    ['group', before.group, after.group],
    ['scope', before.scope, after.scope],
    ['kind', names(before).kind, names(after).kind],
    ['plural', names(before).plural, names(after).plural],
  ] as const;
  return pairs
    .filter(([, old, next]) => old !== undefined && old !== next)
    .map(([what, old, next]) =>
      problem('identity', `its ${what} changes from ${old} to ${next ?? 'nothing'}`),
    );
}

function storedProblems(live: KubeObject, fresh: ReadonlyMap<string, JsonObject>): CrdProblem[] {
  const stored: unknown = isObject(live.status) ? live.status.storedVersions : undefined;
  const names = Array.isArray(stored) ? stored.map(String) : [];
  return names
    .filter((name) => !fresh.has(name))
    .map((name) => problem('stored', `version ${name} is dropped and still in status.storedVersions`));
}

function versionProblems(name: string, before: JsonObject, after: JsonObject | undefined): CrdProblem[] {
  if (before.served === true && after?.served !== true)
    return [problem('unserved', `version ${name} is not served any more`)];
  if (after === undefined) return [];
  return schemaProblems(schemaOf(before), schemaOf(after), name);
}

function schemaOf(version: JsonObject): JsonObject {
  const { schema } = version;
  return isObject(schema) && isObject(schema.openAPIV3Schema) ? schema.openAPIV3Schema : {};
}

/** A schema that keeps what it does not know drops nothing. */
const keepsUnknown = 'x-kubernetes-preserve-unknown-fields';

function schemaProblems(before: JsonObject, after: JsonObject, at: string): CrdProblem[] {
  if (changesType(before, after))
    return [problem('type', `${at} changes from ${before.type} to ${after.type}`)];
  const items =
    isObject(before.items) && isObject(after.items)
      ? schemaProblems(before.items, after.items, `${at}[]`)
      : [];
  return [
    ...narrowedProblems(before, after, at),
    ...requiredProblems(before, after, at),
    ...propertyProblems(before, after, at),
    ...items,
  ];
}

function changesType(before: JsonObject, after: JsonObject): boolean {
  if (typeof before.type !== 'string' || typeof after.type !== 'string') return false;
  return before.type !== after.type && !(before.type === 'integer' && after.type === 'number');
}

function propertyProblems(before: JsonObject, after: JsonObject, at: string): CrdProblem[] {
  const old = isObject(before.properties) ? before.properties : {};
  const fresh = isObject(after.properties) ? after.properties : {};
  return Object.entries(old).flatMap(([name, schema]) => {
    const next = fresh[name];
    const path = `${at}.${name}`;
    if (isObject(next)) return isObject(schema) ? schemaProblems(schema, next, path) : [];
    const kept = after[keepsUnknown] === true || after.additionalProperties !== undefined;
    return kept ? [] : [problem('removed', `${path} is not in the schema any more`)];
  });
}

function requiredProblems(before: JsonObject, after: JsonObject, at: string): CrdProblem[] {
  const list = (schema: JsonObject) => (Array.isArray(schema.required) ? schema.required.map(String) : []);
  const known = new Set(list(before));
  const properties = isObject(after.properties) ? after.properties : {};
  const hasDefault = (name: string) => isObject(properties[name]) && properties[name].default !== undefined;
  return list(after)
    .filter((name) => !known.has(name) && !hasDefault(name))
    .map((name) => problem('required', `${at}.${name} is required from now on`));
}

/** Limits, and which way narrows them. */
const limits: readonly (readonly [keyword: string, narrows: (before: number, after: number) => boolean])[] = [
  ['minimum', (before, after) => after > before],
  ['maximum', (before, after) => after < before],
  ['minLength', (before, after) => after > before],
  ['maxLength', (before, after) => after < before],
  ['minItems', (before, after) => after > before],
  ['maxItems', (before, after) => after < before],
];

function narrowedProblems(before: JsonObject, after: JsonObject, at: string): CrdProblem[] {
  const keywords = limits
    .filter(([keyword, narrows]) => {
      const [old, next] = [before[keyword], after[keyword]];
      return typeof next === 'number' && (typeof old !== 'number' || narrows(old, next));
    })
    .map(([keyword]) => keyword);
  for (const keyword of ['pattern', 'format'] as const)
    if (after[keyword] !== undefined && !jsonEqual(before[keyword], after[keyword])) keywords.push(keyword);
  if (narrowsEnum(before.enum, after.enum)) keywords.push('enum');
  return keywords.map((keyword) => problem('narrowed', `${at} allows less (${keyword})`));
}

function narrowsEnum(before: unknown, after: unknown): boolean {
  if (!Array.isArray(after)) return false;
  return !Array.isArray(before) || before.some((value) => !after.includes(value));
}
