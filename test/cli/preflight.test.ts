import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { cliError, packageFolder } from '../support/cli.ts';
import { written } from '../support/contents.ts';
import { freshNamespace, kube, userKubeconfig } from '../support/sandbox.ts';
import { configMapResource, tinyApp } from '../support/tiny-app.ts';

test('a package that needs another Kubernetes and what the cluster lacks: both told, nothing written', async () => {
  const namespace = await freshNamespace();
  const app = parse(tinyApp([configMapResource('${name}')]));
  const requires = { kubernetes: '>=9.0', capabilities: ['storage', 'example.com/Widget'] };
  const folder = await packageFolder(stringify({ ...app, requires }));
  const { exit, error } = await cliError(['install', folder, '-n', namespace]);
  expect([exit, error.code]).toEqual([1, 'REQUIREMENT_UNMET']);
  const told = error.problems.map(({ message }) => message);
  expect(told).toEqual([
    expect.stringContaining('Kubernetes >=9.0 is required, the cluster runs v1.'),
    expect.stringContaining('`example.com/Widget`'),
  ]);
  expect(await written(namespace)).toEqual({});
});

// Without `escalate` and `bind`
const noEscalation = ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete'];

const allowed = (rules: readonly object[]) => [
  ...rules,
  { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['*'] },
  { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: noEscalation },
];

/** A namespace with a user who has these rights in it, and may make ConfigMaps, Secrets and Roles. */
async function userWith(rules: readonly object[]): Promise<{ namespace: string; as: string[] }> {
  const namespace = await freshNamespace();
  const user = `user-of-${namespace}`;
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  await kube('POST', `${path}/roles`, { metadata: { name: 'given' }, rules: allowed(rules) });
  await kube('POST', `${path}/rolebindings`, {
    metadata: { name: 'given' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'given' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  });
  return { namespace, as: ['-n', namespace, '--kubeconfig', await userKubeconfig({ user, namespace })] };
}

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: '${name}' },
  spec: { ports: [{ port: 80 }] },
};
const role = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: '${name}' },
  rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['delete'] }],
};

test.each([
  ['a kind that the user may not write', service, [], 'Service/'],
  ['`create` alone: server-side apply needs `patch` too', service, ['create'], 'Service/'],
  ['a Role with rights that its maker does not have', role, [], 'Role/'],
])('%s is found before the first write (exit 7)', async (_what, resource, verbs, named) => {
  const { namespace, as } = await userWith(
    verbs.length === 0 ? [] : [{ apiGroups: [''], resources: ['services'], verbs }],
  );
  const before = await written(namespace);
  const folder = await packageFolder(tinyApp([configMapResource('${name}'), resource]));
  const { exit, error } = await cliError(['install', folder, ...as]);
  expect([exit, error.code]).toEqual([7, 'FORBIDDEN']);
  expect(JSON.stringify(error)).toContain(`${named}${namespace}/tiny`);
  expect(await written(namespace)).toEqual(before);
});
