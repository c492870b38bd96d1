import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { JsonObject } from '../../src/domain/json.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import { applySetId, indexName, ownershipKeys } from '../../src/domain/ownership.ts';
import { measure } from './measure.ts';
import type { Bench } from './setting.ts';
import { settle } from './settle.ts';
import { commandOf, installation, namespaceOf } from './tools.ts';
import type { Tool } from './work.ts';

const revisions = 10;
const namespaces = 10;
/** Requests at a time: the API server allows 100 streams a connection. */
const lanes = 48;

/**
 * Makes many installations of ten revisions for each tool: one real one of each, whose records are then copied under other
 * names. Their objects are not copied: `list` looks at records alone.
 */
export async function seedLists(bench: Bench, tools: readonly Tool[]): Promise<void> {
  const { cluster, surroundings } = bench;
  for (let at = 0; at < namespaces; at++) {
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespaceAt(at) } });
  }
  for (const tool of tools) {
    await measure(commandOf(tool, 'install', bench.shop), surroundings);
    for (let revision = 2; revision <= revisions; revision++) {
      const { program, args } = commandOf(tool, 'again', bench.shop);
      await measure({ program, args: [...args, `note=${revision}`] }, surroundings);
    }
    await settle(cluster, namespaceOf(tool), 'ready', surroundings.signal);
    const originals = await recordsOf(bench, tool);
    bench.tell(
      `list, ${tool}: ${bench.options.installations} installations of ${originals.length} record objects, ${Math.round(
        originals.reduce((sum, object) => sum + JSON.stringify(object).length, 0) / 1000,
      )} kB each`,
    );
    await copyAll(bench, tool, originals);
  }
}

const namespaceAt = (at: number): string => `many-${at % namespaces}`;

async function recordsOf({ cluster, surroundings }: Bench, tool: Tool): Promise<readonly KubeObject[]> {
  const labelSelector = tool === 'helm' ? `owner=helm,name=${installation}` : 'appstore.dev/record';
  const options = { namespace: namespaceOf(tool), labelSelector, signal: surroundings.signal };
  const kinds = ['Secret', 'ConfigMap'].map((kind) => ({ group: '', version: 'v1', kind }));
  const lists = await Promise.all(kinds.map((kind) => cluster.list(kind, options)));
  return lists.flatMap(({ items }) => items);
}

async function copyAll(bench: Bench, tool: Tool, originals: readonly KubeObject[]): Promise<void> {
  const { signal } = bench.surroundings;
  let next = 0;
  const lane = async () => {
    while (next < bench.options.installations) {
      const at = next++;
      const place = { namespace: namespaceAt(at), name: `${installation}-${at}` };
      for (const original of originals) {
        const copy = tool === 'helm' ? await helmCopy(original, place) : ourCopy(original, place);
        await bench.cluster.create(copy, { signal });
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

interface Place {
  readonly namespace: string;
  readonly name: string;
}

/** The object under another name, without what the server set. */
function copyOf(
  original: KubeObject,
  place: Place,
  name: string,
  labels: Record<string, string>,
): KubeObject {
  const { annotations } = original.metadata;
  return {
    ...original,
    metadata: {
      name,
      namespace: place.namespace,
      labels: { ...original.metadata.labels, ...labels },
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}

/** A record as docs/record.md describes it. */
function ourCopy(original: KubeObject, place: Place): KubeObject {
  const name = original.metadata.name.replace(indexName(installation), indexName(place.name));
  const isIndex = original.metadata.labels?.[ownershipKeys.applySetId] !== undefined;
  return copyOf(original, place, name, {
    'appstore.dev/installation': place.name,
    ...(isIndex ? { [ownershipKeys.applySetId]: applySetId(place.namespace, place.name) } : {}),
  });
}

/** A release as Helm keeps it: JSON, gzipped, in base64, in a Secret (helm.sh/helm/v4/pkg/storage/driver). */
async function helmCopy(original: KubeObject, place: Place): Promise<KubeObject> {
  const text = String((original.data as JsonObject).release);
  const packed = Buffer.from(Buffer.from(text, 'base64').toString(), 'base64');
  const release = JSON.parse((await promisify(gunzip)(packed)).toString()) as JsonObject;
  const renamed = await promisify(gzip)(JSON.stringify({ ...release, ...place }));
  const name = original.metadata.name.replace(`.${installation}.`, `.${place.name}.`);
  const data = { release: Buffer.from(renamed.toString('base64')).toString('base64') };
  return { ...copyOf(original, place, name, { name: place.name }), data };
}
