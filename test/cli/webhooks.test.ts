import { expect, onTestFinished, test } from 'vitest';
import { type FakeApi, fakeApi } from '../adapters/kubernetes/fake-api.ts';
import { cli, cliError } from '../support/cli.ts';
import { written } from '../support/contents.ts';
import { eventually, freshNamespace, kube } from '../support/sandbox.ts';

const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

/** A webhook server on this machine that says no to every object, with the words given. */
const refusing = (words: string): Promise<FakeApi> =>
  fakeApi(({ body }) => {
    const { uid } = JSON.parse(body).request;
    const response = { uid, allowed: false, status: { code: 403, message: words } };
    return { body: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response } };
  });

/** Lets the API server ask about new Deployments of one namespace, until the end of the test. */
async function register(namespace: string, clientConfig: { url: string; caBundle: string }): Promise<void> {
  const rule = {
    apiGroups: ['apps'],
    apiVersions: ['v1'],
    operations: ['CREATE'],
    resources: ['deployments'],
  };
  const webhook = {
    name: 'deployments.example.com',
    clientConfig,
    rules: [rule],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    failurePolicy: 'Fail',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: 10,
  };
  await kube('POST', configurations, { metadata: { name: namespace }, webhooks: [webhook] });
  onTestFinished(async () => void (await kube('DELETE', `${configurations}/${namespace}`)));
  // the API server takes a webhook into use a moment after it was created
  await eventually(async () => (await cli(['install', 'whoami', '--dry-run', '-n', namespace])).code !== 0);
}

const caBundle = (api: FakeApi) => Buffer.from(api.ca).toString('base64');

/** What an install is refused with; nothing of it was written. */
async function refusal(namespace: string) {
  const failure = await cliError(['install', 'whoami', '-n', namespace]);
  expect(await written(namespace)).toEqual({});
  return failure;
}

test('a webhook that refuses: its words are told, in the plan', async () => {
  const namespace = await freshNamespace();
  const webhook = await refusing('no Deployments on a Friday');
  await register(namespace, { url: `${webhook.server}/check`, caBundle: caBundle(webhook) });
  const { exit, error } = await refusal(namespace);
  expect([exit, error.code]).toEqual([1, 'ADMISSION_DENIED']);
  expect(error.problems.map(({ message }) => message)).toEqual([
    `Deployment/${namespace}/whoami: admission webhook "deployments.example.com" denied the request: no Deployments on a Friday`,
  ]);
  expect(error.hint).toContain('policy');
  const asked = webhook.seen.map(({ body }) => JSON.parse(body).request);
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.every(({ dryRun }) => dryRun === true)).toBe(true);
});

test('a webhook that is down and may not be passed by', async () => {
  const namespace = await freshNamespace();
  const webhook = await refusing('never asked');
  // Its port 1 is one where nobody listens
  await register(namespace, { url: 'https://127.0.0.1:1/check', caBundle: caBundle(webhook) });
  const { exit, error } = await refusal(namespace);
  expect([exit, error.code]).toEqual([1, 'WEBHOOK_UNAVAILABLE']);
  const [only, ...others] = error.problems.map(({ message }) => message);
  expect(others).toEqual([]);
  expect(only).toContain(`Deployment/${namespace}/whoami: `);
  expect(only).toMatch(/failed calling webhook "deployments\.example\.com".*connection refused/);
  expect(error.hint).toContain('webhook');
});

test('a webhook with a certificate of somebody else', async () => {
  const namespace = await freshNamespace();
  const [webhook, stranger] = await Promise.all([refusing('never asked'), refusing('nor this one')]);
  await register(namespace, { url: `${webhook.server}/check`, caBundle: caBundle(stranger) });
  const { exit, error } = await refusal(namespace);
  expect([exit, error.code]).toEqual([1, 'WEBHOOK_UNAVAILABLE']);
  expect(error.problems[0]?.message).toContain('certificate signed by unknown authority');
  expect(webhook.seen).toEqual([]);
});
