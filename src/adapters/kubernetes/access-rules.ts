import { isObject, type JsonObject } from '../../domain/json.ts';
import type { AccessQuestion } from '../../services/ports.ts';

interface AccessRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
}

/** What the caller may do in a namespace. */
export type AccessRules = readonly AccessRule[];

/**
 * Reads the status of a SelfSubjectRulesReview. Undefined where its yes cannot be relied on: an authoriser whose rules are not
 * listed (a webhook) could refuse before RBAC is asked. The Node authoriser never lists its rules and never refuses, so that it
 * does not count; every cluster of kubeadm has it.
 */
export function readRules(status: JsonObject): AccessRules | undefined {
  const errors = typeof status.evaluationError === 'string' ? status.evaluationError : '';
  const others = errors.split(',').filter((part) => part.trim() !== '' && !part.includes('node authorizer'));
  if (status.incomplete === true && (errors === '' || others.length > 0)) return undefined;
  const rules = Array.isArray(status.resourceRules) ? status.resourceRules.filter(isObject) : [];
  return rules.map((rule) => ({
    verbs: strings(rule.verbs),
    apiGroups: strings(rule.apiGroups),
    resources: strings(rule.resources),
    resourceNames: strings(rule.resourceNames),
  }));
}

/** Yes where a rule allows it; undefined otherwise, which means: ask. */
export function answerFromRules(
  rules: AccessRules | undefined,
  question: AccessQuestion,
): { readonly allowed: boolean; readonly reason: string } | undefined {
  const allowing = rules?.some((rule) => allows(rule, question));
  return allowing ? { allowed: true, reason: 'the rules of the caller in this namespace' } : undefined;
}

/** As RBAC matches (pkg/registry/rbac/validation): `*`, all resources of a subresource, and names only where the rule has some. */
function allows(rule: AccessRule, { verb, group, resource, subresource, name }: AccessQuestion): boolean {
  const path = subresource === undefined ? resource : `${resource}/${subresource}`;
  const anySubresource = subresource !== undefined && rule.resources.includes(`*/${subresource}`);
  const named = rule.resourceNames.length === 0 || (name !== undefined && rule.resourceNames.includes(name));
  return (
    has(rule.verbs, verb) &&
    has(rule.apiGroups, group) &&
    (has(rule.resources, path) || anySubresource) &&
    named
  );
}

function has(list: readonly string[], value: string): boolean {
  return list.includes('*') || list.includes(value);
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
