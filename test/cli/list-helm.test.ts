import { expect, test } from 'vitest';
import { cli, cliJson, packageFolder } from '../support/cli.ts';
import { releaseObject, type SampleRelease, wrapRelease } from '../support/helm-samples.ts';
import { freshNamespace, kube, userKubeconfig } from '../support/sandbox.ts';
import { configMapResource, tinyApp } from '../support/tiny-app.ts';

const create = (namespace: string, over: Partial<SampleRelease>, content?: string) => {
  const sample = { namespace, name: 'web', version: 1, status: 'deployed', ...over };
  const object = content === undefined ? releaseObject(sample) : wrapRelease(sample, content);
  return kube('POST', `/api/v1/namespaces/${namespace}/${object.kind.toLowerCase()}s`, object);
};

test('list --helm shows the releases of Helm beside the installations, each with its manager', async () => {
  const namespace = await freshNamespace();
  await create(namespace, { status: 'superseded' });
  await create(namespace, { version: 2 });
  await create(namespace, { name: 'old', kind: 'ConfigMap', status: 'failed' });
  await create(namespace, { name: 'torn' }, 'bm90aGluZw==');
  const folder = await packageFolder(tinyApp([configMapResource('${name}')]));
  await cliJson(['install', folder, 'ours', '-n', namespace]);

  const plain = await cli(['list', '-n', namespace]);
  expect(plain.stdout).not.toContain('MANAGER');
  expect(plain.stdout).not.toContain('web');

  const list = (await cliJson(['list', '--helm', '-n', namespace])) as {
    readonly items: readonly Record<string, unknown>[];
    readonly problems: readonly { readonly message: string }[];
  };
  expect(
    list.items.map(({ manager, name, app, version, revision, state }) => [
      manager,
      name,
      app,
      version,
      revision,
      state,
    ]),
  ).toEqual([
    ['helm', 'old', 'demo', '1.0.1', 1, 'failed'],
    ['appstore', 'ours', 'tiny', '1.0.0', 1, 'deployed'],
    ['helm', 'torn', '', '', 1, 'deployed'],
    ['helm', 'web', 'demo', '1.0.2', 2, 'deployed'],
  ]);
  expect(list.problems.map(({ message }) => message)).toEqual([
    `Secret/${namespace}/sh.helm.release.v1.torn.v1: it is not JSON`,
  ]);

  const table = await cli(['list', '--helm', '-n', namespace]);
  expect(table.stdout).toMatch(/^NAME +MANAGER +APP +VERSION/);
  expect(table.stdout).toMatch(/web +helm +demo +1\.0\.2 +deployed +2/);
  expect(table.stderr).toContain('torn.v1: it is not JSON');
  expect((await cli(['list', '--helm', '-n', namespace, '-o', 'name'])).stdout).toBe(
    'old\nours\ntorn\nweb\n',
  );
});

test('who may not list Secrets sees the installations and is told what is missing', async () => {
  const namespace = await freshNamespace();
  await create(namespace, {});
  const kubeconfig = await userKubeconfig({ user: `reader-${namespace}` });
  await kube('POST', `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'reader' },
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }],
  });
  await kube('POST', `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'reader' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'User', name: `reader-${namespace}`, apiGroup: 'rbac.authorization.k8s.io' }],
  });
  const result = await cli(['list', '--helm', '-n', namespace, '--kubeconfig', kubeconfig]);
  expect(result.code).toBe(0);
  expect(result.stderr).toContain(
    'you may not list Secrets here: releases that Helm keeps in Secrets are not shown',
  );
});
