import { beforeEach, describe, expect, test } from 'vitest';
import { clusterRecords } from '../../src/adapters/kubernetes/records.ts';
import type { AppstoreError } from '../../src/domain/errors.ts';
import { checkInstallationName } from '../../src/domain/names.ts';
import type { InstallationRecord } from '../../src/domain/release.ts';
import type { Records } from '../../src/services/ports.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';
import { beginning, ending, sampleContent, sampleEntry, samplePackage } from '../support/record-samples.ts';

const at = { namespace: 'default', name: 'web' };
const indexRef = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'appstore.web' };
const secretKind = { group: '', version: 'v1', kind: 'Secret' };

let cluster: MemoryCluster;
let records: Records;

beforeEach(() => {
  cluster = createMemoryCluster();
  records = clusterRecords(cluster);
});

async function install(version = '1.0.0'): Promise<InstallationRecord> {
  const begun = await records.begin(beginning(at, version));
  return records.finish(begun, ending(begun));
}

/** Requests since the last look, as `verb Kind name`, names cut to what they are. */
function requests(): string[] {
  return cluster.requests.splice(0).map(({ verb, kind, name, metadataOnly }) => {
    const what = /\.(r\d+|b|i|generated)(\.|$)/.exec(name)?.[1] ?? (name === 'appstore.web' ? 'index' : name);
    return `${verb} ${kind}${what === '' ? '' : ` ${what}`}${metadataOnly ? ' metadata' : ''}`;
  });
}

async function secretNames(): Promise<string[]> {
  const { items } = await cluster.listMetadata(secretKind, { namespace: 'default' });
  return items.map((item) => item.metadata.name);
}

async function codeOf(call: Promise<unknown>): Promise<[string, string]> {
  const error = (await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )) as AppstoreError | undefined;
  return [error?.code ?? '', error?.message ?? ''];
}

describe('requests', () => {
  test('an install looks once, writes blobs and revision, then the index, and ends with one write', async () => {
    const begun = await records.begin(beginning(at, '1.0.0'));
    const writes = requests();
    expect(writes.at(-1)).toBe('create ConfigMap index');
    expect(writes.slice(0, -1).sort()).toEqual([
      'create Secret b',
      'create Secret b',
      'create Secret r1',
      'list Secret metadata',
    ]);
    await records.finish(begun, ending(begun));
    expect(requests()).toEqual(['update ConfigMap index']);
  });

  test('who ends what another process began looks for what is there by itself', async () => {
    const begun = await records.begin(beginning(at, '1.0.0'));
    requests();
    await clusterRecords(cluster).finish({ ...begun }, ending(begun));
    expect(requests()).toEqual(['get ConfigMap index', 'list Secret metadata', 'update ConfigMap index']);
  });

  test('an upgrade writes no blob that a revision has already', async () => {
    const record = await install();
    requests();
    const same = { content: { ...sampleContent(2, '1.0.0') }, package: samplePackage('1.0.0') };
    await records.begin(beginning(at, '1.0.0', { record, ...same }));
    expect(requests()).toEqual(['list Secret metadata', 'create Secret r2', 'update ConfigMap index']);
  });

  test('a revision that takes the package of an earlier one asks for nothing of it, and has what it took', async () => {
    const record = await install();
    requests();
    const { content, package: unread } = await records.stored(record, 1);
    // Its Secret, and what it rendered to
    expect(requests()).toEqual(['get Secret b', 'get Secret r1']);
    const next = { content: { ...content, number: 2 }, package: unread };
    const begun = await records.begin(beginning(at, '1.0.0', { record, ...next }));
    expect(requests()).toEqual(['list Secret metadata', 'create Secret r2', 'update ConfigMap index']);
    expect((await records.whole(begun, 2)).package).toEqual(samplePackage('1.0.0'));
  });

  test('a package whose revision is gone is not taken: nothing would be left of it', async () => {
    const own = samplePackage('1.0.0', { 'own.txt': 'of this revision alone' });
    const begun = await records.begin(beginning(at, '1.0.0', { package: own }));
    const first = await records.finish(begun, ending(begun));
    const { content, package: unread } = await records.stored(first, 1);
    const started = await records.begin(beginning(at, '2.0.0', { record: first }));
    const second = await records.finish(started, ending(started, { keep: 1 }));
    expect(second.revisions.map((line) => line.number)).toEqual([2]);
    const next = { content: { ...content, number: 3 }, package: unread };
    const [code] = await codeOf(records.begin(beginning(at, '1.0.0', { record: second, ...next })));
    expect(code).toBe('OPERATION_RUNNING');
    expect((await records.read(at.namespace, at.name))?.revision).toBe(2);
  });

  test('list, read and history ask for no Secret (NEEDS rows 2 and 25)', async () => {
    await install();
    requests();
    const allowed = cluster.as('reader', (question) => question.resource !== 'secrets');
    const reader = clusterRecords(allowed);
    expect((await reader.list({ fallback: 'default' })).items).toHaveLength(1);
    expect((await reader.read('default', 'web'))?.revisions).toHaveLength(1);
    expect(allowed.requests.map((one) => [one.verb, one.kind, one.metadataOnly])).toEqual([
      ['list', 'ConfigMap', true],
      ['get', 'ConfigMap', false],
    ]);
  });

  test('a record that services copied is looked up again', async () => {
    const record = await install();
    const refreshed = await records.refresh({ ...record }, []);
    expect(refreshed.inventory).toEqual([]);
    expect(await codeOf(records.refresh({ ...record }, []))).toEqual([
      'OPERATION_RUNNING',
      expect.stringContaining('ConfigMap/default/appstore.web'),
    ]);
  });
});

