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
  harness = changeHarness({ cluster: slow(memory), namespace, name: 'one', app });
  memory.requests.splice(0);
});

const app = { version: '1.0.0', objects: () => [configMap('one-config', { a: '1' }), deployment('one-web')] };

/** A cluster that says what is there only after it has answered two dry runs. */
function slow(cluster: MemoryCluster): Cluster {
  const answered = Promise.withResolvers<void>();
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
        if (options.dryRun === true && ++count === 2) answered.resolve();
      }
    },
    async getMetadata(what, signal) {
      if (what.name.startsWith('one-')) {
        first ??= Promise.race([answered.promise.then(() => true), sleep(2_000, false)]).then((before) => {
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

describe('a first install asks for dry runs before it knows what is there', () => {
  test('and once is enough where nothing is', async () => {
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
});
