import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { history, listInstallations } from '../../src/services/inspect.ts';
import { changeHarness } from '../support/change-harness.ts';
import { configMap } from '../support/fixture-app.ts';
import { createMemoryCluster } from '../support/memory/cluster.ts';

const at = { namespace: 'shop', name: 'one' };
const mebibyte = 1024 * 1024;

it('installs, lists and rolls back an app of 10 MiB of manifests that cannot be packed (row 3)', async () => {
  const cluster = createMemoryCluster({ simulate: true });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } });
  // Random text: packing must not be what makes it fit.
  const texts = Array.from({ length: 14 }, () => randomBytes(0.56 * mebibyte).toString('base64'));
  const objects = (version: string) =>
    texts.map((text, index) => configMap(`one-${index}`, { text, version }));
  const harness = changeHarness({ cluster, ...at, app: { version: '1.0.0', objects: () => objects('1') } });
  expect(JSON.stringify(objects('1')).length).toBeGreaterThan(10 * mebibyte);
  await harness.install();
  harness.app = { version: '2.0.0', objects: () => objects('2') };
  await harness.upgrade();
  const result = await harness.rollback();
  expect(result.record).toMatchObject({ state: 'deployed', revision: 3, version: '1.0.0' });
  expect((await harness.get('v1', 'ConfigMap', 'one-13'))?.data).toEqual({ text: texts[13], version: '1' });
  expect((await listInstallations(harness.deps, {})).items).toMatchObject([{ name: 'one', revision: 3 }]);
  expect((await history(harness.deps, at)).revisions).toHaveLength(3);
  // What is equal is stored once: the third revision brings no rendering of its own.
  const secrets = await cluster.listMetadata(
    { group: '', version: 'v1', kind: 'Secret' },
    { namespace: at.namespace },
  );
  const blobs = secrets.items.filter(({ metadata }) => metadata.name.startsWith('appstore.one.b.'));
  expect(new Set(blobs.map(({ metadata }) => metadata.name.split('.')[3])).size).toBe(4);
});
