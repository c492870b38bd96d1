import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { AppstoreError } from '../../src/domain/errors.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap, deployment } from '../support/fixture-app.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';

const namespace = 'shop';
const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace, name: 'one-config' };

let memory: MemoryCluster;
/** What happens once the dry runs of the plan have been answered, and before it is answered what is there. */
let meanwhile: () => Promise<unknown>;
let harness: ChangeHarness;
/** Whether dry runs were asked for before it was known what is there. */
let ahead: boolean;
/** How often rights were asked for. */
let reviews: number;

beforeEach(async () => {
  memory = createMemoryCluster({ simulate: true });
  await memory.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  meanwhile = async () => undefined;
  ahead = false;
  reviews = 0;
  harness = changeHarness({ cluster: slow(memory, 2), namespace, name: 'one', app });
  memory.requests.splice(0);
});

const app = { version: '1.0.0', objects: () => [configMap('one-config', { a: '1' }), deployment('one-web')] };

/** A cluster that says what is there only after it has answered so many dry runs. */
function slow(cluster: MemoryCluster, after: number): Cluster {
  const answered = Promise.withResolvers<true>();
  let count = 0;
  let first: Promise<unknown> | undefined;
  return {
    ...cluster,
    access(questions, signal) {
      reviews++;
      return cluster.access(questions, signal);
    },
    async applyMetadata(object, options) {
      try {
        return await cluster.applyMetadata(object, options);
      } finally {
        if (options.dryRun === true && ++count === after) answered.resolve(true);
      }
    },
    async getMetadata(what, signal) {
      if (what.name.startsWith('one-')) {
        first ??= Promise.race([answered.promise, sleep(2_000, false)]).then((before) => {
          ahead = before;
          return meanwhile();
        });
        await first;
      }
      return cluster.getMetadata(what, signal);
    },
  };
}

/** How often a dry run of the ConfigMap was asked for. */
function dryRuns(): number {
  return memory.requests.filter(
    ({ verb, kind, name, dryRun }) =>
      verb === 'patch' && kind === 'ConfigMap' && name === 'one-config' && dryRun === true,
  ).length;
}

describe('what no record knows is dry-run before it is known what is there', () => {
  test('and once is enough where nothing is, with the rights asked beside it', async () => {
    const { plan } = await harness.install();
    expect(plan.objects.map(({ action, checked }) => `${action} ${checked}`)).toEqual([
      'create server',
      'create server',
    ]);
    expect(dryRuns()).toBe(1);
    expect({ ahead, reviews }).toEqual({ ahead: true, reviews: 1 });
  });

  test('and asks again for what was there then and is not any more', async () => {
    await memory.apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: ref.name, namespace }, data: { b: '2' } },
      { fieldManager: 'somebody' },
    );
    meanwhile = () => memory.delete(ref);
    await harness.install();
    expect(dryRuns()).toBe(2);
    expect((await memory.get(ref))?.data).toEqual({ a: '1' });
  });

  test('and no refusal of that moment stands in the way', async () => {
    await memory.apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: ref.name, namespace }, data: { a: '2' } },
      { fieldManager: 'somebody' },
    );
    meanwhile = () => memory.delete(ref);
    expect((await harness.install()).outcome).toBe('changed');
    expect(dryRuns()).toBe(2);
  });

  test('but what is there is refused by what it is, and nothing is written', async () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: ref.name, namespace } };
    await memory.apply({ ...object, data: { a: '2' } }, { fieldManager: 'somebody' });
    const error = await harness.install().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppstoreError);
    expect(error).toMatchObject({ code: 'OBJECT_ADOPTABLE' });
    expect((await memory.get(ref))?.data).toEqual({ a: '2' });
    expect(await memory.list({ group: '', version: 'v1', kind: 'Secret' }, { namespace })).toMatchObject({
      items: [],
    });
  });

  test('at an upgrade too', async () => {
    await harness.install();
    const objects = () => [...app.objects(), configMap('one-more', { b: '1' })];
    const later = changeHarness({
      cluster: slow(memory, 1),
      namespace,
      name: 'one',
      app: { version: '2.0.0', objects },
    });
    ahead = false;
    memory.requests.splice(0);
    const { plan } = await later.upgrade();
    expect(plan.objects.map(({ action, ref: { name } }) => `${action} ${name}`)).toEqual([
      'unchanged one-config',
      'create one-more',
      'unchanged one-web',
    ]);
    expect(ahead).toBe(true);
    expect(memory.requests.filter(({ dryRun }) => dryRun === true).map(({ name }) => name)).toEqual([
      'one-more',
    ]);
  });
});

test('a rollback asks for its rights while it is looked up what is there', async () => {
  await harness.install();
  harness.app = { version: '2.0.0', objects: () => [...app.objects(), configMap('one-more', { b: '1' })] };
  await harness.upgrade();
  const asking = Promise.withResolvers<true>();
  const looks: boolean[] = [];
  const cluster: Cluster = {
    ...memory,
    access(questions, signal) {
      asking.resolve(true);
      return memory.access(questions, signal);
    },
    async listMetadata(kind, options) {
      if (options?.labelSelector?.includes('part-of') === true)
        looks.push(await Promise.race([asking.promise, sleep(2_000, false)]));
      return memory.listMetadata(kind, options);
    },
  };
  const other = changeHarness({ cluster, namespace, name: 'one', app });
  const { plan } = await other.rollback();
  expect(plan.objects.filter(({ action }) => action === 'delete').map(({ ref }) => ref.name)).toEqual([
    'one-more',
  ]);
  expect(looks).toContain(true);
  expect(looks).not.toContain(false);
});
