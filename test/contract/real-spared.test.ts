import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/domain/objects.ts';
import { fieldManager } from '../../src/domain/ownership.ts';
import { changeHarness } from '../support/change-harness.ts';
import { testCluster } from '../support/connect.ts';
import { configMap } from '../support/fixture-app.ts';
import { freshNamespace, kube, userKubeconfig } from '../support/sandbox.ts';
import { unique, until } from './setup.ts';
import { sparedContract } from './spared.ts';

/** A user with the built-in role `admin` in one namespace. */
async function tenantOf(namespace: string) {
  const user = unique('tenant');
  const apiGroup = 'rbac.authorization.k8s.io';
  await kube('POST', `/apis/${apiGroup}/v1/namespaces/${namespace}/rolebindings`, {
    metadata: { name: user },
    roleRef: { apiGroup, kind: 'ClusterRole', name: 'admin' },
    subjects: [{ apiGroup, kind: 'User', name: user }],
  });
  return testCluster(await userKubeconfig({ user, namespace }));
}

sparedContract('a real API server', async () => {
  const [cluster, namespace] = await Promise.all([testCluster(), freshNamespace()]);
  const tenant = await tenantOf(namespace);
  const dispose = async () => {
    await Promise.all([cluster.close(), tenant.close()]);
  };
  return { cluster, tenant, namespace, dispose };
});

describe('what is refused is refused before anything is written, many simple objects or few', () => {
  const many = (bad: Partial<KubeObject>) => () => [
    ...Array.from({ length: 20 }, (_, at) => configMap(`one-${at}`, { a: '1' })),
    { ...configMap('one-bad'), ...bad },
  ];
  const rows: readonly [title: string, bad: Partial<KubeObject>, message: RegExp][] = [
    ['a key that is not allowed', { data: { 'a b': '1' } }, /ConfigMap\/.*\/one-bad: .*a valid config key/],
    [
      'a label that is not allowed',
      { metadata: { name: 'one-bad', labels: { a: 'b c' } } },
      /one-bad: .*a valid label must be/,
    ],
    ['too much data', { data: { a: 'x'.repeat(1024 * 1024 + 1) } }, /one-bad: .*1048576 bytes/],
    [
      'a Secret without its keys',
      { kind: 'Secret', type: 'kubernetes.io/tls', data: {} },
      /one-bad: .*tls\.crt/,
    ],
    ['an unknown field', { dta: {} } as Partial<KubeObject>, /one-bad: .*\.dta: field not declared/],
  ];

  async function refusedInstall(namespace: string, objects: () => KubeObject[]) {
    const cluster = await testCluster();
    try {
      const harness = changeHarness({ cluster, namespace, name: 'one', app: { version: '1.0.0', objects } });
      const error: unknown = await harness.install().catch((thrown: unknown) => thrown);
      const kind = { group: '', version: 'v1', kind: 'ConfigMap' };
      const names = (await cluster.listMetadata(kind, { namespace })).items.map((item) => item.metadata.name);
      expect(names.filter((one) => one !== 'kube-root-ca.crt')).toEqual([]);
      return error as { code: string; problems: { message: string }[] };
    } finally {
      await cluster.close();
    }
  }

  it.for(rows)('%s', async ([, bad, message]) => {
    const failure = await refusedInstall(await freshNamespace(), many(bad));
    expect(failure.code).toBe('API_INVALID');
    expect(failure.problems).toHaveLength(1);
    expect(failure.problems[0]?.message).toMatch(message);
  });

  it('a quota that the objects exceed together', async () => {
    const namespace = await freshNamespace();
    const quota = { metadata: { name: 'small' }, spec: { hard: { 'count/configmaps': '10' } } };
    await kube('POST', `/api/v1/namespaces/${namespace}/resourcequotas`, quota);
    const cluster = await testCluster();
    const ref = { group: '', version: 'v1', kind: 'ResourceQuota', namespace, name: 'small' };
    await until(async () => (await cluster.get(ref))?.status?.hard !== undefined);
    await cluster.close();
    const failure = await refusedInstall(namespace, many({}));
    expect(failure.code).toBe('QUOTA_EXCEEDED');
  });

  it('a policy that refuses one of many', async () => {
    const [cluster, namespace] = await Promise.all([testCluster(), freshNamespace()]);
    const metadata = { name: unique('policy') };
    const apiVersion = 'admissionregistration.k8s.io/v1';
    const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
    const resourceRules = [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
    ];
    await cluster.create({
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        matchConstraints: { namespaceSelector, resourceRules },
        validations: [{ expression: "object.metadata.name != 'one-19'", message: 'not nineteen' }],
      },
    } as KubeObject);
    await cluster.create({
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: metadata.name, validationActions: ['Deny'] },
    } as KubeObject);
    try {
      const probe = { ...configMap('one-19'), metadata: { name: 'one-19', namespace } };
      await until(() =>
        cluster.applyMetadata(probe, { fieldManager, dryRun: true }).then(
          () => false,
          () => true,
        ),
      );
      const failure = await refusedInstall(namespace, many({}));
      expect(failure.code).toBe('ADMISSION_DENIED');
      expect(failure.problems[0]?.message).toContain('not nineteen');
    } finally {
      for (const kind of ['ValidatingAdmissionPolicyBinding', 'ValidatingAdmissionPolicy'])
        await cluster.delete({
          group: 'admissionregistration.k8s.io',
          version: 'v1',
          kind,
          namespace: '',
          ...metadata,
        });
      await cluster.close();
    }
  });
});
