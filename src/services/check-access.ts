import { AppstoreError } from '../domain/errors.ts';
import type { PlannedObject } from '../domain/plan.ts';
import type { AccessQuestion, Cluster } from './ports.ts';
import type { Refusal } from './refusals.ts';
import type { InstallationName } from './requests.ts';

/** What the record is made of, and what is done with it (docs/record.md). */
const recordVerbs: readonly (readonly [group: string, resource: string, verbs: readonly string[]])[] = [
  ['', 'configmaps', ['create', 'get', 'update', 'delete']],
  ['', 'secrets', ['create', 'get', 'list', 'delete']],
  ['coordination.k8s.io', 'leases', ['create', 'get', 'update', 'delete']],
];

/** The rights that keeping a record and its lock in a namespace takes. */
export function recordAccess(namespace: string): AccessQuestion[] {
  return recordVerbs.flatMap(([group, resource, verbs]) =>
    verbs.map((verb) => ({ verb, group, resource, namespace })),
  );
}

/** The rights that holding the lock of an installation takes. */
export function lockAccess(namespace: string): AccessQuestion[] {
  return recordAccess(namespace).filter(({ resource }) => resource === 'leases');
}

/**
 * Throws FORBIDDEN with every right of `lockAccess` that is not there: a lock that cannot be let go of would stay.
 * @param answers To the questions of `lockAccess`, in their order.
 */
export function requireLockAccess(namespace: string, answers: Awaited<ReturnType<Cluster['access']>>): void {
  const refused = refusals(answers, lockAccess(namespace));
  if (refused.length === 0) return;
  throw new AppstoreError(
    'FORBIDDEN',
    `you may not lock installations in namespace ${namespace}; nothing was written`,
    {
      problems: refused.map(({ problem }) => problem),
    },
  );
}

/** What is refused of the record's own objects. */
export async function checkRecordAccess(
  cluster: Cluster,
  { namespace }: InstallationName,
  signal: AbortSignal,
): Promise<Refusal[]> {
  const questions = recordAccess(namespace);
  return refusals(await cluster.access(questions, signal), questions);
}

/**
 * Asks the authoriser for what no dry run has shown: the record's own objects (unless `record` has that answer), deletions, and
 * objects that could not be dry-run because their namespace or kind does not exist yet. One question a kind, verb and namespace.
 */
export async function checkWriteAccess(
  cluster: Cluster,
  installation: InstallationName,
  objects: readonly Pick<PlannedObject, 'ref' | 'action' | 'checked'>[],
  { namespaceExists, record }: { namespaceExists: boolean; record?: Promise<readonly Refusal[]> | undefined },
  signal: AbortSignal,
): Promise<Refusal[]> {
  const questions = new Map<string, AccessQuestion>();
  const ask = (question: AccessQuestion): void => {
    questions.set(`${question.verb} ${question.resource}.${question.group} ${question.namespace}`, question);
  };
  if (record === undefined) for (const question of recordAccess(installation.namespace)) ask(question);
  if (!namespaceExists) ask({ verb: 'create', group: '', resource: 'namespaces', namespace: '' });
  for (const object of objects) {
    for (const verb of verbsOf(object)) {
      const { group, kind, namespace } = object.ref;
      const type = await cluster.resourceType({ group, kind }, signal);
      if (type !== undefined) ask({ verb, group, resource: type.resource, namespace });
    }
  }
  const asked = [...questions.values()];
  return [...((await record) ?? []), ...refusals(await cluster.access(asked, signal), asked)];
}

/** Creating by server-side apply needs both (Kubernetes docs, server-side apply: API access). */
function verbsOf(object: Pick<PlannedObject, 'action' | 'checked'>): readonly string[] {
  if (object.action === 'delete') return ['delete'];
  if (object.action === 'replace') return ['delete', 'create', 'patch'];
  return object.action === 'create' && object.checked === 'schema' ? ['create', 'patch'] : [];
}

function refusals(
  answers: Awaited<ReturnType<Cluster['access']>>,
  questions: readonly AccessQuestion[],
): Refusal[] {
  return answers.flatMap((answer, index): Refusal[] => {
    const question = questions[index];
    if (answer.allowed || question === undefined) return [];
    const kind = question.group === '' ? question.resource : `${question.resource}.${question.group}`;
    const where = question.namespace === '' ? 'in the whole cluster' : `in namespace ${question.namespace}`;
    return [{ code: 'FORBIDDEN', problem: { message: `you may not ${question.verb} ${kind} ${where}` } }];
  });
}
