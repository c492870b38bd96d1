import { expect, inject, onTestFinished, test } from 'vitest';
import { cli, cliError, cliJson } from '../support/cli.ts';
import { testCluster } from '../support/connect.ts';
import { faultProxy } from '../support/faults/proxy.ts';
import { checkInstallation } from '../support/proofs/invariants.ts';
import { freshNamespace, testKubeconfig } from '../support/sandbox.ts';

/** Longer than the few tries that every request has: about six seconds. */
const outage = 9_000;

/** A server that goes away at a write and comes back; everything but its time of absence is real. */
async function vanishingServer(write: number) {
  const proxy = await faultProxy(testKubeconfig(), inject('sandbox').home);
  onTestFinished(() => proxy.close());
  proxy.decide((request) => {
    if (request.write !== write) return undefined;
    proxy.goDown(outage);
    return { type: 'reset', when: 'before', what: 'connection' };
  });
  return proxy;
}

test.each([
  [1, 15],
  [6, 15],
  [6, 2],
])(
  'a server that is away from write %i on is waited for up to --timeout, with a lock of %i s (rows 1, 31)',
  async (write, seconds) => {
    const [namespace, proxy] = [await freshNamespace(), await vanishingServer(write)];
    const cluster = await testCluster();
    onTestFinished(() => cluster.close());
    const args = ['-n', namespace, '--kubeconfig', proxy.kubeconfig, '--timeout', '60s'];
    const env = { APPSTORE_LOCK_SECONDS: String(seconds) };
    const result = await cli(['install', 'whoami', ...args, '-o', 'json'], { env });
    expect([result.code, result.stderr]).toEqual([0, expect.anything()]);
    expect(await cliJson(['status', 'whoami', '-n', namespace])).toMatchObject({ health: 'healthy' });
    expect(await checkInstallation(cluster, { namespace, name: 'whoami' })).toEqual([]);
  },
);

test('one that comes back and has not read its roles yet is waited for too (row 31)', async () => {
  const [namespace, proxy] = [
    await freshNamespace(),
    await faultProxy(testKubeconfig(), inject('sandbox').home),
  ];
  onTestFinished(() => proxy.close());
  const [away, cold] = [2_000, 5_000];
  let downAt = Number.POSITIVE_INFINITY;
  proxy.decide((request) => {
    if (request.write === 6 && downAt === Number.POSITIVE_INFINITY) {
      downAt = performance.now();
      proxy.goDown(away);
      return { type: 'reset', when: 'before', what: 'connection' };
    }
    const since = performance.now() - downAt;
    return since > 0 && since < away + cold ? { type: 'refuse', status: 403 } : undefined;
  });
  const args = ['-n', namespace, '--kubeconfig', proxy.kubeconfig, '--timeout', '60s', '-o', 'json'];
  const result = await cli(['install', 'whoami', ...args]);
  expect([result.code, result.stderr]).toEqual([0, expect.anything()]);
  expect(proxy.log.filter((line) => line.includes('"status":403')).length).toBeGreaterThan(1);
});

test('a refusal by a server that was never away is an answer at once', async () => {
  const [namespace, proxy] = [
    await freshNamespace(),
    await faultProxy(testKubeconfig(), inject('sandbox').home),
  ];
  onTestFinished(() => proxy.close());
  proxy.decide(({ write }) => (write >= 6 ? { type: 'refuse', status: 403 } : undefined));
  const args = ['-n', namespace, '--kubeconfig', proxy.kubeconfig, '--timeout', '60s'];
  const { exit, error } = await cliError(['install', 'whoami', ...args]);
  expect([exit, error.code]).toEqual([7, 'FORBIDDEN']);
});

test('one that stays away longer than --timeout is an error, and the same command goes on', async () => {
  const [namespace, proxy] = [await freshNamespace(), await vanishingServer(4)];
  const args = ['install', 'whoami', '-n', namespace];
  const { error } = await cliError([...args, '--kubeconfig', proxy.kubeconfig, '--timeout', '3s']);
  expect(error.code).toBe('CLUSTER_UNREACHABLE');
  expect(await cliJson(args)).toMatchObject({ outcome: 'changed' });
});
