import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import type { ChangeHarness } from '../support/change-harness.ts';
import type { ChangeSetup } from './change-setup.ts';
import { unique, until } from './setup.ts';

interface Shape {
  readonly scope?: string;
  readonly versions?: readonly string[];
  readonly properties?: JsonObject;
}

function definition(
  group: string,
  { scope = 'Namespaced', versions = ['v1'], properties }: Shape,
): KubeObject {
  const spec = {
    type: 'object',
    properties: properties ?? { size: { type: 'integer' }, color: { type: 'string' } },
  };
  const openAPIV3Schema = { type: 'object', properties: { spec } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope,
      names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        schema: { openAPIV3Schema },
      })),
    },
  };
}

/** Definitions that change under live objects (row 4). */
export function crdCases(at: () => { setup: ChangeSetup; harness: ChangeHarness }): void {
  describe('definitions that change (row 4)', () => {
    it('are refused or warned of before anything is written, as long as there are objects', async () => {
      const { setup, harness } = at();
      const group = `${unique('crd')}.example.com`;
      const app = (version: string, shape: Shape) => {
        harness.app = { version, objects: () => [definition(group, shape)] };
      };
      const id = `CustomResourceDefinition/widgets.${group}`;
      const crd = {
        group: 'apiextensions.k8s.io',
        version: 'v1',
        kind: 'CustomResourceDefinition',
        namespace: '',
        name: `widgets.${group}`,
      };
      try {
        app('1.0.0', {});
        await harness.install();
        await until(async () => {
          setup.cluster.forgetDiscovery();
          return (await setup.cluster.resourceType({ group, kind: 'Widget' })) !== undefined;
        });
        const narrow = { properties: { size: { type: 'string' } } };
        app('1.1.0', narrow);
        expect((await harness.upgrade({ dryRun: true })).plan.warnings).toEqual([]);

        const metadata = { name: 'one', namespace: setup.namespace };
        await setup.cluster.create({
          apiVersion: `${group}/v1`,
          kind: 'Widget',
          metadata,
          spec: { size: 1, color: 'red' },
        });
        await expect(harness.upgrade()).rejects.toMatchObject({
          code: 'CRD_INCOMPATIBLE',
          problems: [
            {
              message: expect.stringContaining(`${id}: v1.spec.size changes from integer to string`),
              hint: expect.stringContaining('There is 1 object of its kind.'),
            },
          ],
        });
        app('1.2.0', { versions: ['v2'] });
        await expect(harness.upgrade()).rejects.toMatchObject({
          code: 'CRD_INCOMPATIBLE',
          problems: [
            { message: expect.stringContaining('version v1 is dropped and still in status.storedVersions') },
          ],
        });
        app('1.3.0', { scope: 'Cluster' });
        await expect(harness.upgrade()).rejects.toMatchObject({
          code: 'CRD_INCOMPATIBLE',
          problems: [{ message: expect.stringContaining('its scope changes from Namespaced to Cluster') }],
        });
        expect((await setup.cluster.get(crd))?.spec.versions).toHaveLength(1);

        app('1.4.0', { properties: { size: { type: 'integer' } } });
        const result = await harness.upgrade();
        expect(result.plan.warnings).toMatchObject([
          { message: expect.stringContaining(`${id}: v1.spec.color is not in the schema any more`) },
        ]);
        expect((await harness.upgrade()).plan.warnings).toEqual([]);
      } finally {
        await setup.cluster.delete(crd);
      }
    });
  });
}
