import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { type BuiltRun, cli, cliError, cliJson, errorIn, startBuilt } from '../support/cli.ts';
import { written } from '../support/contents.ts';
import { eventually, freshNamespace, kubeAnswer } from '../support/sandbox.ts';

/** Short, so that an abandoned lock is seen to be one soon. */
const env = { APPSTORE_LOCK_SECONDS: '2' };

const leasePath = (namespace: string) =>
  `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/appstore.my`;

/** An install that has written everything and waits for pods that never get ready, holding the lock. */
async function waitingInstall(namespace: string): Promise<BuiltRun> {
  const patch = join(inject('sandbox').home, `never-ready-${namespace}.yaml`);
  const annotations = { 'sandbox.appstore.dev/behaviour': 'never-ready' };
  const merge = { spec: { template: { metadata: { annotations } } } };
  await writeFile(patch, JSON.stringify({ kind: 'Deployment', metadata: { name: 'my' }, ...merge }));
  const run = await startBuilt(['install', 'whoami', 'my', '-n', namespace, '--patch', patch, '-o', 'json'], {
    env,
  });
  await run.seen('Waiting until everything is ready');
  return run;
}

describe('two at once on one installation (row 1)', { concurrent: true }, () => {
  it('a holder that slept past the end of its lock writes nothing when it wakes', async () => {
    const namespace = await freshNamespace();
    const sleeper = await waitingInstall(namespace);
    sleeper.kill('SIGSTOP');
    const other = await cliJson(['install', 'whoami', 'my', '-n', namespace, '--no-wait'], { env });
    expect(other).toMatchObject({ outcome: 'changed' });
    const before = await written(namespace);
    sleeper.kill('SIGCONT');
    const { code, stderr } = await sleeper.done;
    expect([code, errorIn(stderr).code]).toEqual([5, 'LOCK_LOST']);
    expect(await written(namespace)).toEqual(before);
    expect((await kubeAnswer('GET', leasePath(namespace))).status).toBe(404);
    expect(await cliJson(['list', '-n', namespace])).toMatchObject({ items: [{ state: 'deployed' }] });
  });

  it('a second writer is refused with the name of the first, or waits for it when told', async () => {
    const namespace = await freshNamespace();
    const first = await waitingInstall(namespace);
    const { exit, error } = await cliError(['remove', 'my', '--yes', '-n', namespace], { env });
    expect([exit, error.code]).toEqual([5, 'INSTALLATION_LOCKED']);
    expect(error.message).toMatch(
      /is locked by .+@.+ \(process \d+\) #[0-9a-f]{12} since \d{4}-\S+ \(\d+s ago\)/,
    );
    expect(error.hint).toContain('--wait-for-lock');

    const waiting = cli(['remove', 'my', '--yes', '-n', namespace, '--wait-for-lock', '1m'], { env });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    first.kill('SIGINT');
    expect((await first.done).code).toBe(130);
    expect(await waiting).toMatchObject({ code: 0, stdout: expect.stringContaining('is removed') });
    expect(Object.keys(await written(namespace))).toEqual([]);
  });

  it('a killed holder is waited for until its lock ends, and its install goes on', async () => {
    const namespace = await freshNamespace();
    const first = await waitingInstall(namespace);
    first.kill('SIGKILL');
    await first.done;
    expect((await kubeAnswer('GET', leasePath(namespace))).status).toBe(200);
    const { code, stderr } = await cli(['install', 'whoami', 'my', '-n', namespace, '--no-wait'], { env });
    expect(code).toBe(0);
    expect(stderr).toMatch(/Locked by .* watching it/);
    expect(stderr).toContain('Going on with the install that was not finished');
    await eventually(async () => (await kubeAnswer('GET', leasePath(namespace))).status === 404);
  });
});
