import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../src/services/ports.ts';
import { type ChartCase, chartCases } from '../support/charts/cases.ts';
import { differences, explained } from '../support/charts/differences.ts';
import { type Helm, realHelm } from '../support/charts/helm.ts';
import { chartFolder, helmsLife, ourLife } from '../support/charts/life.ts';
import type { SnapshotScope } from '../support/charts/snapshot.ts';
import { cliError, cliJson } from '../support/cli.ts';
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

const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** A definition is one for the whole cluster, and stays: the second tool finds none of the first one's. */
async function dropDefinitions({ definitions = [] }: ChartCase): Promise<unknown[]> {
  const specs: unknown[] = [];
  for (const { name } of definitions) {
    const { spec } = await kube('GET', `${definitionsPath}/${name}`);
    specs.push(spec);
    await kube('DELETE', `${definitionsPath}/${name}`);
    const gone = async (path: string) => (await kubeAnswer('GET', path)).status === 404;
    await eventually(() => gone(`${definitionsPath}/${name}`));
    // The server goes on listing its group for a moment
    await eventually(() => gone(`/apis/${name.slice(name.indexOf('.') + 1)}`));
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

test(
  'definitions of crds/ are shared by the installations of a chart, stay when they go, and go when told',
  async () => {
    const chart = chartFolder('operator');
    const name = 'CustomResourceDefinition/widgets.charts.test.appstore.dev';
    const [one, two] = await Promise.all([freshNamespace(), freshNamespace()]);
    const defined = () => kubeAnswer('GET', `${definitionsPath}/widgets.charts.test.appstore.dev`);
    interface Told {
      readonly plan: { readonly objects: readonly { readonly kind: string; readonly action: string }[] };
      readonly left: readonly { readonly ref: { readonly kind: string } }[];
    }
    const run = async (...argv: string[]) => (await cliJson(argv)) as Told;
    const actionOf = ({ plan }: Told) => plan.objects.find(({ kind }) => name.startsWith(kind))?.action;

    expect(actionOf(await run('install', chart, 'app', '-n', one))).toBe('create');
    expect(actionOf(await run('install', chart, 'app', '-n', two))).toBe('keep');
    expect(await run('upgrade', 'app', chart, '-n', two)).toMatchObject({ outcome: 'unchanged' });
    const named = await cliError(['upgrade', 'app', chart, '-n', two, '--adopt', name]);
    expect(named.error.code).toBe('OBJECT_FOREIGN');
    await run('remove', 'app', '-n', two, '--yes', '--purge-crds');
    expect((await defined()).status).toBe(200);

    const removed = await run('remove', 'app', '-n', one, '--yes');
    expect(removed.left.map(({ ref }) => ref.kind)).toContain('CustomResourceDefinition');
    expect((await defined()).status).toBe(200);
    expect(actionOf(await run('install', chart, 'app', '-n', one))).toBe('keep');
    await run('remove', 'app', '-n', one, '--yes');
    expect(actionOf(await run('install', chart, 'app', '-n', one, '--adopt', name))).toBe('update');
    await run('remove', 'app', '-n', one, '--yes', '--purge-crds');
    await eventually(async () => (await defined()).status === 404);
  },
  longest,
);
