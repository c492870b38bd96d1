import { expect, it } from 'vitest';
import { changeHarness } from '../support/change-harness.ts';
import { createTestClock } from '../support/clock.ts';
import { createMemoryCluster } from '../support/memory/cluster.ts';

const lunch = 3_600_000;
const timeout = 10_000;

/** Nobody runs it: it never gets ready, and its finalizer keeps it from going. */
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'one-pod', finalizers: ['example.com/never'] },
  spec: { containers: [{ name: 'a', image: 'example.com/a:1' }] },
};

/** `--timeout` is for the work: who reads a plan over lunch and then says yes has all of it. */
it.each(['install', 'remove'] as const)(
  'the time of an %s begins when it is confirmed',
  async (operation) => {
    const [clock, cluster] = [createTestClock(), createMemoryCluster({})];
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
    const app = { version: '1.0.0', objects: () => [pod] };
    const harness = changeHarness({ cluster, namespace: 'team', name: 'one', app, clock, timeout });
    if (operation === 'remove') await harness.install({ wait: false });
    let confirmed = 0;
    const never = () => Promise.reject(new Error('not asked for'));
    const confirm = async () => {
      await clock.advance(lunch);
      confirmed = clock.monotonic();
      return true;
    };
    const ask = { values: never, conflict: never, adopt: never, goOn: never, confirm };
    const work: Promise<unknown> =
      operation === 'install' ? harness.install({}, { ask }) : harness.remove({ confirmed: false }, { ask });
    let ended = false;
    const failure = work.then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
    failure.finally(() => {
      ended = true;
    });
    while (!ended) {
      await new Promise((next) => setTimeout(next, 1));
      if (confirmed > 0) await clock.advance(500);
    }
    expect(await failure).toBe('WAIT_TIMEOUT');
    expect(clock.monotonic() - confirmed).toBeGreaterThanOrEqual(timeout);
  },
);
