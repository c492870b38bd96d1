import { expect, test } from 'vitest';
import { cli, cliError, cliJson, errorIn, packageFolder } from '../support/cli.ts';
import { written } from '../support/contents.ts';
import { freshNamespace, kube } from '../support/sandbox.ts';
import { configMapResource, tinyApp } from '../support/tiny-app.ts';

interface PlannedChange {
  readonly outcome: string;
  readonly plan: {
    readonly counts: { readonly conflict: number };
    readonly objects: readonly { readonly action: string; readonly conflicts: readonly unknown[] }[];
  };
}

const next = (value: string) => packageFolder(tinyApp([configMapResource('${name}', { a: value, b: 'c' })]));

/** An installation with a field that somebody else changed. */
async function contested(): Promise<string> {
  const namespace = await freshNamespace();
  await cliJson(['install', await packageFolder(tinyApp([configMapResource('${name}')])), '-n', namespace]);
  const path = `/api/v1/namespaces/${namespace}/configmaps/tiny?fieldManager=kubectl-edit`;
  await kube('PATCH', path, { data: { a: 'theirs' } });
  return namespace;
}

test('a dry run shows manager, field and both values of a conflict as its result, and exits with 5 (row 7)', async () => {
  const namespace = await contested();
  const before = await written(namespace);
  const argv = ['upgrade', 'tiny', await next('ours'), '--dry-run', '-n', namespace];
  const text = await cli(argv);
  expect(text.code, text.stderr).toBe(5);
  expect(text.stdout).toContain(`! ConfigMap/${namespace}/tiny`);
  expect(text.stdout).toContain('.data.a is held by kubectl-edit: ours ours, theirs theirs');
  expect(text.stdout).toContain('1 in conflict');
  expect(text.stderr).toContain('[FIELD_CONFLICT]');

  const json = await cli([...argv, '-o', 'json']);
  expect(json.code).toBe(5);
  expect(errorIn(json.stderr).code).toBe('FIELD_CONFLICT');
  const { outcome, plan } = JSON.parse(json.stdout) as PlannedChange;
  expect([outcome, plan.counts.conflict]).toEqual(['planned', 1]);
  expect(plan.objects.find(({ action }) => action === 'conflict')?.conflicts).toEqual([
    { manager: 'kubectl-edit', field: '.data.a', ours: 'ours', theirs: 'theirs' },
  ]);
  expect(await written(namespace)).toEqual(before);
});

test('without a dry run the plan stands before the error, and nothing is written', async () => {
  const namespace = await contested();
  const before = await written(namespace);
  const { code, stdout, stderr } = await cli(['upgrade', 'tiny', await next('ours'), '-n', namespace]);
  expect([code, stdout]).toEqual([5, '']);
  const [plan, error] = ['.data.a is held by kubectl-edit: ours ours', '[FIELD_CONFLICT]'];
  expect(stderr.indexOf(plan)).toBeGreaterThan(-1);
  expect(stderr.indexOf(error)).toBeGreaterThan(stderr.indexOf(plan));
  expect(await written(namespace)).toEqual(before);
});

test('--take and --yield decide per field, are shown in plan and values, and hold (row 7)', async () => {
  const namespace = await freshNamespace();
  const first = await packageFolder(tinyApp([configMapResource('${name}', { a: '1', b: '1' })]));
  await cliJson(['install', first, '-n', namespace]);
  const path = `/api/v1/namespaces/${namespace}/configmaps/tiny`;
  await kube('PATCH', `${path}?fieldManager=kubectl-edit`, { data: { a: 'theirs', b: 'theirs' } });
  const argv = ['upgrade', 'tiny', await next('ours'), '-n', namespace];

  const refused = await cli([...argv, '--dry-run', '--take', 'ConfigMap/tiny:.data.a']);
  expect(refused.code).toBe(5);
  expect(refused.stdout).toContain('ours ours, theirs theirs (taken: ours is set)');
  expect(refused.stderr).toContain('--yield ConfigMap/tiny:.data.b');

  const choices = ['--take', 'ConfigMap/tiny:.data.a', '--yield', `ConfigMap/${namespace}/tiny:.data.b`];
  const planned = await cli([...argv, '--dry-run', '--exit-code', ...choices]);
  expect(planned.code, planned.stderr).toBe(3);
  expect(planned.stdout).toContain('(yielded: theirs stays)');
  await cliJson([...argv, ...choices]);
  expect(await kube('GET', path)).toMatchObject({ data: { a: 'ours', b: 'theirs' } });
  const yielded = [{ object: `ConfigMap/${namespace}/tiny`, field: '.data.b' }];
  expect(await cliJson(['get', 'tiny', 'values', '-n', namespace])).toMatchObject({ yielded });
  const text = await cli(['get', 'tiny', 'values', '-n', namespace]);
  expect(text.stdout).toContain(`# ConfigMap/${namespace}/tiny: .data.b is left to its manager`);
});

test.each([
  ['web', 'it names no field'],
  ['web:.spec', 'it names no object'],
])('--take %s is refused before anything is asked of the cluster', async (text, said) => {
  const { exit, error } = await cliError(['upgrade', 'tiny', '--take', text], {
    env: { KUBECONFIG: '/nowhere' },
  });
  expect([exit, error.code]).toEqual([2, 'USAGE']);
  expect(error.message).toContain(said);
});
