import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { parse } from 'yaml';
import { indexSelector } from '../../src/adapters/kubernetes/records/index.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { BareProgram, BareRequest } from './bare-process.ts';
import type { Command } from './measure.ts';
import { benchObjects } from './objects.ts';
import { installation, namespaceOf } from './tools.ts';
import type { WorkKey } from './work.ts';

/** The commands that run bare-process.ts, for the work that has one. */
export type BarePrograms = Readonly<Partial<Record<WorkKey, Command>>>;

type Waves = BareProgram['waves'];

interface KubeconfigFile {
  readonly clusters: readonly [{ readonly cluster: Readonly<Record<string, string>> }];
  readonly users: readonly [{ readonly user: Readonly<Record<string, string>> }];
}

/**
 * Makes bare-process.ts a program, with a file for each piece of work.
 *
 * @param folder Where they are written.
 * @param kubeconfig Of a sandbox: one cluster, and one user with a certificate.
 */
export async function writeBarePrograms(folder: string, kubeconfig: string): Promise<BarePrograms> {
  const program = join(folder, 'bare-process.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'bare-process.ts')],
    outfile: program,
    platform: 'node',
    format: 'esm',
  });
  const access = accessOf(await readFile(kubeconfig, 'utf8'));
  const commands = Object.entries(waves).map(async ([key, each]): Promise<[string, Command]> => {
    const file = join(folder, `bare-${key}.json`);
    await writeFile(file, JSON.stringify({ ...access, waves: each } satisfies BareProgram), { mode: 0o600 });
    return [key, { program: process.execPath, args: [program, file] }];
  });
  return Object.fromEntries(await Promise.all(commands));
}

function accessOf(kubeconfig: string): Omit<BareProgram, 'waves'> {
  const {
    clusters: [{ cluster }],
    users: [{ user }],
  } = parse(kubeconfig) as KubeconfigFile;
  const pem = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64').toString();
  return {
    origin: cluster.server ?? '',
    ca: pem(cluster['certificate-authority-data']),
    cert: pem(user['client-certificate-data']),
    key: pem(user['client-key-data']),
  };
}

const namespace = namespaceOf('process');
const core = `/api/v1/namespaces/${namespace}`;
const metadata = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const plural = ({ kind }: JsonObject): string => `${String(kind).toLowerCase()}s`;
const nameOf = (object: JsonObject): string => String((object.metadata as JsonObject).name);

const collectionOf = (object: JsonObject): string =>
  object.apiVersion === 'v1'
    ? `${core}/${plural(object)}`
    : `/apis/${object.apiVersion}/namespaces/${namespace}/${plural(object)}`;
const pathOf = (object: JsonObject): string => `${collectionOf(object)}/${nameOf(object)}`;

const read = (path: string): BareRequest => ({ method: 'GET', path });
const remove = (object: JsonObject): BareRequest => ({ method: 'DELETE', path: pathOf(object) });
const create = (object: JsonObject): BareRequest => ({
  method: 'POST',
  path: collectionOf(object),
  body: JSON.stringify(object),
});
const replace = (object: JsonObject): BareRequest => ({
  method: 'PUT',
  path: pathOf(object),
  body: JSON.stringify(object),
});
const apply = (object: JsonObject): BareRequest => ({
  method: 'PATCH',
  path: `${pathOf(object)}?fieldManager=bench`,
  contentType: 'application/apply-patch+yaml',
  body: JSON.stringify(object),
});

const [first, second] = [benchObjects(installation, 1), benchObjects(installation, 2)];
const added = second.filter((object) => !first.some((one) => pathOf(one) === pathOf(object)));

const lock = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'record' },
  spec: { holderIdentity: 'bench', leaseDurationSeconds: 15 },
};
/** About as large as ours is. */
const index = (state: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'record' },
  data: { state, inventory: 'i'.repeat(8_000) },
});
/** A revision and what it consists of: about as many and as large as ours are. */
const parts = (revision: number) =>
  Array.from({ length: revision === 1 ? 4 : 2 }, (_, at) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `record-${revision}-${at}` },
    immutable: true,
    data: { part: 'cGFy'.repeat(1_000) },
  }));

const kinds = [...new Map(first.map((object) => [object.kind, object])).values()];
const lists = kinds.map((object) => ({ ...read(collectionOf(object)), accept: metadata }));
const listOf = (collection: string) => [
  [{ ...read(`${collection}?labelSelector=${encodeURIComponent(indexSelector)}`), accept: metadata }],
];
const available: BareRequest = {
  ...read(`/apis/apps/v1/namespaces/${namespace}/deployments?watch=true`),
  available: first.filter(({ kind }) => kind === 'Deployment').length,
};

/** Looked up, locked, recorded, written, recorded, let go of. */
const installs = (...more: Waves): Waves => [
  [read(pathOf(index('')))],
  [create(lock)],
  parts(1).map(create),
  [create(index('pending'))],
  first.map(apply),
  ...more,
  [replace(index('deployed'))],
  [remove(lock)],
];

const waves: Readonly<Partial<Record<WorkKey, Waves>>> = {
  ask: listOf(`${core}/configmaps`),
  install: installs(),
  'install-ready': installs([available]),
  'upgrade-none': [[read(pathOf(index('')))], lists],
  'upgrade-five': [
    [read(pathOf(index('')))],
    lists,
    [create(lock)],
    parts(2).map(create),
    [replace(index('pending'))],
    added.map(apply),
    [replace(index('deployed'))],
    [remove(lock)],
  ],
  remove: [
    [read(pathOf(index('')))],
    lists,
    [create(lock)],
    [replace(index('pending'))],
    second.map(remove),
    [1, 2].flatMap(parts).map(remove),
    [remove(index(''))],
    [remove(lock)],
  ],
  list: listOf('/api/v1/configmaps'),
};
