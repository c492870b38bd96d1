import { describe, expect, it } from 'vitest';
import { parseObjectPattern } from '../../src/domain/object-pattern.ts';
import type { KubeObject, ObjectRef } from '../../src/domain/objects.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import type { FixtureApp } from '../support/fixture-app.ts';
import { createMemoryCluster } from '../support/memory/cluster.ts';

const claim = (size: string) => ({
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: size } },
});

/** A database: a StatefulSet with a claim template, and a password that is made. */
const database = (name: string, size: string): FixtureApp => ({
  name,
  version: '1.0.0',
  schema: {
    type: 'object',
    properties: { password: { type: 'string', 'x-generate': { kind: 'password' } } },
  } as FixtureApp['schema'] & object,
  objects: () => [
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db' },
      spec: {
        replicas: 0,
        serviceName: 'db',
        selector: { matchLabels: { app: 'db' } },
        template: {
          metadata: { labels: { app: 'db' } },
          spec: { containers: [{ name: 'db', image: 'example.com/db:1' }] },
        },
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim(size) }],
      },
    } as KubeObject,
  ],
});

const ref: ObjectRef = {
  ...{ group: '', version: 'v1', kind: 'PersistentVolumeClaim' },
  ...{ namespace: 'team', name: 'data-db-0' },
};

/** A database was installed, has written, and was removed. */
async function removedDatabase(): Promise<ChangeHarness> {
  const cluster = createMemoryCluster({ simulate: true });
  const harness = changeHarness({
    cluster,
    ...{ namespace: 'team', name: 'db', app: database('postgres', '1Gi') },
  });
  await harness.install({ createNamespace: true });
  await cluster.create({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: ref.name, namespace: ref.namespace, labels: { app: 'db' } },
    spec: claim('1Gi'),
  });
  const { left } = await harness.remove();
  expect(left.map((one) => one.ref.name)).toContain('data-db-0');
  return harness;
}

describe('what a removed installation left', () => {
  it('is named in the plan of the next install of the same app, with its size', async () => {
    const harness = await removedDatabase();
    const { plan } = await harness.install({ dryRun: true });
    expect(plan.warnings.map(({ message }) => message)).toContain(
      'PersistentVolumeClaim/team/data-db-0 of 1Gi is there already and is used again, with the data in it',
    );
  });

  it('is warned of where the app asks for another size', async () => {
    const harness = await removedDatabase();
    harness.app = database('postgres', '50Gi');
    const { plan } = await harness.install({ dryRun: true });
    expect(plan.warnings).toContainEqual({
      message:
        'PersistentVolumeClaim/team/data-db-0 of 1Gi is there already and is used again, with the data in it; the app asks for 50Gi',
      hint: expect.stringContaining('keeps its size'),
    });
  });

  it('is no other app’s: the install is refused, and nothing is written or deleted', async () => {
    const harness = await removedDatabase();
    harness.app = database('valkey', '1Gi');
    const app = { text: 'valkey', name: 'valkey' };
    await expect(harness.install({ app })).rejects.toMatchObject({
      code: 'OBJECT_FOREIGN',
      message:
        'db in namespace team: an installation of test/postgres had this name, and what it left would become part of test/valkey',
      problems: expect.arrayContaining([
        { message: 'PersistentVolumeClaim/team/data-db-0: left by test/postgres' },
      ]),
      hint: expect.stringMatching(
        /another name\. .*`kubectl delete -n team persistentvolumeclaim\/data-db-0 .*--adopt PersistentVolumeClaim\/data-db-0/,
      ),
    });
    expect(await harness.deps.cluster.get(ref)).toBeDefined();
    expect(await harness.get('apps/v1', 'StatefulSet', 'db')).toBeUndefined();
  });

  it('becomes another app’s where it is adopted by name', async () => {
    const harness = await removedDatabase();
    harness.app = database('valkey', '1Gi');
    const adopt = ['PersistentVolumeClaim/data-db-0', 'Secret/appstore.db.generated'].map((text) =>
      parseObjectPattern(text, '--adopt'),
    );
    const app = { text: 'valkey', name: 'valkey' };
    const { plan } = await harness.install({ app, adopt });
    expect(plan.app.name).toBe('valkey');
    await harness.remove();
    expect((await harness.deps.cluster.get(ref))?.metadata.annotations).toMatchObject({
      'appstore.dev/left-by': 'test/valkey',
    });
  });

  it('counts as the same app’s where nothing says whose it was', async () => {
    const harness = await removedDatabase();
    for (const one of [ref, { ...ref, kind: 'Secret', name: 'appstore.db.generated' }]) {
      if ((await harness.deps.cluster.get(one)) === undefined) continue;
      const patch = { metadata: { annotations: { 'appstore.dev/left-by': null } } };
      await harness.deps.cluster.mergePatch(one, patch);
    }
    harness.app = database('valkey', '1Gi');
    const { outcome } = await harness.install({ app: { text: 'valkey', name: 'valkey' } });
    expect(outcome).toBe('changed');
  });
});
