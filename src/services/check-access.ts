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

/** Answers to questions about rights that were asked ahead. */
export type KnownAccess = ReadonlyMap<string, Answer>;

type Answer = Awaited<ReturnType<Cluster['access']>>[number];

type Change = Pick<PlannedObject, 'ref' | 'action' | 'checked'>;

/** True where it was asked for, and the answer was yes. */
export function isAllowed(known: KnownAccess, question: AccessQuestion): boolean {
  return known.get(keyOf(question))?.allowed === true;
}

/** Asks for the rights that keeping the record takes, and that what is known to be done to `objects` takes. */
export async function askAhead(
  cluster: Cluster,
  installation: InstallationName,
  objects: readonly Change[],
  { namespaceExists }: { readonly namespaceExists: boolean },
  signal: AbortSignal,
): Promise<KnownAccess> {
  const questions = await allQuestions(cluster, installation, objects, { namespaceExists }, signal);
  const answers = await cluster.access([...questions.values()], signal);
  return new Map([...questions.keys()].map((key, at) => [key, answers[at] as Answer]));
}

/**
 * Asks the authoriser for what no dry run has shown: the record's own objects, deletions, and objects that could not be dry-run
 * because their namespace or kind does not exist yet. One question a kind, verb and namespace, and none that `known` answers.
 */
export async function checkWriteAccess(
  cluster: Cluster,
  installation: InstallationName,
  objects: readonly Change[],
  { namespaceExists, known }: { namespaceExists: boolean; known?: Promise<KnownAccess> | undefined },
  signal: AbortSignal,
): Promise<Refusal[]> {
  const questions = await allQuestions(cluster, installation, objects, { namespaceExists }, signal);
  const answers = new Map(await known);
  const rest = [...questions].filter(([key]) => !answers.has(key));
  const more =
    rest.length === 0
      ? []
      : await cluster.access(
          rest.map(([, question]) => question),
          signal,
        );
  rest.forEach(([key], at) => {
    answers.set(key, more[at] as Answer);
  });
  return refusals(
    [...questions.keys()].map((key) => answers.get(key) as Answer),
    [...questions.values()],
  );
}

/** By `keyOf`: the record's own, the namespace that is made, and what is done to the objects. */
async function allQuestions(
  cluster: Cluster,
  { namespace }: InstallationName,
  objects: readonly Change[],
  { namespaceExists }: { readonly namespaceExists: boolean },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, AccessQuestion>> {
  const making = { verb: 'create', group: '', resource: 'namespaces', namespace: '' };
  const questions = [
    ...recordAccess(namespace),
    ...(namespaceExists ? [] : [making]),
    ...(await questionsOf(cluster, objects, signal)),
  ];
  return new Map(questions.map((one) => [keyOf(one), one]));
}

function keyOf({ verb, group, resource, namespace }: AccessQuestion): string {
  return `${verb} ${resource}.${group} ${namespace}`;
}

async function questionsOf(
  cluster: Cluster,
  objects: readonly Change[],
  signal: AbortSignal,
): Promise<AccessQuestion[]> {
  const found = await Promise.all(
    objects.map(async (object) => {
      const { group, kind, namespace } = object.ref;
      const verbs = verbsOf(object);
      const type = verbs.length === 0 ? undefined : await cluster.resourceType({ group, kind }, signal);
      return type === undefined
        ? []
        : verbs.map((verb) => ({ verb, group, resource: type.resource, namespace }));
    }),
  );
  return found.flat();
}

/** Creating by server-side apply needs both (Kubernetes docs, server-side apply: API access). */
function verbsOf(object: Change): readonly string[] {
  if (object.action === 'delete') return ['delete'];
  if (object.action === 'replace') return ['delete', 'create', 'patch'];
  return object.action === 'create' && object.checked === 'schema' ? ['create', 'patch'] : [];
}

function refusals(answers: readonly Answer[], questions: readonly AccessQuestion[]): Refusal[] {
  return answers.flatMap((answer, index): Refusal[] => {
    const question = questions[index];
    if (answer.allowed || question === undefined) return [];
    const kind = question.group === '' ? question.resource : `${question.resource}.${question.group}`;
    const where = question.namespace === '' ? 'in the whole cluster' : `in namespace ${question.namespace}`;
    return [{ code: 'FORBIDDEN', problem: { message: `you may not ${question.verb} ${kind} ${where}` } }];
  });
}
