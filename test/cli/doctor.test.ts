import { expect, test } from 'vitest';
import { cli, cliJson } from '../support/cli.ts';
import { freshNamespace, userKubeconfig } from '../support/sandbox.ts';

test('the doctor examines a real cluster', async () => {
  const report = (await cliJson(['doctor'])) as { findings: unknown };
  expect(report).toMatchObject({ kind: 'DoctorReport' });
  expect(report.findings).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        check: 'version',
        state: 'ok',
        message: expect.stringMatching(/^Kubernetes v1\./),
      }),
      expect.objectContaining({ check: 'storage', state: 'ok', message: 'default StorageClass standard' }),
      expect.objectContaining({ check: 'permissions', state: 'ok' }),
      expect.objectContaining({ area: 'catalogs', check: 'builtin', state: 'ok' }),
    ]),
  );
});

test('the doctor tells who may do nothing what is missing, and a dead cluster with exit 1 (row 25)', async () => {
  const namespace = await freshNamespace();
  const nobody = ['--kubeconfig', await userKubeconfig({ user: 'nobody-at-all', namespace })];
  const poor = await cli(['doctor', '-o', 'json', ...nobody]);
  expect(JSON.parse(poor.stdout).findings).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        check: 'permissions',
        state: 'warning',
        fix: expect.stringContaining('appstore rbac'),
      }),
      expect.objectContaining({ check: 'storage', state: 'skipped' }),
    ]),
  );
  const dead = await cli(['doctor', '--kubeconfig', '/nowhere/kubeconfig']);
  expect(dead.code).toBe(1);
  expect(dead.stdout).toContain('builtin: 15 apps');
});
