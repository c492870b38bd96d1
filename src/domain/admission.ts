import { isObject } from './json.ts';
import type { GroupKind, KubeObject } from './objects.ts';

const group = 'admissionregistration.k8s.io';

/**
 * What in a cluster may change or refuse an object as it is written, and where its rules stand. A policy needs a binding to do
 * anything; here the policy alone counts.
 */
export const admissionKinds: readonly (GroupKind & {
  rulesOf(configuration: KubeObject): readonly unknown[];
})[] = [
  { group, kind: 'ValidatingWebhookConfiguration', rulesOf: webhookRules },
  { group, kind: 'MutatingWebhookConfiguration', rulesOf: webhookRules },
  { group, kind: 'ValidatingAdmissionPolicy', rulesOf: policyRules },
  { group, kind: 'MutatingAdmissionPolicy', rulesOf: policyRules },
];

function webhookRules({ webhooks }: KubeObject): readonly unknown[] {
  if (webhooks === undefined) return [];
  if (!Array.isArray(webhooks)) return [undefined];
  return webhooks.flatMap((webhook: unknown) => {
    if (!isObject(webhook)) return [undefined];
    return webhook.rules === undefined ? [] : Array.isArray(webhook.rules) ? webhook.rules : [undefined];
  });
}

function policyRules({ spec }: KubeObject): readonly unknown[] {
  const constraints = isObject(spec) ? spec.matchConstraints : undefined;
  const rules = isObject(constraints) ? constraints.resourceRules : undefined;
  return Array.isArray(rules) ? rules : [undefined];
}

/**
 * True where a rule may be about a resource of the core group. Selectors, conditions, names, versions and operations are passed
 * over, and what cannot be read counts: a rule that is taken for one too many costs a request, one too few a promise.
 */
export function mayJudge(rule: unknown, resource: string): boolean {
  if (!isObject(rule)) return true;
  const { apiGroups, resources } = rule;
  if (!Array.isArray(apiGroups) || !Array.isArray(resources)) return true;
  return (
    apiGroups.some((one) => one === '' || one === '*') &&
    resources.some((one) => typeof one !== 'string' || ['*', resource].includes(one.split('/', 1)[0] ?? ''))
  );
}