describe('list', () => {
  test('where all namespaces are forbidden it is of the one, and says so', async () => {
    await install();
    const local = cluster.as('local', (question) => question.namespace === 'default');
    const answer = await clusterRecords(local).list({ fallback: 'default' });
    expect(answer.limitedTo).toBe('default');
    expect(answer.items.map((item) => item.name)).toEqual(['web']);
    const asked = clusterRecords(cluster.as('nobody', () => false)).list({
      namespace: 'x',
      fallback: 'default',
    });
    expect((await codeOf(asked))[0]).toBe('FORBIDDEN');
  });

  test('one damaged index, or a foreign one, never hides the others', async () => {
    await install();
    const foreign = { name: 'not-ours', namespace: 'default', labels: { 'appstore.dev/record': 'index' } };
    await cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: foreign });
    await cluster.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...foreign, name: 'appstore.odd' },
    });
    const { items } = await records.list({ fallback: 'default' });
    expect(items.map((item) => [item.name, item.state, item.version])).toEqual([
      ['odd', 'failed', ''],
      ['web', 'deployed', '1.0.0'],
    ]);
  });

  test('text that somebody put into annotations is harmless', async () => {
    await install();
    const annotations = {
      'appstore.dev/version': `\u001b]0;x\u0007\u202e${'9'.repeat(5000)}`,
      'appstore.dev/state': 'on fire',
    };
    await cluster.mergePatch(indexRef, { metadata: { annotations } });
    const [item] = (await records.list({ fallback: 'default' })).items;
    expect(item?.version).toMatch(/^9{200,252}…$/);
    expect(item?.state).toBe('failed');
  });
});

