import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { cli, cliError, cliJson, packageFolder } from '../support/cli.ts';
import { written } from '../support/contents.ts';
import { freshNamespace, kube, userKubeconfig } from '../support/sandbox.ts';
import { configMapResource, tinyApp, workloadResource } from '../support/tiny-app.ts';

interface Planned {
  readonly outcome: string;
  readonly plan: {
    readonly operation: string;
    readonly objects: readonly {
      readonly kind: string;
      readonly action: string;
      readonly checked: string;
      readonly changes: readonly unknown[];
      readonly conflicts: readonly unknown[];
    }[];
    readonly warnings: readonly { readonly message: string }[];
  };
}

const app = (data: JsonObject, replicas = 1) =>
  packageFolder(tinyApp([configMapResource('${name}', data), workloadResource({ replicas })]));

/** Somebody who may read everything in a namespace and write nothing. */
async function reader(namespace: string): Promise<string[]> {
  const user = `reader-${randomBytes(4).toString('hex')}`;
  const root = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }];
  const apiGroup = 'rbac.authorization.k8s.io';
  await kube('POST', `${root}/roles`, { metadata: { name: user }, rules });
  await kube('POST', `${root}/rolebindings`, {
    metadata: { name: user },
    roleRef: { apiGroup, kind: 'Role', name: user },
    subjects: [{ apiGroup, kind: 'User', name: user }],
  });
  return ['--kubeconfig', await userKubeconfig({ user, namespace }), '-n', namespace];
}

test('plan is an install where there is nothing and an upgrade where there is, and writes nothing (row 10)', async () => {
  const namespace = await freshNamespace();
  const folder = await app({ a: '1', b: '1' });
  const first = await cli(['plan', folder, '-n', namespace, '--exit-code']);
  expect(first.code, first.stderr).toBe(3);
  expect(first.stdout).toContain('Install tiny');
  expect(first.stdout).toContain(`+ ConfigMap/${namespace}/tiny`);
  expect(await written(namespace)).toEqual({});

  await cliJson(['install', folder, 'mine', '-n', namespace]);
  const same = await cli(['plan', folder, 'mine', '-n', namespace, '--exit-code']);
  expect(same.code, same.stderr).toBe(0);
  const next = await app({ a: '2' });
  const changed = (await cliJson(['plan', next, 'mine', '-n', namespace])) as Planned;
  expect([changed.outcome, changed.plan.operation]).toEqual(['planned', 'upgrade']);
  const verbose = await cli(['plan', next, 'mine', '-n', namespace, '-v']);
  expect(verbose.stdout).toContain('.data.a: 1 -> 2');
  expect(verbose.stdout).toContain(`= Deployment/${namespace}/mine`);
});

test('who may not write sees what differs from the live objects, by field ownership', async () => {
  const namespace = await freshNamespace();
  await cliJson(['install', await app({ a: '1', b: '1', c: '1' }), '-n', namespace, '--no-wait']);
  const path = `/api/v1/namespaces/${namespace}/configmaps/tiny?fieldManager=kubectl-edit`;
  await kube('PATCH', path, { data: { extra: 'theirs' } });
  const as = await reader(namespace);
  const next = await app({ a: '2', b: '1' }, 3);
  const shown = await cli(['plan', next, ...as, '-o', 'json', '--exit-code']);
  expect(shown.code, shown.stderr).toBe(3);
  const { plan } = JSON.parse(shown.stdout) as Planned;
  const changes = [
    { path: '.data.a', before: '1', after: '2' },
    { path: '.data.c', before: '1' },
  ];
  expect(plan.objects).toMatchObject([
    { kind: 'ConfigMap', action: 'update', checked: 'ownership', changes, conflicts: [] },
    {
      kind: 'Deployment',
      action: 'update',
      checked: 'ownership',
      changes: [{ path: '.spec.replicas', before: 1, after: 3 }],
    },
  ]);
  const unasked = plan.warnings.filter(({ message }) => message.includes('admission'));
  expect(unasked).toHaveLength(1);
  // What the server says to somebody who may write is the same.
  const allowed = (await cliJson(['plan', next, '-n', namespace])) as Planned;
  expect(allowed.plan.objects.map((one) => one.changes)).toEqual(plan.objects.map((one) => one.changes));

  await kube('PATCH', path, { data: { a: 'theirs' } });
  const conflict = await cli(['plan', next, ...as]);
  expect(conflict.code).toBe(5);
  expect(conflict.stdout).toContain('.data.a is held by kubectl-edit: ours 2, theirs theirs');
  const { exit, error } = await cliError(['upgrade', 'tiny', next, ...as]);
  expect([exit, error.code]).toEqual([7, 'FORBIDDEN']);
});

test('who may not write sees what an adoption would change, and no amount that is only written otherwise', async () => {
  const namespace = await freshNamespace();
  const path = `/api/v1/namespaces/${namespace}/configmaps?fieldManager=kubectl-client-side-apply`;
  const data = { a: 'old', left: 'over' };
  await kube('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tiny' }, data });
  const argv = ['plan', await packageFolder(tinyApp([configMapResource('${name}')])), '--adopt'];
  const shown = await cli([...argv, ...(await reader(namespace)), '-o', 'json']);
  expect(shown.code, shown.stderr).toBe(0);
  const { plan } = JSON.parse(shown.stdout) as Planned;
  const allowed = (await cliJson([...argv, '-n', namespace])) as Planned;
  expect(plan.objects[0]).toMatchObject({
    action: 'update',
    reason: 'adopted from kubectl-client-side-apply',
    checked: 'ownership',
    changes: allowed.plan.objects[0]?.changes,
    conflicts: [],
  });

  const amounts = await freshNamespace();
  const folder = (cpu: string) => packageFolder(tinyApp([workloadResource({ cpu })]));
  await cliJson(['install', await folder('1'), '-n', amounts, '--no-wait']);
  const same = await cli(['plan', await folder('1000m'), ...(await reader(amounts)), '-o', 'json']);
  expect((JSON.parse(same.stdout) as Planned).plan.objects).toMatchObject([{ action: 'unchanged' }]);
});

test('who may not write sees the plan of a first install, and what they may not', async () => {
  const namespace = await freshNamespace();
  const shown = await cli(['plan', await app({ a: '1' }), ...(await reader(namespace)), '-o', 'json']);
  expect(shown.code, shown.stderr).toBe(0);
  const { plan } = JSON.parse(shown.stdout) as Planned;
  expect(plan.objects.map(({ action, checked }) => [action, checked])).toEqual([
    ['create', 'ownership'],
    ['create', 'ownership'],
  ]);
  expect(plan.warnings.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('you may not create'),
  );
  expect(Object.keys(await written(namespace)).filter((id) => id.includes('tiny'))).toEqual([]);
});
