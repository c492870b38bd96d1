import { expect, test } from 'vitest';
import { cli, cliError, cliJson, packageFolder, startBuilt } from '../support/cli.ts';
import { freshNamespace, kube } from '../support/sandbox.ts';
import { configMapResource, tinyApp, workloadResource } from '../support/tiny-app.ts';

const healthy = (is: string) => packageFolder(tinyApp([configMapResource('tiny', { is })]));
const neverReady = () =>
  packageFolder(
    tinyApp([configMapResource('tiny', { is: 'new' }), workloadResource({ behaviour: 'never-ready' })]),
  );

const map = async (namespace: string): Promise<unknown> =>
  ((await kube('GET', `/api/v1/namespaces/${namespace}/configmaps/tiny`)) as { data: unknown }).data;

/** An upgrade of a package from a folder that is killed while it waits. */
async function killedUpgrade(): Promise<string> {
  const namespace = await freshNamespace();
  await cliJson(['install', await healthy('old'), '-n', namespace]);
  const upgrade = await startBuilt(['upgrade', 'tiny', await neverReady(), '-n', namespace]);
  await upgrade.seen('Waiting until everything is ready');
  upgrade.kill('SIGKILL');
  await upgrade.done;
  return namespace;
}

test('after a kill every command tells what was under way; upgrade NAME goes on with it, from a folder too (row 1)', async () => {
  const namespace = await killedUpgrade();
  const at = ['-n', namespace];
  for (const argv of [
    ['status', 'tiny'],
    ['history', 'tiny'],
    ['get', 'tiny', 'values'],
    ['why', 'tiny'],
    ['events', 'tiny'],
    ['drift', 'tiny'],
    ['logs', 'tiny'],
    ['credentials', 'tiny'],
  ]) {
    const { stderr } = await cli([...argv, ...at]);
    expect(stderr, argv[0]).toMatch(
      /^Warning: tiny: upgrade to revision 2, begun \d+s ago by .+, is not finished\. If it was cut: `appstore upgrade tiny -n \S+` goes on, `appstore upgrade tiny --undo -n \S+` goes back\.$/m,
    );
  }
  const list = await cli(['list', ...at]);
  expect(list.stdout).toMatch(/tiny .*upgrading/);
  expect(list.stderr).toContain(`Warning: not finished: ${namespace}/tiny (upgrading).`);
  expect((await cli(['history', 'tiny', '-q', ...at])).stderr).toBe('');

  const resumed = await cli(['upgrade', 'tiny', '--no-wait', ...at]);
  expect([resumed.code, resumed.stderr]).toEqual([0, expect.stringContaining('Going on with the upgrade')]);
  expect(await cliJson(['history', 'tiny', ...at])).toMatchObject({
    items: [
      { number: 2, operation: 'upgrade', result: 'deployed' },
      { number: 1, result: 'superseded' },
    ],
  });
  expect(await map(namespace)).toEqual({ is: 'new' });
});

test('upgrade --undo goes back from an upgrade that was killed (row 1)', async () => {
  const namespace = await killedUpgrade();
  expect(await cliJson(['upgrade', 'tiny', '--undo', '-n', namespace])).toMatchObject({
    outcome: 'changed',
    revision: 3,
    plan: { operation: 'rollback' },
  });
  expect(await map(namespace)).toEqual({ is: 'old' });
  const cut = await cliJson(['why', 'tiny', '--revision', '2', '-n', namespace]);
  expect(cut).toMatchObject({ source: 'record', cause: 'INTERRUPTED' });
});

test('--undo-on-failure goes back; exit code and message are those of the failure, which history and why keep (row 6)', async () => {
  const namespace = await freshNamespace();
  const at = ['-n', namespace, '--timeout', '10s', '--undo-on-failure'];
  const install = await cliError(['install', await neverReady(), ...at]);
  expect([install.exit, install.error.code]).toEqual([6, 'WAIT_TIMEOUT']);
  expect(install.error.hint).toContain('It was undone: its objects are removed');
  await cliJson(['install', await healthy('old'), '-n', namespace]);
  const upgrade = await cliError(['upgrade', 'tiny', await neverReady(), ...at]);
  expect([upgrade.exit, upgrade.error.code]).toEqual([6, 'WAIT_TIMEOUT']);
  expect(upgrade.error.hint).toContain('It was undone: revision 4 is revision 2 again.');
  expect(await map(namespace)).toEqual({ is: 'old' });
  expect(await cliJson(['history', 'tiny', '-n', namespace])).toMatchObject({
    items: [
      { number: 4, operation: 'rollback', target: 2, result: 'deployed' },
      { number: 3, result: 'failed', cause: expect.any(String) },
      { number: 2, result: 'superseded' },
      { number: 1, result: 'failed', cause: expect.any(String) },
    ],
  });
  for (const revision of ['1', '3'])
    expect(await cliJson(['why', 'tiny', '--revision', revision, '-n', namespace])).toMatchObject({
      kind: 'Diagnosis',
      source: 'record',
      cause: 'PROBE_FAILING',
    });
});
