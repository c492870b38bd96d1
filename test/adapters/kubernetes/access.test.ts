import { describe, expect, test } from 'vitest';
import { answerFromRules, readRules } from '../../../src/adapters/kubernetes/access-rules.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { AccessQuestion } from '../../../src/services/ports.ts';
import { connectTo, fakeApi } from './fake-api.ts';

const question = (more: Partial<AccessQuestion> = {}): AccessQuestion => ({
  verb: 'create',
  group: 'apps',
  resource: 'deployments',
  namespace: 'web',
  ...more,
});
const rule = (more: JsonObject = {}) => ({
  verbs: ['create'],
  apiGroups: ['apps'],
  resources: ['deployments'],
  ...more,
});

describe('an answer from rules', () => {
  test.each<[JsonObject, Partial<AccessQuestion>, boolean]>([
    [rule(), {}, true],
    [rule({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }), { subresource: 'scale', name: 'a' }, true],
    [rule({ verbs: ['get'] }), {}, false],
    [rule({ apiGroups: [''] }), {}, false],
    [rule(), { subresource: 'scale' }, false],
    [rule({ resources: ['deployments/scale'] }), { subresource: 'scale' }, true],
    [rule({ resources: ['*/scale'] }), { subresource: 'scale' }, true],
    [rule({ resources: ['*/scale'] }), {}, false],
    [rule({ resourceNames: ['a'] }), { name: 'a' }, true],
    [rule({ resourceNames: ['a'] }), { name: 'b' }, false],
    [rule({ resourceNames: ['a'] }), {}, false],
  ])('%j for %j', (body, asked, allowed) => {
    const rules = readRules({ resourceRules: [body], incomplete: false });
    expect(answerFromRules(rules, question(asked))?.allowed).toBe(allowed ? true : undefined);
  });

  test.each<[JsonObject, boolean]>([
    [{ incomplete: false }, true],
    [{ incomplete: true, evaluationError: 'node authorizer does not support user rule resolution' }, true],
    [
      { incomplete: true, evaluationError: 'webhook authorizer does not support user rule resolution' },
      false,
    ],
    [{ incomplete: true }, false],
  ])('%j can be relied on: %s', (status, reliable) => {
    expect(readRules({ resourceRules: [rule()], ...status }) !== undefined).toBe(reliable);
  });
});

/** Answers reviews: the rules given, and to single questions yes for ConfigMaps alone. */
async function authoriser(rules: JsonObject[]) {
  const api = await fakeApi((request) => {
    const { kind, spec } = JSON.parse(request.body);
    if (kind === 'SelfSubjectRulesReview')
      return { body: { status: { resourceRules: rules, incomplete: false } } };
    const allowed = spec.resourceAttributes.resource === 'configmaps';
    return { body: { status: { allowed, reason: allowed ? 'because' : '' } } };
  });
  return {
    cluster: await connectTo(api),
    kinds: () => api.seen.map((request) => JSON.parse(request.body).kind),
  };
}

test('equal questions are asked once, and answered in their order', async () => {
  const { cluster, kinds } = await authoriser([]);
  const configMaps = question({ group: '', resource: 'configmaps' });
  expect(await cluster.access([question(), configMaps, question()])).toEqual([
    { allowed: false, reason: '' },
    { allowed: true, reason: 'because' },
    { allowed: false, reason: '' },
  ]);
  expect(kinds()).toEqual(['SelfSubjectAccessReview', 'SelfSubjectAccessReview']);
});

test('many about one namespace: its rules once, and single questions for what they do not allow', async () => {
  const { cluster, kinds } = await authoriser([rule({ resourceNames: ['a', 'b', 'c', 'd'] })]);
  const names = ['a', 'b', 'c', 'd', 'e'];
  const answers = await cluster.access(names.map((name) => question({ name })));
  expect(answers.map((answer) => answer.allowed)).toEqual([true, true, true, true, false]);
  expect(kinds()).toEqual(['SelfSubjectRulesReview', 'SelfSubjectAccessReview']);
});

test('the whole cluster has no such rules', async () => {
  const { cluster, kinds } = await authoriser([rule()]);
  await cluster.access(['a', 'b', 'c', 'd', 'e'].map((name) => question({ namespace: '', name })));
  expect(new Set(kinds())).toEqual(new Set(['SelfSubjectAccessReview']));
});
