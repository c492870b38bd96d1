import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { listInstallations, stored } from '../../src/services/inspect.ts';
import { changeHarness } from '../support/change-harness.ts';
import { testCluster } from '../support/connect.ts';
import { configMap, deployment } from '../support/fixture-app.ts';
import { checkInstallation } from '../support/proofs/invariants.ts';
import { freshNamespace } from '../support/sandbox.ts';

const minutes = 60_000;

async function connected() {
  const [cluster, namespace] = await Promise.all([testCluster(), freshNamespace()]);
  onTestFinished(() => cluster.close());
  return { cluster, namespace, name: 'one' };
}

/**
 * The API server allows 100 streams a connection, and the 101st hangs for as long as the others last. Every Deployment is
 * waited for from its first moment, so that more watches are wanted at once than that.
 */
test('an app with objects to wait for in 110 namespaces does not hang', {
  timeout: 5 * minutes,
}, async () => {
  const place = await connected();
  const others = await Promise.all(Array.from({ length: 110 }, () => freshNamespace()));
  const objects = others.map((namespace) => {
    const object = deployment('one-web');
    return { ...object, metadata: { ...object.metadata, namespace } };
  });
  const app = { version: '1.0.0', objects: () => objects };
  const harness = changeHarness({ ...place, app, timeout: 3 * minutes });
  expect((await harness.install()).record?.state).toBe('deployed');
  expect(await checkInstallation(place.cluster, place)).toEqual([]);
  expect((await harness.remove()).left).toEqual([]);
  expect(await checkInstallation(place.cluster, place)).toEqual([]);
});

/** 21 ConfigMaps of 500 kB that no compression makes smaller: each revision is ten times what one object of etcd may hold. */
const tenMiB = (version: number) => ({
  version: `${version}.0.0`,
  objects: () =>
    Array.from({ length: 21 }, (_, index) =>
      configMap(`one-${index}`, {
        version: String(version),
        data: texts[(index + version) % texts.length] ?? '',
      }),
    ),
});
const texts = Array.from({ length: 22 }, () => randomBytes(375_000).toString('base64'));

test('an app of 10 MiB installs, lists, upgrades, rolls back and is removed (row 3)', {
  timeout: 5 * minutes,
}, async () => {
  const place = await connected();
  const signal = new AbortController().signal;
  const harness = changeHarness({ ...place, app: tenMiB(1), timeout: 3 * minutes });
  const versionOf = async () => (await harness.get('v1', 'ConfigMap', 'one-0'))?.data?.version;
  await harness.install();
  harness.app = tenMiB(2);
  expect((await harness.upgrade()).outcome).toBe('changed');
  expect(await versionOf()).toBe('2');
  expect(await checkInstallation(place.cluster, place)).toEqual([]);
  expect((await listInstallations(harness.deps, { namespace: place.namespace })).items).toMatchObject([
    { name: 'one', revision: 2, state: 'deployed' },
  ]);
  const manifest = await stored(harness.deps, place, 'manifest', 1, signal);
  expect(JSON.stringify(manifest).length).toBeGreaterThan(10 * 1024 * 1024);
  expect((await harness.rollback({ revision: 1 })).outcome).toBe('changed');
  expect(await versionOf()).toBe('1');
  expect(await checkInstallation(place.cluster, place)).toEqual([]);
  await harness.remove();
  expect(await checkInstallation(place.cluster, place)).toEqual([]);
});
