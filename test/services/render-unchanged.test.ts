import { beforeEach, describe, expect, test } from 'vitest';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap, type FixtureApp } from '../support/fixture-app.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';

/** Packages that render to something else every time (decision 0038). */

const at = { namespace: 'shop', name: 'one' };
let cluster: MemoryCluster;
let harness: ChangeHarness;
/** What a template looks up in the cluster. */
let seen: string;

beforeEach(async () => {
  cluster = createMemoryCluster({ simulate: true });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } });
  seen = 'first';
  harness = changeHarness({ cluster, ...at, app: app('1.0.0'), hasty: true });
});

function app(version: string): FixtureApp {
  let count = 0;
  return {
    version,
    objects: ({ installation: { revision, isUpgrade } }) => {
      count++;
      const items = count % 2 === 0 ? ['a', 'b'] : ['b', 'a'];
      return [
        configMap('one-random', { password: `made ${count} of ${version}` }),
        configMap('one-seen', { seen }),
        configMap(`one-revision-${revision}`, { isUpgrade: String(isUpgrade), order: items.join() }),
      ];
    },
  };
}

const dataOf = async (name: string) => (await harness.get('v1', 'ConfigMap', name))?.data;

describe('an upgrade to the same package and options', () => {
  test('changes nothing where only chance and the number of the revision make a difference', async () => {
    await harness.install();
    const before = await dataOf('one-random');
    const again = await harness.upgrade();
    expect(again.outcome).toBe('unchanged');
    expect(await dataOf('one-random')).toEqual(before);
    expect(await dataOf('one-revision-1')).toMatchObject({ isUpgrade: 'false' });
  });

  test('brings back what was deleted as it was', async () => {
    await harness.install();
    const before = await dataOf('one-random');
    const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: at.namespace };
    await cluster.delete({ ...ref, name: 'one-random' });
    expect((await harness.upgrade()).outcome).toBe('changed');
    expect(await dataOf('one-random')).toEqual(before);
  });

  test('renders anew where the cluster makes a difference', async () => {
    await harness.install();
    const before = await dataOf('one-random');
    seen = 'second';
    expect((await harness.upgrade()).outcome).toBe('changed');
    expect(await dataOf('one-seen')).toEqual({ seen: 'second' });
    expect(await dataOf('one-random')).not.toEqual(before);
    expect(await dataOf('one-revision-2')).toMatchObject({ isUpgrade: 'true' });
    expect(await dataOf('one-revision-1')).toBeUndefined();
  });

  test('after a rollback takes what the revision was that was gone back to', async () => {
    await harness.install();
    const before = await dataOf('one-random');
    harness.app = app('2.0.0');
    await harness.upgrade();
    expect(await dataOf('one-random')).not.toEqual(before);
    await harness.rollback({ revision: 1 });
    harness.app = app('1.0.0');
    expect((await harness.upgrade()).outcome).toBe('unchanged');
    expect(await dataOf('one-random')).toEqual(before);
  });
});

test('an install that was cut goes on with what it began to write', async () => {
  const abort = new AbortController();
  const cut = harness.install(
    {},
    {
      signal: abort.signal,
      emit: (event) => {
        if (event.type === 'written' && event.ref.name === 'one-random') abort.abort(new Error('cut'));
      },
    },
  );
  await expect(cut).rejects.toThrow('cut');
  const before = await dataOf('one-random');
  expect(before).toBeDefined();
  expect((await harness.install()).outcome).toBe('changed');
  expect(await dataOf('one-random')).toEqual(before);
  expect(await dataOf('one-revision-1')).toMatchObject({ isUpgrade: 'false' });
});
