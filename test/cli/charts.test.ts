import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../src/services/ports.ts';
import { type ChartCase, chartCases } from '../support/charts/cases.ts';
import { differences, explained } from '../support/charts/differences.ts';
import { type Helm, realHelm } from '../support/charts/helm.ts';
import { helmsLife, ourLife } from '../support/charts/life.ts';
import type { SnapshotScope } from '../support/charts/snapshot.ts';
import { testCluster } from '../support/connect.ts';
import { eventually, freshNamespace, kube, kubeAnswer } from '../support/sandbox.ts';

/** What the real `helm` leaves of a chart after each step is what we leave of it, on a real API server. */
let helm: Helm;
/** Ten commands, five of them processes: a bound against hanging on a busy machine. */
const longest = 240_000;
let cluster: Cluster;

beforeAll(async () => {
  [helm, cluster] = await Promise.all([realHelm(), testCluster()]);
});
afterAll(() => cluster?.close());

async function scopeOf({ chart, definitions = [] }: ChartCase): Promise<SnapshotScope> {
  const namespace = await freshNamespace();
  const kinds = definitions.map(({ kind }) => kind);
  return { cluster, namespace, kinds, ...(chart === 'elsewhere' ? { other: 'default' } : {}) };
}

/** A definition is one for the whole cluster, and stays: the second tool finds none of the first one's. */
async function dropDefinitions({ definitions = [] }: ChartCase): Promise<unknown[]> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const specs: unknown[] = [];
  for (const { name } of definitions) {
    const { spec } = await kube('GET', `${path}/${name}`);
    specs.push(spec);
    await kube('DELETE', `${path}/${name}`);
    await eventually(async () => (await kubeAnswer('GET', `${path}/${name}`)).status === 404);
  }
  cluster.forgetDiscovery();
  return specs;
}

/** At once, but for charts with definitions: those are the whole cluster's. */
async function bothLives(one: ChartCase, mine: SnapshotScope, theirs: SnapshotScope) {
  if (one.definitions === undefined) {
    const [ours, helms] = await Promise.all([ourLife(one, mine), helmsLife(helm, one, theirs)]);
    return { ours, helms };
  }
  const ours = await ourLife(one, mine);
  const definitions = await dropDefinitions(one);
  const helms = await helmsLife(helm, one, theirs);
  expect(await dropDefinitions(one)).toEqual(definitions);
  return { ours, helms };
}

for (const one of chartCases) {
  test(
    `${one.chart}: ${one.like}`,
    async () => {
      const [mine, theirs] = await Promise.all([scopeOf(one), scopeOf(one)]);
      const { ours, helms } = await bothLives(one, mine, theirs);

      expect(differences(one, ours, helms).sort()).toEqual(explained(one));
      expect(Object.keys(ours.install).length).toBeGreaterThan(0);
      expect(ours.again.outcome).toBe('unchanged');
      expect(ours.after).toEqual(ours.before);
      expect(ours.upgrade).not.toEqual(ours.install);
    },
    longest,
  );
}