describe('damage', () => {
  const brokenData: readonly {
    readonly name: string;
    readonly data: Record<string, string | null>;
    readonly says: string;
  }[] = [
    { name: 'no revisions', data: { revisions: null }, says: 'data.revisions is missing' },
    {
      name: 'no JSON',
      data: { revisions: '{"number":1}\nnonsense' },
      says: 'data.revisions line 2 is not JSON',
    },
    { name: 'a list', data: { revisions: '[]' }, says: 'data.revisions line 1 is not a JSON object' },
    { name: 'no number', data: { revisions: '{"number":"1"}' }, says: '"number" is missing or not a number' },
    {
      name: 'no operation',
      data: { revisions: '{"number":1,"operation":"x"}' },
      says: '"operation" is none of',
    },
    { name: 'a pending that is none', data: { pending: '{"id":1}' }, says: 'data.pending: "id" is missing' },
    {
      name: 'a journal that is none',
      data: {
        pending: '{"id":"1","operation":"install","revision":1,"startedAt":"","holder":"","journal":7}',
      },
      says: 'data.pending: "journal" is not a list',
    },
  ];
  test.each(brokenData)('an index with $name is refused with its place', async ({ data, says }) => {
    const record = await install();
    await cluster.mergePatch(indexRef, { data });
    const [code, message] = await codeOf(records.read('default', 'web'));
    expect(code).toBe('RECORD_INVALID');
    expect(message).toContain('ConfigMap/default/appstore.web');
    expect(message).toContain(says);
    expect((await codeOf(records.refresh(record, [])))[0]).toBe('OPERATION_RUNNING');
  });

  test('an inventory that cannot be unpacked', async () => {
    await install();
    await cluster.mergePatch(indexRef, { binaryData: { 'inventory.gz': 'bm9uc2Vuc2U=' } });
    expect(await codeOf(records.read('default', 'web'))).toEqual([
      'RECORD_INVALID',
      'ConfigMap/default/appstore.web: the inventory cannot be unpacked',
    ]);
  });

  test('an inventory that names a foreign object as its part', async () => {
    await install();
    const data = { 'inventory-parts': 'abc another-config-map\n' };
    await cluster.mergePatch(indexRef, { binaryData: { 'inventory.gz': null }, data });
    expect((await codeOf(records.read('default', 'web')))[1]).toContain(
      'names something that is no part of an inventory',
    );
  });

  test('a ConfigMap of that name that is no record', async () => {
    await cluster.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'appstore.web', namespace: 'default' },
    });
    expect(await codeOf(records.read('default', 'web'))).toEqual([
      'RECORD_INVALID',
      'ConfigMap/default/appstore.web: it has the name of a record and not its label appstore.dev/record=index',
    ]);
  });

  test('a revision or blob that is missing or was exchanged is named', async () => {
    const record = await install();
    for (const name of await secretNames()) {
      const ref = { ...secretKind, namespace: 'default', name };
      const secret = await cluster.get(ref);
      if (secret === undefined) throw new Error(name);
      const { resourceVersion: _version, uid: _uid, ...metadata } = secret.metadata;
      const data = Object.fromEntries(Object.keys(secret.data).map((key) => [key, 'eHg=']));
      await cluster.delete(ref);
      const read = () => codeOf(records.whole(record, 1));
      expect(await read()).toEqual(['RECORD_INVALID', expect.stringContaining(`Secret/default/${name}: `)]);
      await cluster.create({ ...secret, metadata, data });
      expect(await read()).toEqual(['RECORD_INVALID', `Secret/default/${name}: it is not as it was written`]);
      await cluster.delete(ref);
      await cluster.create({ ...secret, metadata });
    }
    expect((await records.revision(record, 1)).number).toBe(1);
  });
});

test('a newer format is read and listed, and never written to', async () => {
  await install();
  await cluster.mergePatch(indexRef, {
    metadata: { annotations: { 'appstore.dev/format': '2' } },
    data: { future: 'x' },
  });
  const record = await records.read('default', 'web');
  if (record === undefined) throw new Error('no record');
  expect(record).toMatchObject({ formatVersion: 2, version: '1.0.0', state: 'deployed' });
  expect((await records.list({ fallback: 'default' })).items[0]?.formatVersion).toBe(2);
  expect((await records.revision(record, 1)).number).toBe(1);
  const before = await cluster.get(indexRef);
  requests();
  const writes = [
    () => records.begin(beginning(at, '2.0.0', { record })),
    () => records.progress(record, { operation: beginning(at, '1').operation, inventory: [] }),
    () => records.finish(record, ending(record)),
    () => records.refresh(record, []),
    () => records.forget(record, { purgeGenerated: true }),
  ];
  for (const write of writes) expect((await codeOf(write()))[0]).toBe('RECORD_NEWER');
  expect(requests()).toEqual([]);
  expect(await cluster.get(indexRef)).toEqual(before);
  await cluster.mergePatch(indexRef, { data: { revisions: 'a form that nobody knows yet' } });
  expect((await codeOf(records.read('default', 'web')))[0]).toBe('RECORD_NEWER');
});

