import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import type { KubeObject, ObjectRef } from '../../src/domain/objects.ts';
import { history, listInstallations, stored } from '../../src/services/inspect.ts';
import { status } from '../../src/services/status.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap } from '../support/fixture-app.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';
import { decodeInventory, editIndex, packInventory } from '../support/proofs/edit-record.ts';
import { proofApp } from '../support/proofs/proof-app.ts';

/** Records that somebody who may edit the namespace has edited (issue "hostile records"): nothing foreign is lost by them. */

const at = { namespace: 'shop', name: 'one' };
const signal = new AbortController().signal;
const apiVersions: Readonly<Record<string, string>> = {
  apps: 'apps/v1',
  'rbac.authorization.k8s.io': 'rbac.authorization.k8s.io/v1',
};

let cluster: MemoryCluster;
let harness: ChangeHarness;

beforeEach(async () => {
  cluster = createMemoryCluster({ simulate: true });
  for (const name of ['shop', 'prod']) {
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  harness = changeHarness({ cluster, ...at, app: proofApp(1) });
  await harness.install();
});

const ref = (group: string, kind: string, namespace: string, name: string): ObjectRef => ({
  group,
  version: 'v1',
  kind,
  namespace,
  name,
});

/** An object of somebody else, with a line about it in our inventory that says it were ours. */
async function foreign(id: ObjectRef, more: Partial<KubeObject> = {}): Promise<string> {
  const metadata = { name: id.name, ...(id.namespace === '' ? {} : { namespace: id.namespace }) };
  const apiVersion = apiVersions[id.group] ?? 'v1';
  const made = await cluster.create({
    apiVersion,
    kind: id.kind,
    ...more,
    metadata: { ...metadata, ...more.metadata },
  });
  return made.metadata.uid ?? '';
}

async function addToInventory(
  ...entries: readonly (ObjectRef & { uid: string; keep?: string })[]
): Promise<void> {
  await editIndex(cluster, at, (index) => {
    const known = decodeInventory(index);
    const forged = entries.map((entry) => ({ ...entry, fields: '', applied: '' }));
    index.binaryData = { 'inventory.gz': packInventory([...known, ...forged]) };
  });
}

const statefulSet = (name: string): Partial<KubeObject> => ({
  spec: {
    serviceName: name,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'db', image: 'db:1' }] } },
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claimSpec }],
  },
});
const claimSpec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

describe('foreign objects in the inventory', () => {
  const targets = [
    ref('', 'ConfigMap', 'shop', 'theirs'),
    ref('', 'Secret', 'prod', 'theirs'),
    ref('rbac.authorization.k8s.io', 'ClusterRole', '', 'theirs'),
    ref('', 'Namespace', '', 'prod'),
  ];

  test('removing deletes none of them, and says that they are not ours', async () => {
    const uids = new Map<string, string>();
    for (const id of targets) {
      const known = await cluster.getMetadata(id);
      uids.set(id.name + id.kind, known?.metadata.uid ?? (await foreign(id)));
    }
    await addToInventory(...targets.map((id) => ({ ...id, uid: uids.get(id.name + id.kind) ?? '' })));
    const result = await harness.remove({ purgeData: true });
    for (const id of targets)
      expect((await cluster.getMetadata(id))?.metadata.uid).toBe(uids.get(id.name + id.kind));
    expect(result.left.map((left) => left.ref.name).sort()).toEqual(['prod', 'theirs', 'theirs', 'theirs']);
    expect(result.left.every((left) => left.reason.startsWith('not ours any more'))).toBe(true);
  });

  test('an upgrade prunes none of them, and forgets them', async () => {
    const uid = await foreign(targets[0] as ObjectRef);
    await addToInventory({ ...(targets[0] as ObjectRef), uid });
    harness.app = proofApp(2);
    const result = await harness.upgrade();
    expect(await cluster.getMetadata(targets[0] as ObjectRef)).toBeDefined();
    expect(result.record?.inventory.some((entry) => entry.name === 'theirs')).toBe(false);
  });

  test('an upgrade whose package has an object of that name does not take it over', async () => {
    const uid = await foreign(ref('', 'ConfigMap', 'shop', 'one-extra'), { data: { whose: 'theirs' } });
    await addToInventory({ ...ref('', 'ConfigMap', 'shop', 'one-extra'), uid });
    const app = proofApp(2);
    harness.app = {
      ...app,
      objects: (request) => [...app.objects(request), configMap('one-extra', { whose: 'ours' })],
    };
    await expect(harness.upgrade()).rejects.toMatchObject({ code: 'OBJECT_ADOPTABLE' });
    expect((await harness.get('v1', 'ConfigMap', 'one-extra'))?.data).toEqual({ whose: 'theirs' });
  });

  test('a StatefulSet of another app does not lead to its volumes, with --purge-data either', async () => {
    const set = ref('apps', 'StatefulSet', 'prod', 'db');
    const uid = await foreign(set, statefulSet('db'));
    await cluster.settle();
    const claim = ref('', 'PersistentVolumeClaim', 'prod', 'data-db-0');
    expect(await cluster.getMetadata(claim)).toBeDefined();
    await addToInventory({ ...set, uid });
    const result = await harness.remove({ purgeData: true });
    expect(result.plan.objects.some((object) => object.ref.namespace === 'prod')).toBe(false);
    expect(await cluster.getMetadata(claim)).toBeDefined();
    expect(await cluster.getMetadata(set)).toBeDefined();
  });

  test('a StatefulSet that is not there does not lead to volumes of another namespace', async () => {
    const claim = ref('', 'PersistentVolumeClaim', 'prod', 'data-gone-0');
    await foreign(claim, {
      metadata: { name: 'data-gone-0', labels: { 'app.kubernetes.io/instance': 'one' } },
      spec: claimSpec,
    });
    await addToInventory({ ...ref('apps', 'StatefulSet', 'prod', 'gone'), uid: 'x' });
    await harness.remove({ purgeData: true });
    expect(await cluster.getMetadata(claim)).toBeDefined();
  });

  test('exchanged uids lead to nothing foreign', async () => {
    const theirs = ref('', 'ConfigMap', 'shop', 'theirs');
    const uid = await foreign(theirs);
    await editIndex(cluster, at, (index) => {
      const entries = decodeInventory(index).map((entry) => ({ ...entry, uid }));
      index.binaryData = { 'inventory.gz': packInventory(entries) };
    });
    await harness.remove();
    expect(await cluster.getMetadata(theirs)).toBeDefined();
  });
});

