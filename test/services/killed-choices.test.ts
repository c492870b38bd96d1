import { describe, expect, test } from 'vitest';
import { parseFieldChoice } from '../../src/domain/conflict-choices.ts';
import { parseObjectPattern } from '../../src/domain/object-pattern.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import type { ChangeRequest } from '../../src/services/requests.ts';
import { type ChangeHarness, changeHarness, realClock } from '../support/change-harness.ts';
import { configMap, deployment, type FixtureApp } from '../support/fixture-app.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';
import { type DeathAt, killable } from '../support/proofs/killable.ts';

/**
 * `kill -9` before and after every single write of a change that takes fields, adopts objects or makes them anew, enumerated; then
 * the same command: it converges without repair (NEEDS rows 1, 7, 9, 18).
 */

const at = { namespace: 'shop', name: 'one' };
const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: at.namespace, name: 'one-config' };

function other(): KubeObject {
  const object = deployment('one-web');
  object.spec.selector.matchLabels = { other: 'one' };
  object.spec.template.metadata.labels = { other: 'one' };
  return object;
}

interface Scenario {
  readonly name: string;
  /** What is there before, and the app that is changed to. */
  prepare(cluster: MemoryCluster): Promise<FixtureApp>;
  run(harness: ChangeHarness): Promise<unknown>;
  /** What has to hold in the end. */
  readonly data: Readonly<Record<string, string>>;
  readonly selector: Readonly<Record<string, string>>;
}

const first: FixtureApp = {
  version: '1.0.0',
  objects: () => [configMap('one-config', { a: '1' }), deployment('one-web')],
};
const installed = async (cluster: MemoryCluster) => {
  await changeHarness({ cluster, ...at, app: first }).install();
};
const named = { 'app.kubernetes.io/name': 'one-web' };
const replacing: Partial<ChangeRequest> = {
  replace: { objects: [parseObjectPattern('Deployment/one-web', '--replace')], data: false },
  confirmed: true,
};

const scenarios: readonly Scenario[] = [
  {
    name: 'taking a field',
    prepare: async (cluster) => {
      await installed(cluster);
      await cluster.mergePatch(ref, { data: { a: 'theirs' } }, { fieldManager: 'kubectl-edit' });
      return {
        version: '1.1.0',
        objects: () => [configMap('one-config', { a: '2' }), deployment('one-web')],
      };
    },
    run: (harness) => {
      const take = [parseFieldChoice('ConfigMap/one-config:.data.a', '--take')];
      return harness.upgrade({ conflicts: { take, yield: [] } });
    },
    data: { a: '2' },
    selector: named,
  },
  {
    name: 'adopting objects',
    prepare: async (cluster) => {
      const options = { fieldManager: 'kubectl-client-side-apply' };
      for (const object of [configMap('one-config', { a: 'old', left: 'over' }), deployment('one-web')])
        await cluster.create(
          { ...object, metadata: { ...object.metadata, namespace: at.namespace } },
          options,
        );
      return first;
    },
    // An install that was deployed just before the kill is told so: then nothing is left to do.
    run: (harness) =>
      harness.install({ adopt: 'all' }).catch((error: { code?: string }) => {
        if (error.code !== 'ALREADY_INSTALLED') throw error;
      }),
    data: { a: '1' },
    selector: named,
  },
  {
    name: 'making an object anew',
    prepare: async (cluster) => {
      await installed(cluster);
      return { version: '1.1.0', objects: () => [configMap('one-config', { a: '2' }), other()] };
    },
    run: (harness) => harness.upgrade(replacing),
    data: { a: '2' },
    selector: { other: 'one' },
  },
];

async function fresh(): Promise<MemoryCluster> {
  const cluster = createMemoryCluster({ simulate: true });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } });
  return cluster;
}

/** Runs a scenario in a process that dies at a write, or never; answers its cluster, its app and what was written. */
async function cut(scenario: Scenario, death?: DeathAt) {
  const cluster = await fresh();
  const app = await scenario.prepare(cluster);
  await cluster.settle();
  const dying = killable(cluster, realClock, death);
  const ended = scenario.run(changeHarness({ cluster: dying.cluster, clock: dying.clock, ...at, app }));
  await Promise.race([ended, dying.dead]);
  await cluster.settle();
  return { cluster, app, writes: dying.writes };
}

describe.each(scenarios)('$name, killed', (scenario) => {
  test('at every write, then the same command: converges', async () => {
    const { writes } = await cut(scenario);
    expect(writes.length).toBeGreaterThan(4);
    for (let write = 1; write <= writes.length; write++) {
      for (const when of ['before', 'after'] as const) {
        const where = `killed ${when} write ${write} of ${writes.length} (${writes[write - 1]})`;
        const { cluster, app } = await cut(scenario, { write, when });
        const next = changeHarness({ cluster, ...at, app, hasty: true });
        await scenario.run(next);
        await cluster.settle();
        const config = await cluster.get(ref);
        const web = await next.get('apps/v1', 'Deployment', 'one-web');
        expect(config?.data, where).toEqual(scenario.data);
        expect(
          config?.metadata.managedFields?.map(({ manager }) => manager),
          where,
        ).toEqual(['appstore']);
        expect(web?.spec.selector.matchLabels, where).toEqual(scenario.selector);
        expect(await next.upgrade(), where).toMatchObject({ outcome: 'unchanged' });
        await next.remove();
        expect(await cluster.get(ref), where).toBeUndefined();
      }
    }
  });
});