describe('cut short', () => {
  test('before the index is written nothing is visible; what was written is collected by the next', async () => {
    const lost = new Error('connection lost');
    const back = cluster.fail((request) => request.kind === 'ConfigMap' && request.verb === 'create', lost);
    await expect(records.begin(beginning(at, '1.0.0'))).rejects.toBe(lost);
    back();
    expect(await records.read('default', 'web')).toBeUndefined();
    expect(await secretNames()).toHaveLength(3);
    const begun = await records.begin(
      beginning(at, '2.0.0', { content: sampleContent(1, '2.0.0', { digestKey: 'another' }) }),
    );
    expect(await secretNames()).toHaveLength(6);
    const record = await records.finish(begun, ending(begun));
    expect(await secretNames()).toHaveLength(3);
    expect((await records.revision(record, 1)).package.version).toBe('2.0.0');
  });

  test('a collection that fails does not fail the operation, and is done by the next', async () => {
    const record = await install();
    const begun = await records.begin(beginning(at, '2.0.0', { record }));
    const back = cluster.fail((request) => request.verb === 'delete', await forbiddenError());
    const done = await records.finish(begun, ending(begun, { keep: 1 }));
    expect(done.state).toBe('deployed');
    expect(await secretNames()).toHaveLength(5);
    back();
    const third = await records.begin(beginning(at, '3.0.0', { record: done }));
    await records.finish(third, ending(third, { keep: 1 }));
    expect(await secretNames()).toHaveLength(3);
  });

  test('who may not list Secrets collects what the index names', async () => {
    const record = await install();
    const blind = clusterRecords(
      cluster.as('blind', (question) => !(question.verb === 'list' && question.resource === 'secrets')),
    );
    const seen = await blind.read('default', 'web');
    const begun = await blind.begin(beginning(at, '2.0.0', { record: seen ?? record }));
    const done = await blind.finish(begun, ending(begun, { keep: 1 }));
    expect(await secretNames()).toHaveLength(3);
    await blind.forget(done, { purgeGenerated: false });
    expect(await secretNames()).toEqual([]);
  });

  test('who may not list ConfigMaps finds in Secrets what no index names, and what Helm stored', async () => {
    const record = await install();
    const back = cluster.fail(({ verb }) => verb === 'update', await forbiddenError());
    await codeOf(records.begin(beginning(at, '2.0.0', { record })));
    back();
    expect((await secretNames()).length).toBeGreaterThan(3);
    const labels = { 'appstore.dev/record': 'helm', 'appstore.dev/installation': 'web' };
    for (const name of ['sh.helm.release.v1.web.v1', 'sh.helm.release.v1.web.vx']) {
      const metadata = { name, namespace: 'default', labels };
      await cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'helm.sh/release.v1' });
    }
    const least = clusterRecords(
      cluster.as('least', ({ verb, resource }) => !(verb === 'list' && resource === 'configmaps')),
    );
    const seen = (await least.read('default', 'web')) ?? record;
    const { content: _content, package: _package, ...removal } = beginning(at, '1.0.0', { record: seen });
    const begun = await least.begin(removal);
    await least.forget(begun, { purgeGenerated: true });
    // Nobody gave a release such a name: its label was forged.
    expect(await secretNames()).toEqual(['sh.helm.release.v1.web.vx']);
  });

  test('a record is forgotten from its leaves to its index', async () => {
    const small = clusterRecords(cluster, { inlineInventory: 10 });
    const begun = await small.begin(beginning(at, '1.0.0'));
    const record = await small.finish(begun, ending(begun));
    requests();
    const back = cluster.fail(
      (request) => request.verb === 'delete' && request.name === 'appstore.web',
      await forbiddenError(),
    );
    expect((await codeOf(small.forget(record, { purgeGenerated: true })))[0]).toBe('FORBIDDEN');
    back();
    const deletions = requests().filter((one) => one.startsWith('delete'));
    expect(deletions.slice(0, 3).sort()).toEqual(['delete Secret b', 'delete Secret b', 'delete Secret r1']);
    expect(deletions.slice(3)).toEqual(['delete ConfigMap i', 'delete ConfigMap index']);
    // Cut just before its end, it can still be read and gone on with by a process that knows nothing of it.
    const next = clusterRecords(cluster);
    const left = await next.read('default', 'web');
    expect(left?.inventory).toEqual([]);
    await next.forget(left ?? record, { purgeGenerated: true });
    expect(await records.read('default', 'web')).toBeUndefined();
  });

  test('a removal that another operation took over forgets nothing', async () => {
    const record = await install();
    const operation = beginning(at, '1').operation;
    const late = await records.begin({
      ...at,
      record,
      operation: { ...operation, operation: 'remove', revision: 0 },
      inventory: [],
    });
    const seen = await clusterRecords(cluster).read('default', 'web');
    await clusterRecords(cluster).begin(beginning(at, '2.0.0', { record: { ...(seen ?? late) } }));
    requests();
    expect((await codeOf(records.forget(late, { purgeGenerated: true })))[0]).toBe('OPERATION_RUNNING');
    expect(requests().filter((one) => one.startsWith('delete'))).toEqual([]);
  });

  test('an index that changes while its leaves go is looked at again before it goes', async () => {
    const removing = { ...beginning(at, '1').operation, operation: 'remove', revision: 0 } as const;
    const forgetAround = async (meanwhile: () => Promise<unknown>) => {
      let first = true;
      const busy = clusterRecords({
        ...cluster,
        delete: async (ref, options) => {
          if (first && ref.kind === 'ConfigMap') await meanwhile();
          if (ref.kind === 'ConfigMap') first = false;
          return cluster.delete(ref, options);
        },
      });
      const record = await busy.read('default', 'web');
      if (record === undefined) throw new Error('no record');
      const late = await busy.begin({ ...at, record, operation: removing, inventory: [] });
      await busy.forget(late, { purgeGenerated: false });
    };
    await install();
    await forgetAround(() => cluster.mergePatch(indexRef, { metadata: { labels: { team: 'shop' } } }));
    expect(await records.read('default', 'web')).toBeUndefined();
    await install();
    const takeOver = async () => {
      const record = await records.read('default', 'web');
      if (record === undefined) throw new Error('no record');
      const operation = { ...removing, id: 'another' };
      await records.begin({ ...at, record, operation, inventory: [] });
    };
    expect((await codeOf(forgetAround(takeOver)))[0]).toBe('OPERATION_RUNNING');
    expect((await records.read('default', 'web'))?.pending?.id).toBe('another');
  });

  test('an index made anew under the same name is not forgotten', async () => {
    const record = await install();
    await cluster.delete(indexRef);
    const other = await records.begin(beginning(at, '2.0.0'));
    expect((await codeOf(records.forget(record, { purgeGenerated: true })))[0]).toBe('OPERATION_RUNNING');
    expect((await records.read('default', 'web'))?.uid).toBe(other.uid);
  });
});

