import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { kubeConfigCredentials } from '../../src/adapters/kubernetes/client-node.ts';
import { chooseContext } from '../../src/adapters/kubernetes/context.ts';
import { readKubeconfig } from '../../src/adapters/kubernetes/kubeconfig.ts';
import { collectionPath, objectPath, withQuery } from '../../src/adapters/kubernetes/paths.ts';
import { METADATA_LIST } from '../../src/adapters/kubernetes/reads.ts';
import { indexSelector } from '../../src/adapters/kubernetes/records/index.ts';
import { wellKnown } from '../../src/adapters/kubernetes/well-known.ts';
import { type KubeObject, refOf } from '../../src/domain/objects.ts';
import type { ResourceType } from '../../src/services/ports.ts';
import type { BareProgram, BareRequest } from './bare-process.ts';
import type { Command } from './measure.ts';
import { addedIn, objectsIn } from './objects.ts';
import { installation, namespaceOf } from './tools.ts';
import type { WorkKey } from './work.ts';

/** The commands that run bare-process.ts, for the work that has one. */
export type BarePrograms = Readonly<Partial<Record<WorkKey, Command>>>;

type Waves = BareProgram['waves'];

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
  const access = await accessOf(folder, kubeconfig);
  const commands = Object.entries(waves).map(async ([key, each]): Promise<[string, Command]> => {
    const file = join(folder, `bare-${key}.json`);
    await writeFile(file, JSON.stringify({ ...access, waves: each } satisfies BareProgram), { mode: 0o600 });
    return [key, { program: process.execPath, args: [program, file] }];
  });
  return Object.fromEntries(await Promise.all(commands));
}

async function accessOf(folder: string, kubeconfig: string): Promise<Omit<BareProgram, 'waves'>> {
  const places = { kubeconfig, env: {}, home: folder, cwd: folder };
  const config = await readKubeconfig(places);
  if (config === undefined) throw new Error(`${kubeconfig}: nothing is there`);
  const chosen = chooseContext(config, places);
  const { ca = '', cert = '', key = '' } = (await kubeConfigCredentials(chosen).read()).credential.tls;
  return { origin: chosen.server, ca: String(ca), cert: String(cert), key: String(key) };
}

const namespace = namespaceOf('process');

function typeOf(object: KubeObject): ResourceType {
  const type = wellKnown(refOf(object));
  if (type === undefined) throw new Error(`${object.kind}: no kind of Kubernetes`);
  return type;
}

const collectionOf = (object: KubeObject): string => collectionPath(typeOf(object), namespace);
const pathOf = (object: KubeObject): string => objectPath(typeOf(object), refOf(object));

const list = (path: string): BareRequest => ({ method: 'GET', path, accept: METADATA_LIST });
const remove = (object: KubeObject): BareRequest => ({ method: 'DELETE', path: pathOf(object) });
const create = (object: KubeObject): BareRequest => ({
  method: 'POST',
  path: collectionOf(object),
  body: JSON.stringify(object),
});
const replace = (object: KubeObject): BareRequest => ({
  method: 'PUT',
  path: pathOf(object),
  body: JSON.stringify(object),
});
const apply = (object: KubeObject): BareRequest => ({
  method: 'PATCH',
  path: withQuery(pathOf(object), { fieldManager: 'bench' }),
  contentType: 'application/apply-patch+yaml',
  body: JSON.stringify(object),
});

const first = objectsIn(namespace, installation, 1);

const lock = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'record', namespace },
  spec: { holderIdentity: 'bench', leaseDurationSeconds: 15 },
};
/** About as large as ours is. */
const index = (state: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'record', namespace },
  data: { state, inventory: 'i'.repeat(8_000) },
});
/** A revision and what it consists of: about as many and as large as ours are. */
const parts = (revision: number) =>
  Array.from({ length: revision === 1 ? 4 : 2 }, (_, at) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `record-${revision}-${at}`, namespace },
    immutable: true,
    data: { part: 'cGFy'.repeat(1_000) },
  }));

const lookUp: Waves = [[{ method: 'GET', path: pathOf(index('')) }]];
const lists: Waves = [[...new Set(first.map(collectionOf))].map(list)];
const underLock = (...work: Waves): Waves => [[create(lock)], ...work, [remove(lock)]];

/** Looked up, locked, recorded, written, recorded, let go of. */
const installs = (...more: Waves): Waves => [
  ...lookUp,
  ...underLock(parts(1).map(create), [create(index('pending'))], first.map(apply), ...more, [
    replace(index('deployed')),
  ]),
];

/** Until as many Deployments are available as there are. */
function untilAvailable(deployments: readonly KubeObject[]): Waves[number] {
  return deployments.slice(0, 1).map((object) => ({
    method: 'GET',
    path: withQuery(collectionOf(object), { watch: true }),
    available: deployments.length,
  }));
}

/** As our `list` asks for it. */
const listOf = (inNamespace: string): Waves => [
  [list(withQuery(collectionPath(typeOf(index('')), inNamespace), { labelSelector: indexSelector }))],
];

const waves: Readonly<Partial<Record<WorkKey, Waves>>> = {
  ask: listOf(namespace),
  install: installs(),
  'install-ready': installs(untilAvailable(first.filter(({ kind }) => kind === 'Deployment'))),
  'upgrade-none': [...lookUp, ...lists],
  'upgrade-five': [
    ...lookUp,
    ...lists,
    ...underLock(
      parts(2).map(create),
      [replace(index('pending'))],
      addedIn(namespace, installation).map(apply),
      [replace(index('deployed'))],
    ),
  ],
  remove: [
    ...lookUp,
    ...lists,
    ...underLock(
      [replace(index('pending'))],
      objectsIn(namespace, installation, 2).map(remove),
      [1, 2].flatMap(parts).map(remove),
      [remove(index(''))],
    ),
  ],
  list: listOf(''),
};
