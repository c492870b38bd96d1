import type { JsonObject } from '../../src/domain/json.ts';
import type { GroupVersionKind, KubeObject } from '../../src/domain/objects.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { until } from './setup.ts';

/** Runs a test with a kind of its own, which is served when the test begins and gone after it. */
export async function withWidgetKind(
  { cluster, namespace, group }: { cluster: Cluster; namespace: string; group: string },
  use: (kind: GroupVersionKind) => Promise<void>,
): Promise<void> {
  const properties = { spec: { type: 'object', properties: { size: { type: 'integer' } } } };
  const definition = widgetDefinition(group, undefined, { properties });
  const kind = { group, version: 'v1', kind: 'Widget' };
  await cluster.apply(definition, { fieldManager: 'appstore' });
  try {
    await until(async () => {
      cluster.forgetDiscovery();
      return cluster.resourceType({ group, kind: 'Widget' });
    });
    // The path of a new kind is served a moment after discovery says so
    await until(() => succeeds(cluster.list(kind, { namespace })));
    await use(kind);
  } finally {
    await cluster.delete({ ...definitionKind, namespace: '', name: definition.metadata.name });
  }
}

const definitionKind = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' };

/** A version of the kind; the last one is stored. */
interface WidgetVersion {
  readonly name: string;
  readonly served: boolean;
}

/** The definition of a kind of one's own: each test has a group that no other uses. */
export function widgetDefinition(
  group: string,
  versions: readonly WidgetVersion[] = [{ name: 'v1', served: true }],
  schema: JsonObject = { 'x-kubernetes-preserve-unknown-fields': true },
): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
      versions: versions.map(({ name, served }, index) => ({
        name,
        served,
        storage: index === versions.length - 1,
        schema: { openAPIV3Schema: { type: 'object', ...schema } },
      })),
    },
  };
}

async function succeeds(call: Promise<unknown>): Promise<boolean> {
  return call.then(
    () => true,
    () => false,
  );
}