describe('what is too large or no record', () => {
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024)).toString('base64');
  const edits: Readonly<Record<string, (index: KubeObject) => void>> = {
    'an inventory that unpacks to 200 MB': (index) => {
      index.binaryData = { 'inventory.gz': bomb };
    },
    'an inventory of a million lines': (index) => {
      const line = `{"group":"","version":"v1","kind":"ConfigMap","namespace":"shop","name":"a","uid":"","fields":"","applied":""}\n`;
      index.binaryData = { 'inventory.gz': gzipSync(line.repeat(1_000_000)).toString('base64') };
    },
    'a journal that unpacks to 200 MB': (index) => {
      index.binaryData = { ...(index.binaryData as object), 'pending.gz': bomb };
    },
    'a blob of a billion parts': (index) => {
      index.data = {
        ...(index.data as object),
        revisions: line({ blobs: [{ id: 'a'.repeat(40), parts: 1e9 }] }),
      };
    },
    'a million blobs': (index) => {
      const blobs = Array.from({ length: 5_000 }, () => ({ id: 'a'.repeat(40), parts: 500 }));
      index.data = { ...(index.data as object), revisions: line({ blobs }) };
    },
    'the highest revision that a number can hold': (index) => {
      index.data = { ...(index.data as object), revisions: line({ number: Number.MAX_SAFE_INTEGER }) };
    },
    'a name that is a path': (index) => {
      index.binaryData = { 'inventory.gz': packInventory([entry({ name: '..' })]) };
    },
    'a name with control characters': (index) => {
      index.binaryData = { 'inventory.gz': packInventory([entry({ name: 'a\u001b[2Jb' })]) };
    },
    'a kind that is none': (index) => {
      index.binaryData = { 'inventory.gz': packInventory([entry({ kind: '\u001b]0;x\u0007' })]) };
    },
    'a namespace that is a path': (index) => {
      index.binaryData = { 'inventory.gz': packInventory([entry({ namespace: '../prod' })]) };
    },
    'an API group that is a path': (index) => {
      index.binaryData = { 'inventory.gz': packInventory([entry({ group: 'apps/v1/../x' })]) };
    },
  };
  const entry = (more: Partial<ObjectRef>) => ({
    ...ref('', 'ConfigMap', 'shop', 'a'),
    uid: '',
    fields: '',
    applied: '',
    ...more,
  });
  const line = (more: object) =>
    `${JSON.stringify({
      ...{
        number: 1,
        operation: 'install',
        version: '1',
        appVersion: '1',
        startedAt: '',
        result: 'deployed',
      },
      ...{ id: 'a'.repeat(40), blobs: [] },
      ...more,
    })}\n`;

  test.each(Object.entries(edits))('%s is refused by every command but list', async (_name, edit) => {
    await editIndex(cluster, at, edit);
    const refused = {
      code: 'RECORD_INVALID',
      message: expect.stringContaining('ConfigMap/shop/appstore.one'),
    };
    cluster.requests.length = 0;
    await expect(harness.upgrade()).rejects.toMatchObject(refused);
    await expect(harness.remove()).rejects.toMatchObject(refused);
    await expect(status(harness.deps, at, signal)).rejects.toMatchObject(refused);
    await expect(history(harness.deps, at, signal)).rejects.toMatchObject(refused);
    const list = await listInstallations(harness.deps, { namespace: 'shop' });
    expect(list.items).toMatchObject([{ name: 'one' }]);
    expect(cluster.requests.filter((request) => !['get', 'list'].includes(request.verb))).toEqual([]);
  });
});

