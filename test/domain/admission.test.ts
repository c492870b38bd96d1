import { expect, test } from 'vitest';
import { admissionKinds, mayJudge } from '../../src/domain/admission.ts';
import type { KubeObject } from '../../src/domain/objects.ts';

const rows: readonly [title: string, rule: unknown, judged: boolean][] = [
  ['the resource', { apiGroups: [''], resources: ['pods', 'configmaps'] }, true],
  ['everything', { apiGroups: ['*'], resources: ['*'] }, true],
  ['everything with subresources', { apiGroups: [''], resources: ['*/*'] }, true],
  ['its subresources', { apiGroups: [''], resources: ['configmaps/*'] }, true],
  ['every resource of its group', { apiGroups: ['', 'apps'], resources: ['*'] }, true],
  ['another resource', { apiGroups: [''], resources: ['pods', 'pods/*'] }, false],
  ['another group', { apiGroups: ['apps'], resources: ['*'] }, false],
  ['no groups', { resources: ['pods'] }, true],
  ['something that cannot be read', 'configmaps', true],
];

test.for(rows)('a rule about %s', ([, rule, judged]) => {
  expect(mayJudge(rule, 'configmaps')).toBe(judged);
});

test('what has no rules that can be read may judge everything', () => {
  const of = (kind: string, fields: Record<string, unknown>) =>
    admissionKinds
      .find((row) => row.kind === kind)
      ?.rulesOf({ apiVersion: 'v1', kind, metadata: { name: 'a' }, ...fields } as KubeObject)
      .some((rule) => mayJudge(rule, 'configmaps'));
  expect(of('ValidatingWebhookConfiguration', {})).toBe(false);
  expect(of('ValidatingWebhookConfiguration', { webhooks: [{ name: 'a' }] })).toBe(false);
  expect(of('ValidatingWebhookConfiguration', { webhooks: 'a' })).toBe(true);
  expect(of('MutatingWebhookConfiguration', { webhooks: [{ rules: 'a' }] })).toBe(true);
  expect(of('ValidatingAdmissionPolicy', { spec: {} })).toBe(true);
  expect(of('MutatingAdmissionPolicy', { spec: { matchConstraints: { resourceRules: [] } } })).toBe(false);
});