async function forbiddenError(): Promise<Error> {
  const nobody = cluster.as('nobody', () => false);
  return nobody.get(indexRef).then(
    () => new Error('allowed'),
    (error: Error) => error,
  );
}

describe('two at once', () => {
  test('a commit whose answer was lost meets its own write and is done', async () => {
    let lose = true;
    const lossy = clusterRecords({
      ...cluster,
      create: async (object, options) => {
        const made = await cluster.create(object, options);
        if (object.kind !== 'ConfigMap' || !lose) return made;
        lose = false;
        return cluster.create(object, options);
      },
    });
    const begun = await lossy.begin(beginning(at, '1.0.0'));
    expect(begun.state).toBe('installing');
    expect((await lossy.finish(begun, ending(begun))).state).toBe('deployed');
  });

  test('content that a starting operation relies on is not collected by an ending one', async () => {
    const first = await install();
    const second = await records.begin(beginning(at, '2.0.0', { record: first }));
    // The start of the next operation falls between the commit of the ending one and its deletions.
    const other = clusterRecords(cluster);
    let third: InstallationRecord | undefined;
    const ends = clusterRecords({
      ...cluster,
      delete: async (ref, options) => {
        if (third === undefined) {
          const seen = await other.read('default', 'web');
          if (seen === undefined) throw new Error('no record');
          const old = { content: sampleContent(3, '1.0.0'), package: samplePackage('1.0.0') };
          third = await other.begin(beginning(at, '1.0.0', { record: seen, ...old }));
        }
        return cluster.delete(ref, options);
      },
    });
    await ends.finish({ ...second }, ending(second, { keep: 1 }));
    if (third === undefined) throw new Error('nothing was deleted');
    expect((await other.revision(third, 3)).rendered).toEqual(sampleContent(3, '1.0.0').rendered);
    expect((await other.whole(third, 3)).package.files).toEqual(samplePackage('1.0.0').files);
  });
});