describe('text in the record', () => {
  test('holder, journal, reasons and messages come without control sequences', async () => {
    const evil = '\u001b]0;owned\u0007\u001b[31mred\u202e';
    const pending = { id: 'x', operation: 'upgrade', revision: 2, startedAt: evil, holder: evil };
    await addToInventory({ ...ref('', 'ConfigMap', 'shop', 'one-config'), uid: '', keep: evil });
    await editIndex(cluster, at, (index) => {
      const data = { ...pending, journal: [{ step: evil, at: evil }] };
      index.data = { ...(index.data as object), pending: JSON.stringify(data) };
    });
    const report = await status(harness.deps, at, signal);
    expect(report.pending).toMatchObject({ holder: 'red', journal: [{ step: 'red', at: 'red' }] });
    expect(JSON.stringify(report)).not.toContain('\\u001b');
    expect(JSON.stringify((await harness.remove({ dryRun: true })).left)).not.toContain('\\u001b');
  });
});

describe('content of revisions', () => {
  const secrets = async (part: string) => {
    const options = { namespace: 'shop', labelSelector: `appstore.dev/record=${part}` };
    return (await cluster.listMetadata(ref('', 'Secret', '', ''), options)).items.map((item) =>
      ref('', 'Secret', 'shop', item.metadata.name),
    );
  };

  test.each(['revision', 'blob'])('a missing %s is named, and removing needs none', async (part) => {
    for (const id of await secrets(part)) await cluster.delete(id);
    await expect(stored(harness.deps, at, 'manifest', undefined)).rejects.toMatchObject({
      code: 'RECORD_INVALID',
      message: expect.stringMatching(/^Secret\/shop\/appstore\.one\.[rb]/),
    });
    expect((await status(harness.deps, at, signal)).health).toBe('healthy');
    expect((await history(harness.deps, at, signal)).revisions).toHaveLength(1);
    expect((await harness.remove()).outcome).toBe('removed');
    expect(await harness.get('v1', 'ConfigMap', 'appstore.one')).toBeUndefined();
  });

  test('a bomb in a blob under a forged digest is refused', async () => {
    const [{ createHmac }, revisions] = [await import('node:crypto'), await secrets('revision')];
    const [revision] = revisions;
    if (revision === undefined) throw new Error('no revision');
    const old = await cluster.get(revision);
    const key = Buffer.from(String(old?.data.key), 'base64');
    const digest = (...bytes: Buffer[]) => {
      const hmac = createHmac('sha256', key);
      for (const part of bytes) hmac.update(part);
      return hmac.digest('hex').slice(0, 40);
    };
    const packed = gzipSync(Buffer.alloc(300 * 1024 * 1024));
    const blob = { id: digest(packed), parts: 1 };
    const blobs = Buffer.from(JSON.stringify({ package: blob, rendered: blob }));
    const head = Buffer.from(String(old?.data['head.gz']), 'base64');
    const id = digest(blobs, head);
    const make = (name: string, data: Record<string, string>) =>
      cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'shop' }, data });
    await make(`appstore.one.b.${blob.id}.0`, { part: packed.toString('base64') });
    await make(`appstore.one.r1.${id.slice(0, 10)}`, {
      ...{ key: key.toString('base64'), blobs: blobs.toString('base64'), 'head.gz': head.toString('base64') },
    });
    await editIndex(cluster, at, (index) => {
      const [first = ''] = String((index.data as Record<string, string>).revisions).split('\n');
      const forged = { ...JSON.parse(first), id, blobs: [blob] };
      index.data = { ...(index.data as object), revisions: `${JSON.stringify(forged)}\n` };
    });
    await expect(stored(harness.deps, at, 'manifest', undefined)).rejects.toMatchObject({
      code: 'RECORD_INVALID',
      message: expect.stringContaining('is larger than'),
    });
  });
});
