import type { GroupVersionKind } from '../../../src/domain/objects.ts';
import { applySetId, ownershipKeys } from '../../../src/domain/ownership.ts';
import type { Cluster } from '../../../src/services/ports.ts';
import type { ProofCommand } from './commands.ts';
import { type Allowed, checkInstallation } from './invariants.ts';
import { outcomeProblems } from './operations.ts';

/** What does not hold after a command of the proofs was done; nothing where all does. */
export async function problemsAfter(
  cluster: Cluster,
  namespace: string,
  to: ProofCommand['to'],
  allowed: Allowed & { readonly drifted?: boolean } = {},
): Promise<readonly string[]> {
  if (to === 'forgotten') return forgottenProblems(cluster, namespace, allowed.drifted === true);
  const gone = to === 'nothing' ? { generated: true } : {};
  const [state, outcome] = await Promise.all([
    checkInstallation(cluster, { namespace, name: 'one' }, { ...gone, ...allowed }),
    outcomeProblems(cluster, namespace, to),
  ]);
  return [...state, ...outcome];
}

const recordKinds: readonly GroupVersionKind[] = [
  { group: '', version: 'v1', kind: 'ConfigMap' },
  { group: '', version: 'v1', kind: 'Secret' },
  { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' },
];

/** The objects live, the generated passwords too, and nothing else of the record is there. */
async function forgottenProblems(cluster: Cluster, namespace: string, drifted: boolean): Promise<string[]> {
  const labelSelector = `${ownershipKeys.installation}=one`;
  const lists = await Promise.all(
    recordKinds.map((kind) => cluster.listMetadata(kind, { namespace, labelSelector })),
  );
  const left = lists
    .flatMap(({ items }) => items.map(({ kind, metadata: { name } }) => `${kind} ${name}`))
    .filter((name) => name !== 'Secret appstore.one.generated')
    .map((name) => `${name} is left of a record that was forgotten`);
  if (drifted) return left;
  const { items } = await cluster.listMetadata(
    { group: '', version: 'v1', kind: 'ConfigMap' },
    { namespace, labelSelector: `${ownershipKeys.partOf}=${applySetId(namespace, 'one')}` },
  );
  return [
    ...left,
    ...(items.length === 2 ? [] : [`${items.length} of its 2 ConfigMaps are there`]),
    ...(await outcomeProblems(cluster, namespace, 1)),
  ];
}
