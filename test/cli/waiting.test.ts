import { expect, test } from 'vitest';
import { cli, cliError, cliJson, packageFolder } from '../support/cli.ts';
import { freshNamespace } from '../support/sandbox.ts';
import { type Sick, sickApp } from '../support/sick-app.ts';

/** Installs what will not become ready, and answers how that ends. */
async function failedInstall(sick: Sick, ...flags: string[]) {
  const namespace = await freshNamespace();
  const folder = await packageFolder(sickApp(sick));
  const { exit, error } = await cliError(['install', folder, 'web', '-n', namespace, ...flags]);
  const { hint } = error;
  return {
    namespace,
    exit,
    hint,
    code: error.code,
    said: error.problems.map(({ message }) => message).join('\n'),
  };
}

const early: readonly (readonly [string, Sick, readonly string[], RegExp])[] = [
  [
    'an image refused twice',
    { behaviour: 'image-pull-not-found' },
    [],
    /not found .*\(IMAGE_PULL_NOT_FOUND\)/,
  ],
  ['an image name that is none', { behaviour: 'image-name-invalid' }, [], /\(IMAGE_NAME_INVALID\)/],
  ['memory three times', { behaviour: 'oom' }, [], /\(OOM_KILLED\)/],
  ['a Job that failed', { kind: 'Job', behaviour: 'job-failed' }, [], /\(JOB_FAILED\)/],
  [
    'no node, with the numbers',
    { requests: { cpu: '10000' } },
    ['--fail-after', '2s'],
    /asks for 10k CPU; of 2 nodes sandbox-\d has most left: .* of 256 CPU \(UNSCHEDULABLE_CPU\)/,
  ],
  ['an unbound claim', { claim: 'absent' }, ['--fail-after', '2s'], /"absent" not found \(VOLUME_UNBOUND\)/],
  ['a missing Secret', { behaviour: 'config-missing' }, ['--fail-after', '2s'], /\(CONFIG_INVALID\)/],
];

test.each(early)('waiting ends early on lasting evidence: %s (row 5)', async (_name, sick, flags, said) => {
  const failed = await failedInstall(sick, ...flags);
  expect([failed.exit, failed.code]).toEqual([6, 'UNHEALTHY']);
  expect(failed.said).toMatch(said);
  expect(failed.hint).toContain(`appstore why web -n ${failed.namespace}`);
});

const late: readonly (readonly [string, Sick, readonly string[], RegExp])[] = [
  ['a registry that is not reached', { behaviour: 'image-pull-network' }, [], /\(IMAGE_PULL_NETWORK\)/],
  ['a probe that fails', { behaviour: 'never-ready' }, [], /\(PROBE_FAILING\)/],
  ['--fail-after never', { behaviour: 'oom' }, ['--fail-after', 'never'], /\(OOM_KILLED\)/],
];

test.each(late)(
  'waiting goes on to the timeout, and its error has the cause all the same: %s',
  async (_name, sick, flags, said) => {
    const failed = await failedInstall(sick, '--timeout', '6s', ...flags);
    expect([failed.exit, failed.code]).toEqual([6, 'WAIT_TIMEOUT']);
    expect(failed.said).toMatch(said);
  },
);

test('while waiting the last log lines of a container that ends are told, once', async () => {
  const namespace = await freshNamespace();
  const folder = await packageFolder(sickApp({ behaviour: 'crash-loop' }));
  const { code, stderr } = await cli(['install', folder, 'web', '-n', namespace]);
  expect(code).toBe(6);
  const [log, ended] = [stderr.indexOf('fatal: simulated crash'), stderr.indexOf('Error:')];
  expect(log).toBeGreaterThan(stderr.indexOf('Waiting until everything is ready'));
  expect(log).toBeLessThan(ended);
  expect(stderr.split('BackOff: Back-off restarting failed container')).toHaveLength(2);
});

test('what was found is kept when the install is taken back (row 6)', async () => {
  const failed = await failedInstall({ behaviour: 'crash-loop' }, '--undo-on-failure');
  expect(failed.code).toBe('UNHEALTHY');
  const at = ['web', '-n', failed.namespace];
  expect(await cliJson(['history', ...at])).toMatchObject({ items: [{ number: 1, cause: 'CRASH_LOOP' }] });
  const then = (await cliJson(['why', ...at, '--revision', '1'])) as {
    readonly findings: readonly { readonly evidence: readonly { readonly source: string }[] }[];
  };
  expect(then).toMatchObject({ source: 'record', cause: 'CRASH_LOOP', problems: [] });
  expect(then.findings[0]?.evidence.map(({ source }) => source)).toContain('log');
});
