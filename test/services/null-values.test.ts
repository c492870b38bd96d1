import { expect, test } from 'vitest';
import { changeHarness } from '../support/change-harness.ts';
import { configMap } from '../support/fixture-app.ts';
import { createMemoryCluster } from '../support/memory/cluster.ts';

const name = { namespace: 'shop', name: 'one' };

test('an upgrade with null takes a stored value back: the default holds again, and nothing is stored for it', async () => {
  const cluster = createMemoryCluster({ simulate: true });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  const version = (number: string, size: number) => ({
    version: number,
    schema: {
      type: 'object',
      properties: { size: { type: 'integer', default: size }, colour: { type: 'string', default: 'red' } },
    },
    objects: ({ values }: { values: unknown }) => [
      configMap('one-config', { values: JSON.stringify(values) }),
    ],
  });
  const harness = changeHarness({ ...name, cluster, app: version('1.0.0', 1) });
  const given = (values: Record<string, number | string | null>) => ({ given: { values, secretRefs: [] } });
  const rendered = async () => JSON.parse((await harness.get('v1', 'ConfigMap', 'one-config'))?.data.values);

  await harness.install(given({ size: 5, colour: 'blue' }));
  expect(await rendered()).toEqual({ size: 5, colour: 'blue' });
  await harness.upgrade(given({ size: null }));
  expect(await rendered()).toEqual({ size: 1, colour: 'blue' });
  harness.app = version('1.1.0', 2);
  await harness.upgrade();
  expect(await rendered()).toEqual({ size: 2, colour: 'blue' });
  expect((await harness.upgrade(given({ size: null }))).outcome).toBe('unchanged');
});
