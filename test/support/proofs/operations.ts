import { isDeepStrictEqual } from 'node:util';
import { displayId, type ObjectRef } from '../../../src/domain/objects.ts';
import type { Cluster } from '../../../src/services/ports.ts';
import type { ChangeHarness } from '../change-harness.ts';
import { type ProofVersion, proofApp } from './proof-app.ts';

/** The operations that the proofs cut, repeat and let run against each other. */
type OperationName = 'install' | 'upgrade' | 'rollback' | 'remove' | 'purge';

/** What the app is after an operation: a version of it, or nothing. */
export type Outcome = ProofVersion | 'nothing';

export interface ProofOperation {
  readonly name: OperationName;
  /** Versions that the app has to have had before, the last one still. */
  readonly from: readonly ProofVersion[];
  readonly to: Outcome;
  run(harness: ChangeHarness): Promise<{ readonly outcome: string }>;
}

function changing(version: ProofVersion, run: ProofOperation['run']) {
  return (harness: ChangeHarness) => {
    harness.app = proofApp(version);
    return run(harness);
  };
}

/** What each operation does when it is the first one. */
export const operations: readonly ProofOperation[] = [
  { name: 'install', from: [], to: 1, run: changing(1, (harness) => harness.install()) },
  { name: 'upgrade', from: [1], to: 2, run: changing(2, (harness) => harness.upgrade()) },
  { name: 'rollback', from: [1, 2], to: 1, run: (harness) => harness.rollback({ revision: 1 }) },
  { name: 'remove', from: [1], to: 'nothing', run: (harness) => harness.remove() },
  { name: 'purge', from: [1], to: 'nothing', run: (harness) => harness.remove({ purgeData: true }) },
];

/** A whole life, twice, the second time with its data at the end. */
export const wholeLife: readonly ProofOperation[] = (
  ['install', 'upgrade', 'rollback', 'remove', 'install', 'upgrade', 'purge'] as const
).map((name) => operations.find((one) => one.name === name) as ProofOperation);

/** What may come next, each to an end of its own, so that it can be told which of them was there last. */
export const nextOperations: readonly ProofOperation[] = [
  { name: 'install', from: [], to: 1, run: changing(1, (harness) => harness.install()) },
  { name: 'upgrade', from: [1], to: 3, run: changing(3, (harness) => harness.upgrade()) },
  { name: 'remove', from: [1], to: 'nothing', run: (harness) => harness.remove() },
  { name: 'purge', from: [1], to: 'nothing', run: (harness) => harness.remove({ purgeData: true }) },
];

/** Brings an installation to where an operation begins. */
export async function prepareFor(operation: ProofOperation, harness: ChangeHarness): Promise<void> {
  for (const [index, version] of operation.from.entries()) {
    harness.app = proofApp(version);
    await (index === 0 ? harness.install() : harness.upgrade());
  }
}

/** Refusals that are an answer: they say what the state is and what to do. Never a damaged record, never an internal error. */
const refusals: ReadonlySet<string> = new Set([
  'ALREADY_INSTALLED',
  'INSTALLATION_NOT_FOUND',
  'OPERATION_RUNNING',
]);

/** The code that a command was refused with; undefined where it was done. Throws every other failure on. */
export async function refusalOf(command: Promise<unknown>): Promise<string | undefined> {
  try {
    await command;
    return undefined;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== undefined && refusals.has(code)) return code;
    throw error;
  }
}

const configMapOf = (namespace: string, name: string): ObjectRef => ({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  namespace,
  name,
});

/** What is not as it is after an operation that ended at `outcome`: all of a version, and nothing of the others. */
export async function outcomeProblems(
  cluster: Cluster,
  namespace: string,
  outcome: Outcome,
): Promise<string[]> {
  const config = await cluster.get(configMapOf(namespace, 'one-config'));
  const version = (config?.data as { version?: string } | undefined)?.version;
  const wanted = outcome === 'nothing' ? undefined : String(outcome);
  const problems = version === wanted ? [] : [`one-config has version ${version}, not ${wanted}`];
  for (const other of [1, 2, 3] as const) {
    const there = (await cluster.getMetadata(configMapOf(namespace, `one-only-${other}`))) !== undefined;
    if (there !== (other === outcome)) problems.push(`one-only-${other} is ${there ? 'there' : 'missing'}`);
  }
  return problems;
}

/** Objects of others, and volumes: what must be the same after everything. */
interface Bystanders {
  /** What of it is not as it was. */
  problems(): Promise<string[]>;
}

const claimOf = (namespace: string, name: string): ObjectRef => ({
  ...configMapOf(namespace, name),
  kind: 'PersistentVolumeClaim',
});

/** Puts objects of nobody and of others beside the app: a ConfigMap, one with the labels of an app, and a volume. */
export async function addBystanders(cluster: Cluster, namespace: string): Promise<Bystanders> {
  const metadata = (name: string, labels: Record<string, string> = {}) => ({ name, namespace, labels });
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  const theirs = metadata('theirs', { 'app.kubernetes.io/managed-by': 'appstore' });
  const made = await Promise.all([
    cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: theirs, data: { whose: 'theirs' } }),
    cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata: metadata('theirs'), data: { a: 'Yg==' } }),
    cluster.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: metadata('theirs'), spec }),
  ]);
  return {
    problems: async () => {
      const looked = await Promise.all(
        made.map(async ({ kind, metadata: { name, uid }, data }) => {
          const ref = { ...claimOf(namespace, name), kind };
          const live = await cluster.get(ref);
          const same = live?.metadata.uid === uid && isDeepStrictEqual(live?.data, data);
          return same && live?.metadata.deletionTimestamp === undefined
            ? []
            : [`${displayId(ref)} was touched`];
        }),
      );
      return looked.flat();
    },
  };
}

/** The uid of the volume that the app's StatefulSet made; undefined where there is none. */
export async function volumeUid(cluster: Cluster, namespace: string): Promise<string | undefined> {
  return (await cluster.getMetadata(claimOf(namespace, 'data-one-db-0')))?.metadata.uid;
}