describe('sizes', () => {
  test('failed upgrades never push out the revision that is deployed', async () => {
    let record = await install();
    for (let count = 0; count < 4; count++) {
      const begun = await records.begin(beginning(at, '2.0.0', { record }));
      record = await records.finish(begun, ending(begun, { result: 'failed', keep: 2 }));
    }
    expect(record.revisions.map((line) => [line.number, line.result])).toEqual([
      [1, 'deployed'],
      [4, 'failed'],
      [5, 'failed'],
    ]);
    expect((await records.revision(record, 1)).number).toBe(1);
  });

  test('a message without end is cut, a journal without end is kept', async () => {
    const begun = await records.begin(beginning(at, '1.0.0'));
    const journal = Array.from({ length: 20_000 }, (_, count) => ({
      step: `applied Deployment/web-${count}`,
      at: '2026-01-02T03:04:05Z',
    }));
    const operation = { ...beginning(at, '1').operation, ...begun.pending, journal };
    const moved = await records.progress(begun, { operation, inventory: begun.inventory });
    expect((await records.read('default', 'web'))?.pending?.journal).toEqual(journal);
    const done = await records.finish(
      moved,
      ending(moved, { result: 'failed', message: 'no '.repeat(1_000_000) }),
    );
    expect(done.revisions[0]?.message?.length).toBeLessThanOrEqual(1000);
    expect(await records.read('default', 'web')).toEqual(done);
  });

  test('parts of an inventory that is small again are collected', async () => {
    const small = clusterRecords(cluster, { inlineInventory: 200, part: 100 });
    const many = Array.from({ length: 50 }, (_, count) =>
      sampleEntry(`web-${count}`, { uid: crypto.randomUUID() }),
    );
    const begun = await small.begin(beginning(at, '1.0.0', { inventory: many }));
    const parts = async () => {
      const options = { namespace: 'default', labelSelector: 'appstore.dev/record=inventory' };
      return (await cluster.listMetadata({ ...secretKind, kind: 'ConfigMap' }, options)).items.length;
    };
    expect(await parts()).toBeGreaterThan(10);
    expect((await clusterRecords(cluster).read('default', 'web'))?.inventory).toEqual(many);
    await small.finish(begun, ending(begun, { inventory: [] }));
    expect(await parts()).toBe(0);
    expect((await records.read('default', 'web'))?.inventory).toEqual([]);
  });

  test('values too large for one Secret go into parts', async () => {
    const small = clusterRecords(cluster, { part: 2_000 });
    const values = { text: Buffer.from(crypto.getRandomValues(new Uint8Array(9_000))).toString('base64') };
    const record = await small.begin(beginning(at, '1.0.0', { values }));
    expect((await records.revisionHead(record, 1)).options.values).toEqual(values);
    expect((await secretNames()).length).toBeGreaterThan(5);
  });

  test('the longest name fits, a longer one and one with a dot are refused', async () => {
    const longest = { namespace: 'default', name: 'a'.repeat(53) };
    const record = await records.begin(beginning(longest, '1.0.0'));
    expect((await records.revision(record, 1)).number).toBe(1);
    for (const name of ['a'.repeat(54), 'web.r1', 'Web', '']) {
      const refused = records.begin(beginning({ namespace: 'default', name }, '1.0.0'));
      await expect(refused).rejects.toMatchObject({
        code: 'NAME_INVALID',
        message: checkInstallationName(name)?.message,
      });
    }
  });
});

test('no secret, and no digest of one that could be guessed at, is in the index', async () => {
  const values = { password: 'hunter2' };
  const one = await records.begin(beginning(at, '1.0.0', { values }));
  const lines = async () => (await cluster.get(indexRef))?.data.revisions as string;
  expect(JSON.stringify(await cluster.get(indexRef))).not.toContain('hunter2');
  const ids = (text: string) => [...text.matchAll(/"id":"([0-9a-f]+)"/g)].map((match) => match[1]);
  const before = ids(await lines());
  const content = { ...sampleContent(1, '1.0.0', { values, digestKey: 'of another installation' }) };
  await records.begin({ ...beginning(at, '1.0.0', { content }), record: one });
  expect(before).toHaveLength(3);
  expect(ids(await lines()).filter((id) => before.includes(id))).toEqual([]);
});
