import { expect, test } from 'vitest';
import { cli, cliError, cliJson, packageFolder } from '../support/cli.ts';
import { freshNamespace, kube } from '../support/sandbox.ts';
import { configMapResource, tinyApp } from '../support/tiny-app.ts';

const map = async (namespace: string): Promise<unknown> =>
  ((await kube('GET', `/api/v1/namespaces/${namespace}/configmaps/tiny`)) as { data: unknown }).data;

const tiny = (is: string) => packageFolder(tinyApp([configMapResource('tiny', { is })]));

/** Two revisions of a package from folders. */
async function twoRevisions(): Promise<string> {
  const namespace = await freshNamespace();
  await cliJson(['install', await tiny('one'), '-n', namespace]);
  await cliJson(['upgrade', 'tiny', await tiny('two'), '-n', namespace]);
  return namespace;
}

test('rollback shows what it changes, goes back, and the history says to where', async () => {
  const namespace = await twoRevisions();
  const planned = await cli(['rollback', 'tiny', '--dry-run', '--exit-code', '-n', namespace]);
  expect(planned.code).toBe(3);
  expect(planned.stdout).toContain('Roll back tiny (tiny 1.0.0) to revision 1');
  expect(planned.stdout).toContain('.data.is: two -> one');
  expect(await map(namespace)).toEqual({ is: 'two' });

  const done = await cli(['rollback', 'tiny', '-n', namespace]);
  expect([done.code, done.stdout]).toEqual([0, expect.stringContaining('is rolled back')]);
  expect(await map(namespace)).toEqual({ is: 'one' });
  expect((await cli(['history', 'tiny', '-n', namespace])).stdout).toMatch(/^3\s+rollback to 1\s/m);
  expect(await cliJson(['rollback', 'tiny', '2', '-n', namespace])).toMatchObject({
    kind: 'Change',
    outcome: 'changed',
    revision: 4,
    plan: { operation: 'rollback' },
  });
});

test('rollback and --undo refuse what cannot be', async () => {
  const namespace = await twoRevisions();
  const at = ['-n', namespace];
  const tries: readonly (readonly [readonly string[], number, string])[] = [
    [['rollback', 'tiny', 'first'], 2, 'USAGE'],
    [['rollback', 'tiny', '9'], 4, 'REVISION_NOT_FOUND'],
    [['rollback', 'other'], 4, 'INSTALLATION_NOT_FOUND'],
    [['upgrade', 'tiny', '--undo'], 4, 'NOTHING_TO_UNDO'],
    [['upgrade', 'tiny', '--undo', '--set', 'a=1'], 2, 'USAGE'],
  ];
  for (const [argv, exit, code] of tries) {
    const failed = await cliError([...argv, ...at]);
    expect([failed.exit, failed.error.code], argv.join(' ')).toEqual([exit, code]);
  }
  expect(await map(namespace)).toEqual({ is: 'two' });
});

test('RBAC from the record is shown apart and written only with --allow-cluster-scope', async () => {
  const namespace = await freshNamespace();
  const role = (verb: string) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'tiny' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: [verb] }],
  });
  await cliJson(['install', await packageFolder(tinyApp([role('list')])), '-n', namespace]);
  await cliJson(['upgrade', 'tiny', await packageFolder(tinyApp([role('get')])), '-n', namespace]);
  const planned = await cli(['rollback', 'tiny', '--dry-run', '-n', namespace]);
  expect(planned.stdout).toContain(`Written from the record beyond namespace ${namespace}`);
  const refused = await cliError(['rollback', 'tiny', '-n', namespace]);
  expect([refused.exit, refused.error.code]).toEqual([2, 'CLUSTER_SCOPE_UNCONFIRMED']);
  expect(await cliJson(['rollback', 'tiny', '--allow-cluster-scope', '-n', namespace])).toMatchObject({
    revision: 3,
  });
});
