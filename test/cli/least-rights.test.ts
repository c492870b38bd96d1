import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { cli, cliError, cliJson } from '../support/cli.ts';
import { freshNamespace, kube, userKubeconfig } from '../support/sandbox.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const readIndex = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }];

const newUser = () => `reader-${randomBytes(4).toString('hex')}`;
const subjects = (name: string) => [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }];

/** Gives a user the rights in one namespace. */
async function bindIn(namespace: string, user: string): Promise<void> {
  const root = `${rbac}/namespaces/${namespace}`;
  await kube('POST', `${root}/roles`, { metadata: { name: user }, rules: readIndex });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: user };
  await kube('POST', `${root}/rolebindings`, { metadata: { name: user }, roleRef, subjects: subjects(user) });
}

/** Gives a user the rights in all namespaces, until the test ends. */
async function bindEverywhere(user: string): Promise<void> {
  await kube('POST', `${rbac}/clusterroles`, { metadata: { name: user }, rules: readIndex });
  onTestFinished(async () => void (await kube('DELETE', `${rbac}/clusterroles/${user}`)));
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: user };
  await kube('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name: user },
    roleRef,
    subjects: subjects(user),
  });
  onTestFinished(async () => void (await kube('DELETE', `${rbac}/clusterrolebindings/${user}`)));
}

test('who may read ConfigMaps alone can list and see the history, and no secret', async () => {
  const [namespace, user] = [await freshNamespace(), newUser()];
  await cliJson(['install', 'whoami', '-n', namespace, '--no-wait']);
  await bindIn(namespace, user);
  const as = ['--kubeconfig', await userKubeconfig({ user, namespace })];

  expect(await cliJson(['list', ...as])).toMatchObject({
    items: [{ name: 'whoami', namespace, revision: 1 }],
  });
  expect(await cliJson(['history', 'whoami', ...as])).toMatchObject({ items: [{ number: 1 }] });
  expect(await cliJson(['outdated', ...as])).toMatchObject({ items: [], unknown: [] });

  const { exit, error } = await cliError(['credentials', 'whoami', ...as]);
  expect([exit, error.code]).toEqual([7, 'FORBIDDEN']);
  expect(error.message).toMatch(/secret/i);
});

test('who may see everything but Secrets (the role view) can also ask for the status (row 25)', async () => {
  const [namespace, user] = [await freshNamespace(), newUser()];
  await cliJson(['install', 'postgres', 'db', '-n', namespace]);
  await kube('POST', `${rbac}/namespaces/${namespace}/rolebindings`, {
    metadata: { name: user },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: subjects(user),
  });
  const as = ['--kubeconfig', await userKubeconfig({ user, namespace })];
  const status = await cli(['status', 'db', ...as, '-o', 'json']);
  expect([status.code, JSON.parse(status.stdout)]).toMatchObject([0, { health: 'healthy' }]);
  expect(await cliJson(['list', ...as])).toMatchObject({ items: [{ name: 'db' }] });
  expect(await cliJson(['outdated', ...as])).toMatchObject({ items: [], unknown: [] });
  expect(await cliJson(['history', 'db', ...as])).toMatchObject({ items: [{ number: 1 }] });
});

test('who may read ConfigMaps everywhere lists all namespaces', async () => {
  const [namespace, user] = [await freshNamespace(), newUser()];
  await cliJson(['install', 'whoami', '-n', namespace, '--no-wait']);
  await bindEverywhere(user);
  const as = ['--kubeconfig', await userKubeconfig({ user })];
  const result = await cli(['list', '-A', '-o', 'json', ...as]);
  expect(result.code).toBe(0);
  expect(JSON.parse(result.stdout)).toMatchObject({
    items: expect.arrayContaining([expect.objectContaining({ name: 'whoami', namespace })]),
  });
  expect(result.stderr).not.toContain('not all of them');
});

test('who may read one namespace only gets that one from `list -A`, and is told so', async () => {
  const [namespace, other, user] = [await freshNamespace(), await freshNamespace(), newUser()];
  for (const one of [namespace, other]) await cliJson(['install', 'whoami', '-n', one, '--no-wait']);
  await bindIn(namespace, user);
  const result = await cli([
    ...['list', '-A', '-o', 'json'],
    ...['--kubeconfig', await userKubeconfig({ user, namespace })],
  ]);
  expect(result.code).toBe(0);
  expect(JSON.parse(result.stdout)).toMatchObject({
    items: [{ name: 'whoami', namespace }],
    limitedTo: namespace,
  });
  expect(result.stdout).not.toContain(other);
  expect(result.stderr).toContain(`You may list namespace ${namespace} only, not all of them.`);
});

test('who may read nothing is told what is missing', async () => {
  const namespace = await freshNamespace();
  const kubeconfig = await userKubeconfig({ user: newUser(), namespace });
  const { exit, error } = await cliError(['list', '--kubeconfig', kubeconfig]);
  expect([exit, error.code]).toEqual([7, 'FORBIDDEN']);
  expect(error.message).toMatch(/configmaps/i);
  expect(error.message).toContain(namespace);
});
