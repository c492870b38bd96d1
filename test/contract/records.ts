import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { clusterRecords } from '../../src/adapters/kubernetes/records.ts';
import type { Records } from '../../src/services/ports.ts';
import {
  beginning,
  ending,
  sampleContent,
  sampleDiagnosis,
  sampleEntry,
  sampleOperation,
  samplePackage,
} from '../support/record-samples.ts';
import {
  type ContractSetup,
  configMapKind,
  errorOf,
  namespaceKind,
  refTo,
  secretKind,
  unique,
} from './setup.ts';
import { part } from './with-setup.ts';

/** Every promise of the `Records` port, upon any cluster. */
export function recordsContract(title: string, make: () => Promise<ContractSetup>): void {
  part(`Records: ${title}`, make, (setup) => {
    let records: Records;
    beforeAll(() => {
      records = clusterRecords(setup().cluster);
    });
    const place = () => ({ namespace: setup().namespace, name: unique('app') });

    test('nothing is recorded of what was never begun', async () => {
      const { namespace } = setup();
      expect(await records.read(namespace, 'none')).toBeUndefined();
      expect(await records.readGenerated(namespace, 'none')).toEqual({});
    });

    test('an install: begun, in progress, finished, read back', async () => {
      const at = place();
      const request = beginning(at, '1.0.0', { madeNamespace: true });
      const begun = await records.begin(request);
      expect(begun).toMatchObject({
        ...at,
        catalog: 'builtin',
        app: 'whoami',
        version: '1.0.0',
        appVersion: 'v1.0.0',
        revision: 1,
        state: 'installing',
        updatedAt: request.operation.startedAt,
        formatVersion: 1,
        madeNamespace: true,
        pending: request.operation,
      });
      expect(begun.revisions.map((line) => [line.number, line.result])).toEqual([[1, 'pending']]);
      expect(await records.read(at.namespace, at.name)).toEqual(begun);

      const journal = [{ step: 'applied Deployment/web', at: '2026-01-02T03:04:30Z' }];
      const inventory = [sampleEntry('web', { uid: 'u1', fields: 'f1', applied: 'a1', keep: 'policy' })];
      const operation = { ...request.operation, journal };
      const moved = await records.progress(begun, { operation, inventory });
      expect(moved.pending?.journal).toEqual(journal);
      expect(moved.updatedAt).toBe('2026-01-02T03:04:30Z');

      const done = await records.finish(moved, ending(moved));
      expect(done).toMatchObject({ state: 'deployed', inventory, updatedAt: '2026-01-02T03:05:00Z' });
      expect(done.pending).toBeUndefined();
      expect(done.revisions).toEqual([
        {
          number: 1,
          operation: 'install',
          version: '1.0.0',
          appVersion: 'v1.0.0',
          startedAt: '2026-01-02T03:04:05Z',
          finishedAt: '2026-01-02T03:05:00Z',
          result: 'deployed',
        },
      ]);
      expect(await records.read(at.namespace, at.name)).toEqual(done);
    });

    test('begun once what is written beside it is, and not at all where that fails', async () => {
      const at = place();
      const writing = Promise.withResolvers<void>();
      let done = false;
      const begins = records.begin({ ...beginning(at, '1.0.0'), beside: writing.promise });
      void begins.then(() => {
        done = true;
      });
      await sleep(300);
      expect({ done, record: await records.read(at.namespace, at.name) }).toEqual({ done: false });
      writing.resolve();
      expect((await begins).pending?.operation).toBe('install');

      const other = place();
      const refused = Promise.reject(new Error('not written'));
      await expect(records.begin({ ...beginning(other, '1.0.0'), beside: refused })).rejects.toThrow(
        'not written',
      );
      expect(await records.read(other.namespace, other.name)).toBeUndefined();
      // Nothing is under way any more: all that was written of it is found.
      expect(await records.sweep(other.namespace, other.name)).toBeGreaterThan(0);
      expect(await records.sweep(other.namespace, other.name)).toBe(0);
    });

    test('a revision comes back as it was, whatever bytes are in it', async () => {
      const at = place();
      const values = {
        text: '\u0000\u001b[31m\ud800 \u2028 "quotes" \\ 🚢',
        'a.b': { __proto__x: [null, 1.5, true] },
      };
      const content = sampleContent(1, '1.0.0', { values, notes: 'line\r\nline\ttab' });
      const binary = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const packed = samplePackage('1.0.0', { 'icon.png': binary, 'empty.txt': '', 'ü/ß.md': 'ö\n' });
      const record = await records.begin(beginning(at, '1.0.0', { content, package: packed }));
      const fresh = clusterRecords(setup().cluster);
      expect(await fresh.revision(record, 1)).toEqual(content);
      const { rendered: _rendered, ...head } = content;
      const read = await fresh.revisionHead(record, 1);
      expect(read).toEqual(head);
      expect(await fresh.rendering(record, read)).toEqual(content.rendered);
      // A head of elsewhere is as good
      expect(await fresh.rendering(record, { ...read })).toEqual(content.rendered);
      expect(await fresh.whole(record, 1)).toEqual({ content, package: packed });
      const error = await errorOf(records.revision(record, 7));
      expect(error.code).toBe('REVISION_NOT_FOUND');
      expect(error.message).toContain('it has 1');
    });

    test('an upgrade supersedes, a failed one does not', async () => {
      const at = place();
      const first = await records.begin(beginning(at, '1.0.0'));
      const installed = await records.finish(first, ending(first));
      const second = await records.begin(beginning(at, '2.0.0', { record: installed }));
      expect(second).toMatchObject({ state: 'upgrading', version: '2.0.0', revision: 2 });
      const failed = await records.finish(
        second,
        ending(second, { result: 'failed', cause: 'CRASH_LOOP', message: 'it\nfell \u001b[31mover' }),
      );
      expect(failed).toMatchObject({ state: 'failed', revision: 2 });
      expect(failed.revisions.map((line) => line.result)).toEqual(['deployed', 'failed']);
      expect(failed.revisions[1]).toMatchObject({ cause: 'CRASH_LOOP', message: 'it fell over' });
      const third = await records.begin(beginning(at, '3.0.0', { record: failed }));
      const upgraded = await records.finish(third, ending(third));
      expect(upgraded.revisions.map((line) => line.result)).toEqual(['superseded', 'failed', 'deployed']);
      expect((await records.revision(upgraded, 1)).package.version).toBe('1.0.0');
    });

    test('the evidence of a failure is kept with its revision, and read without touching the others (row 6)', async () => {
      const at = place();
      const first = await records.begin(beginning(at, '1.0.0'));
      const installed = await records.finish(first, ending(first));
      const second = await records.begin(beginning(at, '2.0.0', { record: installed }));
      const failed = await records.finish(
        second,
        ending(second, {
          result: 'failed',
          cause: 'CRASH_LOOP',
          message: 'it fell',
          evidence: sampleDiagnosis,
        }),
      );
      expect(failed.revisions[1]).toMatchObject({ cause: 'CRASH_LOOP', message: 'it fell' });
      const third = await records.begin(beginning(at, '3.0.0', { record: failed }));
      await records.finish(third, ending(third));
      const fresh = clusterRecords(setup().cluster);
      const record = await fresh.read(at.namespace, at.name);
      if (record === undefined) throw new Error('no record');
      expect(await fresh.evidence(record, 2)).toEqual(sampleDiagnosis);
      expect(await fresh.evidence(record, 3)).toBeUndefined();
      expect((await errorOf(fresh.evidence(record, 9))).code).toBe('REVISION_NOT_FOUND');
    });

    test('large evidence is cut, and goes with its revision', async () => {
      const at = place();
      const { cluster, namespace } = setup();
      const begun = await records.begin(beginning(at, '1.0.0'));
      const [finding] = sampleDiagnosis.findings;
      if (finding === undefined) throw new Error('no finding');
      const text = Array.from({ length: 5000 }, (_, line) => `line ${line}`).join('\n');
      const evidence = Array.from({ length: 40 }, () => ({ ref: finding.ref, source: 'log' as const, text }));
      const large = { ...sampleDiagnosis, findings: [{ ...finding, evidence }] };
      let record = await records.finish(
        begun,
        ending(begun, { result: 'failed', cause: 'ERROR', evidence: large }),
      );
      const stored = await records.evidence(record, 1);
      expect(JSON.stringify(stored).length).toBeLessThanOrEqual(16 * 1024);
      expect(stored?.findings[0]?.evidence[0]?.text).toMatch(/line 4999$/);
      for (const version of ['2.0.0', '3.0.0']) {
        const next = await records.begin(beginning(at, version, { record }));
        record = await records.finish(next, ending(next, { keep: 1 }));
      }
      expect(record.revisions.map((line) => line.number)).toEqual([3]);
      const labelSelector = `appstore.dev/record=blob,appstore.dev/installation=${at.name}`;
      const { items } = await cluster.listMetadata(secretKind, { namespace, labelSelector });
      expect(items).toHaveLength(2);
    });

    test('evidence that somebody edited is refused, not shown', async () => {
      const at = place();
      const { cluster } = setup();
      const begun = await records.begin(beginning(at, '1.0.0'));
      const failed = await records.finish(
        begun,
        ending(begun, { result: 'failed', cause: 'ERROR', evidence: sampleDiagnosis }),
      );
      const index = await cluster.get(refTo(configMapKind, at.namespace, `appstore.${at.name}`));
      const { id } = JSON.parse(index?.data.revisions).evidence;
      const blob = refTo(secretKind, at.namespace, `appstore.${at.name}.b.${id}.0`);
      const secret = await cluster.get(blob);
      await cluster.delete(blob);
      const {
        resourceVersion: _version,
        uid: _uid,
        managedFields: _fields,
        ...metadata
      } = secret?.metadata ?? {
        name: '',
      };
      await cluster.create({ ...secret, apiVersion: 'v1', kind: 'Secret', metadata, data: { part: 'AAAA' } });
      expect((await errorOf(records.evidence(failed, 1))).code).toBe('RECORD_INVALID');
    });

    test('of two writers one wins, the other is told, and what is recorded is the first', async () => {
      const at = place();
      const starts = [beginning(at, '1.0.0'), beginning(at, '2.0.0')];
      const ends = await Promise.allSettled(
        starts.map((request) => clusterRecords(setup().cluster).begin(request)),
      );
      expect(ends.map((end) => end.status).sort()).toEqual(['fulfilled', 'rejected']);
      const lost = ends.find((end) => end.status === 'rejected');
      expect(lost?.reason).toMatchObject({ code: 'OPERATION_RUNNING' });
      const winner = starts[ends.findIndex((end) => end.status === 'fulfilled')];
      const record = await records.read(at.namespace, at.name);
      expect(record?.pending?.id).toBe(winner?.operation.id);
      if (record === undefined) return;
      expect(await records.revision(record, 1)).toEqual(winner?.content);
    });

    test('who comes late writes nothing any more', async () => {
      const at = place();
      const early = await records.begin(beginning(at, '1.0.0'));
      const other = clusterRecords(setup().cluster);
      const seen = await other.read(at.namespace, at.name);
      if (seen === undefined) throw new Error('no record');
      const resumed = await other.begin({ ...beginning(at, '1.0.0'), record: seen });
      const late = [
        () =>
          records.progress(early, {
            operation: early.pending ?? sampleOperation('install', 1),
            inventory: [],
          }),
        () => records.finish(early, ending(early)),
        () => records.refresh(early, []),
        () => records.begin(beginning(at, '2.0.0', { record: early })),
      ];
      for (const write of late) expect((await errorOf(write())).code).toBe('OPERATION_RUNNING');
      expect((await records.read(at.namespace, at.name))?.pending?.id).toBe(resumed.pending?.id);
      expect((await other.finish(resumed, ending(resumed))).state).toBe('deployed');
    });

    test('who comes after a removal is told that another one was first, whatever it wanted', async () => {
      const at = place();
      const begun = await records.begin(beginning(at, '1.0.0'));
      const done = await records.finish(begun, ending(begun));
      const late = clusterRecords(setup().cluster);
      const stale = await late.read(at.namespace, at.name);
      await records.forget(done, { purgeGenerated: true });
      const next = beginning(at, '2.0.0', { ...(stale === undefined ? {} : { record: stale }) });
      expect(await errorOf(late.begin(next))).toMatchObject({ code: 'OPERATION_RUNNING' });
      expect(await records.read(at.namespace, at.name)).toBeUndefined();
      // What it wrote before it lost is named by nothing, and goes with who looks next under the lock.
      expect(await records.sweep(at.namespace, at.name)).toBeGreaterThan(0);
      expect(await records.sweep(at.namespace, at.name)).toBe(0);
    });

    test('what the index names stays when the rest is swept', async () => {
      const at = place();
      const begun = await records.begin(beginning(at, '1.0.0'));
      await records.addGenerated(at.namespace, at.name, { password: 'secret' });
      expect(await records.sweep(at.namespace, at.name)).toBe(0);
      const done = await records.finish(begun, ending(begun));
      expect(await records.sweep(at.namespace, at.name)).toBe(0);
      expect(await records.revision(done, 1)).toMatchObject({ number: 1 });
      expect(await records.readGenerated(at.namespace, at.name)).toEqual({ password: 'secret' });
    });

    test('an operation that was cut is continued under the same number, or failed by the next', async () => {
      const at = place();
      const cut = await records.begin(beginning(at, '1.0.0'));
      const again = { ...beginning(at, '1.0.1'), record: cut };
      const resumed = await records.begin(again);
      expect(resumed.revisions).toMatchObject([{ number: 1, version: '1.0.1', result: 'pending' }]);
      const next = await records.begin(beginning(at, '2.0.0', { record: resumed }));
      expect(next.revisions).toMatchObject([
        { number: 1, result: 'failed', cause: 'INTERRUPTED' },
        { number: 2, result: 'pending' },
      ]);
    });

    test('the inventory is refreshed without a revision', async () => {
      const at = place();
      const first = await records.begin(beginning(at, '1.0.0'));
      const installed = await records.finish(first, ending(first));
      const inventory = [sampleEntry('web', { uid: 'new' })];
      const refreshed = await records.refresh(installed, inventory);
      expect(refreshed.inventory).toEqual(inventory);
      expect(refreshed.revisions).toEqual(installed.revisions);
      expect(await records.read(at.namespace, at.name)).toEqual(refreshed);
    });

    test('old revisions go, and the content that no other refers to with them', async () => {
      const at = place();
      const { cluster, namespace } = setup();
      const start = await records.begin(beginning(at, '1.0.0', { package: samplePackage('same') }));
      let record = await records.finish(start, ending(start, { keep: 2 }));
      for (const version of ['2.0.0', '3.0.0', '4.0.0']) {
        const begun = await records.begin(beginning(at, version, { record, package: samplePackage('same') }));
        record = await records.finish(begun, ending(begun, { keep: 2 }));
      }
      expect(record.revisions.map((line) => line.number)).toEqual([3, 4]);
      const labelSelector = `appstore.dev/record,appstore.dev/installation=${at.name}`;
      const { items } = await cluster.listMetadata(secretKind, { namespace, labelSelector });
      const kinds = items.map((item) => item.metadata.labels?.['appstore.dev/record']).sort();
      expect(kinds).toEqual(['blob', 'blob', 'blob', 'revision', 'revision']);
      for (const number of [3, 4]) {
        expect((await records.revision(record, number)).number).toBe(number);
        expect((await records.whole(record, number)).package.files).toEqual(samplePackage('same').files);
      }
    });

    test('a revision takes the package of an earlier one as it is stored, unread, also under another key', async () => {
      const at = place();
      const start = await records.begin(beginning(at, '1.0.0', { package: samplePackage('big') }));
      let record = await records.finish(start, ending(start));
      for (const [number, digestKey] of [
        [2, undefined],
        [3, 'another key'],
      ] as const) {
        const { content, package: unread } = await records.stored(record, 1);
        expect(unread).not.toHaveProperty('files');
        const next = { ...content, number, ...(digestKey === undefined ? {} : { digestKey }) };
        const begun = await records.begin(beginning(at, '1.0.0', { record, content: next, package: unread }));
        record = await records.finish(begun, ending(begun));
        const fresh = clusterRecords(setup().cluster);
        expect(await fresh.whole(record, number)).toEqual({ content: next, package: await unread.read() });
      }
      expect((await records.whole(record, 3)).package.files).toEqual(samplePackage('big').files);
    });

    test('list needs one metadata request over all namespaces, and no Secret', async () => {
      const at = place();
      const begun = await records.begin(beginning(at, '1.0.0'));
      const record = await records.finish(begun, ending(begun));
      const all = await records.list({ fallback: 'default' });
      expect(all.limitedTo).toBeUndefined();
      const found = all.items.find((item) => item.name === at.name && item.namespace === at.namespace);
      expect(found).toEqual({
        ...at,
        catalog: 'builtin',
        app: 'whoami',
        version: '1.0.0',
        appVersion: 'v1.0.0',
        revision: 1,
        state: 'deployed',
        updatedAt: record.updatedAt,
        formatVersion: 1,
      });
      const one = await records.list({ namespace: at.namespace, fallback: 'default' });
      expect(one.items.map((item) => item.namespace)).toEqual(one.items.map(() => at.namespace));
    });

    test('who may see nothing is refused, not shown an empty list', async () => {
      const strange = clusterRecords(setup().stranger);
      expect((await errorOf(strange.list({ fallback: setup().namespace }))).code).toBe('FORBIDDEN');
      expect((await errorOf(strange.read(setup().namespace, 'x'))).code).toBe('FORBIDDEN');
    });

    test('an installation is begun only where its namespace is', async () => {
      const missing = { namespace: unique('missing'), name: 'web' };
      expect((await errorOf(records.begin(beginning(missing, '1.0.0')))).code).toBe('NAMESPACE_MISSING');
    });

    test('forgotten: nothing of the record is left, and of its secrets only when purged', async () => {
      const { cluster, namespace } = setup();
      const at = place();
      const first = await records.begin(beginning(at, '1.0.0'));
      const installed = await records.finish(first, ending(first));
      await records.addGenerated(namespace, at.name, { password: 's3cret' });
      const operation = { ...sampleOperation('remove', 0), purgeData: true };
      const removing = await records.begin({
        ...at,
        record: installed,
        operation,
        inventory: installed.inventory,
      });
      expect(removing).toMatchObject({
        state: 'removing',
        version: '1.0.0',
        revision: 1,
        pending: { purgeData: true },
      });
      await records.forget(removing, { purgeGenerated: false });
      expect(await records.read(namespace, at.name)).toBeUndefined();
      const labelSelector = `appstore.dev/installation=${at.name}`;
      const left = async () => {
        const maps = await cluster.listMetadata(configMapKind, { namespace, labelSelector });
        const secrets = await cluster.listMetadata(secretKind, { namespace, labelSelector });
        return [...maps.items, ...secrets.items].map((item) => item.metadata.name);
      };
      expect(await left()).toEqual([`appstore.${at.name}.generated`]);
      expect(await records.readGenerated(namespace, at.name)).toEqual({ password: 's3cret' });
      const again = await records.begin(beginning(at, '1.0.0'));
      await records.forget(again, { purgeGenerated: true });
      expect(await left()).toEqual([]);
    });

    test('a generated secret is never overwritten, whoever comes second', async () => {
      const { namespace, name } = place();
      const paths = { 'auth.password': 'one', 'users[0]["a/b"]': 'two', _x: '' };
      expect(await records.addGenerated(namespace, name, paths)).toEqual(paths);
      const adds = ['a', 'b', 'c', 'd'].map((value) =>
        records.addGenerated(namespace, name, { 'auth.password': 'other', shared: value, [value]: value }),
      );
      await Promise.all(adds);
      const stored = await records.readGenerated(namespace, name);
      expect(stored).toMatchObject({ ...paths, a: 'a', b: 'b', c: 'c', d: 'd' });
      expect(['a', 'b', 'c', 'd']).toContain(stored.shared);
      for (const added of await Promise.all(adds)) {
        expect(added['auth.password']).toBe('one');
        expect(added.shared).toBe(stored.shared);
      }
    });

    test('an inventory of 10,000 entries is kept, beyond what one object can hold', async () => {
      const at = place();
      const inventory = Array.from({ length: 10_000 }, (_, count) =>
        sampleEntry(`object-${count}`, {
          namespace: at.namespace,
          uid: crypto.randomUUID(),
          fields: crypto.randomUUID().replaceAll('-', ''),
          applied: crypto.randomUUID().replaceAll('-', ''),
        }),
      );
      const begun = await records.begin(beginning(at, '1.0.0', { inventory }));
      const done = await records.finish(begun, ending(begun, { inventory: inventory.slice(1) }));
      const fresh = await clusterRecords(setup().cluster).read(at.namespace, at.name);
      expect(fresh?.inventory).toEqual(inventory.slice(1));
      await records.forget(done, { purgeGenerated: false });
      const labelSelector = `appstore.dev/installation=${at.name}`;
      const { items } = await setup().cluster.listMetadata(configMapKind, {
        namespace: at.namespace,
        labelSelector,
      });
      expect(items).toEqual([]);
    });

    test('a package and objects of several MiB are kept in parts', async () => {
      const at = place();
      const noise = crypto.getRandomValues(new Uint8Array(65_536));
      const big = Buffer.concat(Array.from({ length: 48 }, (_, part) => mixed(noise, part)));
      const packed = samplePackage('1.0.0', { 'big.bin': new Uint8Array(big) });
      const record = await records.begin(beginning(at, '1.0.0', { package: packed }));
      const { package: read } = await clusterRecords(setup().cluster).whole(record, 1);
      expect(Buffer.compare(read.files[1]?.content ?? Buffer.alloc(0), big)).toBe(0);
    });

    test('the index is the parent of an ApplySet', async () => {
      const at = place();
      const inventory = [
        sampleEntry('web', { namespace: at.namespace }),
        sampleEntry('c', { group: '', kind: 'ConfigMap', namespace: 'other' }),
      ];
      await records.begin(beginning(at, '1.0.0', { inventory }));
      const index = await setup().cluster.getMetadata(
        refTo(configMapKind, at.namespace, `appstore.${at.name}`),
      );
      expect(index?.metadata.labels?.['applyset.kubernetes.io/id']).toMatch(
        /^applyset-[A-Za-z0-9_-]{43}-v1$/,
      );
      expect(index?.metadata.annotations).toMatchObject({
        'applyset.kubernetes.io/tooling': 'appstore/v1.0.0',
        'applyset.kubernetes.io/contains-group-kinds': 'ConfigMap,Deployment.apps',
        'applyset.kubernetes.io/additional-namespaces': 'other',
      });
    });

    test("others' labels and annotations on the index stay, and do not stop an operation", async () => {
      const at = place();
      const ref = refTo(configMapKind, at.namespace, `appstore.${at.name}`);
      const begun = await records.begin(beginning(at, '1.0.0'));
      await setup().cluster.mergePatch(
        ref,
        { metadata: { labels: { team: 'blue' } } },
        { fieldManager: 'somebody' },
      );
      const done = await records.finish(begun, ending(begun));
      expect(done.state).toBe('deployed');
      expect((await setup().cluster.getMetadata(ref))?.metadata.labels).toMatchObject({ team: 'blue' });
    });

    test('a namespace can be deleted with its records in it', async () => {
      const { cluster } = setup();
      const name = unique('with-records');
      await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      await records.begin(beginning({ namespace: name, name: 'web' }, '1.0.0'));
      expect(await cluster.delete(refTo(namespaceKind, '', name))).toBe('terminating');
    });
  });
}

/** Random bytes that do not repeat from part to part, so that they cannot be compressed. */
function mixed(noise: Uint8Array, part: number): Buffer {
  return Buffer.from(noise.map((byte, at) => byte ^ (noise[(at * (part + 7) + part) % noise.length] ?? 0)));
}
