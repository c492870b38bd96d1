import { expect, test } from 'vitest';
import type { Cluster, WatchEvent } from '../../src/services/ports.ts';
import {
  apiErrorOf,
  type ContractSetup,
  configMap,
  configMapKind,
  errorOf,
  refTo,
  secretKind,
  unique,
} from './setup.ts';
import { withWidgetKind } from './widget-kind.ts';
import { part } from './with-setup.ts';

interface Seen {
  readonly type: string;
  readonly name: string;
}

/** Reads events until as many as wanted came, bookmarks left out. */
async function take(
  events: AsyncIterable<WatchEvent<{ metadata: { name: string } }>>,
  count: number,
): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const event of events) {
    if (event.type === 'bookmark') continue;
    seen.push({ type: event.type, name: event.object.metadata.name });
    if (seen.length === count) break;
  }
  return seen;
}

async function createLabelled(cluster: Cluster, namespace: string, name: string, label: string) {
  const object = configMap(namespace, name, { a: '1' });
  return cluster.create({ ...object, metadata: { ...object.metadata, labels: { label } } });
}

/** watch: from a list on, with selectors, as metadata, until it is ended. */
export function watchContract(make: () => Promise<ContractSetup>): void {
  part('watch', make, (setup) => {
    test('sees what happens after the list, and nothing from before', async () => {
      const { cluster, namespace } = setup();
      const label = unique('watched');
      await createLabelled(cluster, namespace, `${label}-old`, label);
      const selector = { namespace, labelSelector: `label=${label}` };
      const { resourceVersion } = await cluster.listMetadata(configMapKind, selector);
      const made = await createLabelled(cluster, namespace, `${label}-new`, label);
      const control = new AbortController();
      const events = cluster.watch(configMapKind, { ...selector, resourceVersion, signal: control.signal });
      const seen = take(events, 3);
      await cluster.replace({ ...made, data: { a: '2' } });
      await cluster.delete(refTo(configMapKind, namespace, `${label}-new`));
      expect(await seen).toEqual([
        { type: 'added', name: `${label}-new` },
        { type: 'modified', name: `${label}-new` },
        { type: 'deleted', name: `${label}-new` },
      ]);
      control.abort();
    });

    test('an object that ceases to fit the selector is deleted for the watch, one that comes to fit it is added', async () => {
      const { cluster, namespace } = setup();
      const label = unique('fitting');
      const { resourceVersion } = await cluster.list(configMapKind, { namespace });
      const control = new AbortController();
      const options = { namespace, labelSelector: `label=${label}`, resourceVersion, signal: control.signal };
      const seen = take(cluster.watchMetadata(configMapKind, options), 3);
      await createLabelled(cluster, namespace, label, label);
      const ref = refTo(configMapKind, namespace, label);
      await cluster.mergePatch(ref, { metadata: { labels: { label: 'other' } } });
      await cluster.mergePatch(ref, { metadata: { labels: { label } } });
      expect((await seen).map((event) => event.type)).toEqual(['added', 'deleted', 'added']);
      control.abort();
    });

    test('metadata alone has no payload, and carries the kind', async () => {
      const { cluster, namespace } = setup();
      const { resourceVersion } = await cluster.listMetadata(secretKind, { namespace });
      const name = unique('secret');
      await cluster.create({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace },
        data: { a: 'eA==' },
      });
      const control = new AbortController();
      const options = {
        namespace,
        fieldSelector: `metadata.name=${name}`,
        resourceVersion,
        signal: control.signal,
      };
      for await (const event of cluster.watchMetadata(secretKind, options)) {
        if (event.type === 'bookmark') continue;
        expect(event.object).toMatchObject({ apiVersion: 'v1', kind: 'Secret', metadata: { name } });
        expect(event.object).not.toHaveProperty('data');
        break;
      }
      control.abort();
    });

    test('a signal ends it without an error', async () => {
      const { cluster, namespace } = setup();
      const { resourceVersion } = await cluster.list(configMapKind, { namespace });
      const control = new AbortController();
      const events = cluster.watch(configMapKind, { namespace, resourceVersion, signal: control.signal });
      const seen = take(events, 1_000);
      await createLabelled(cluster, namespace, unique('last'), 'x');
      control.abort();
      expect((await seen).length).toBeLessThan(1_000);
    });

    test('a resourceVersion that is too old is a 410: list again', async () => {
      const { cluster, namespace } = setup();
      // A kind that is younger than the version: those of the server itself are watched from its first version on
      const group = `${unique('watched')}.appstore.dev`;
      await withWidgetKind({ cluster, namespace, group }, async (kind) => {
        const options = { namespace, resourceVersion: '1', signal: AbortSignal.timeout(20_000) };
        const error = await apiErrorOf(take(cluster.watch(kind, options), 1));
        expect(error.failure.status).toBe(410);
      });
    });

    test('a stranger may not', async () => {
      const { stranger, namespace } = setup();
      const options = { namespace, resourceVersion: '0', signal: AbortSignal.timeout(20_000) };
      expect((await errorOf(take(stranger.watch(configMapKind, options), 1))).code).toBe('FORBIDDEN');
    });
  });
}
