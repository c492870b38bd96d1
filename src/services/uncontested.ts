import { admissionKinds, mayJudge } from '../domain/admission.ts';
import { isForbidden } from '../domain/errors.ts';
import { idKey } from '../domain/objects.ts';
import { surelyValid } from '../domain/simple-objects.ts';
import type { Located } from './locate.ts';
import type { Cluster } from './ports.ts';

/** Below so many, looking whether anything judges them costs more than dry runs. */
const fewest = 12;

/**
 * The objects, by identity, of which a dry run could say nothing that is not known already: simple ones that are valid beyond
 * doubt (`surelyValid`), in a namespace that is there, of a kind that the caller may write by any name and that no webhook and
 * no policy judges. One of every kind is left out of the answer: its dry run speaks for the others in what the API does not
 * show, such as a quota that is used up or an admission plugin of the distribution. Empty where anything is in doubt.
 */
export async function uncontested(
  cluster: Cluster,
  wanted: readonly Located[],
  namespace: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const byResource = new Map<string, Located[]>();
  for (const one of wanted) {
    const resource = one.ref.namespace === namespace ? surelyValid(one.object) : undefined;
    if (resource !== undefined) byResource.set(resource, [...(byResource.get(resource) ?? []), one]);
  }
  const simple = [...byResource].map(([resource, objects]) => ({ resource, others: objects.slice(1) }));
  if (simple.reduce((sum, { others }) => sum + others.length, 0) < fewest) return new Set();
  const [rules, allowed] = await Promise.all([
    admissionRules(cluster, signal),
    writable(cluster, [...byResource.keys()], namespace, signal),
  ]);
  const free = simple.filter(
    ({ resource }) => allowed.has(resource) && rules?.some((rule) => mayJudge(rule, resource)) === false,
  );
  return new Set(free.flatMap(({ others }) => others.map((one) => idKey(one.ref))));
}

/** Every rule of every webhook and policy; undefined where the caller may not read them. A kind that is not served has none. */
async function admissionRules(
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly unknown[] | undefined> {
  try {
    const rules = await Promise.all(
      admissionKinds.map(async ({ rulesOf, ...kind }) => {
        const type = await cluster.resourceType(kind, signal);
        return type === undefined ? [] : (await cluster.list(type, { signal })).items.flatMap(rulesOf);
      }),
    );
    return rules.flat();
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

/** Creating by server-side apply needs both. */
async function writable(
  cluster: Cluster,
  resources: readonly string[],
  namespace: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const questions = resources.flatMap((resource) =>
    ['create', 'patch'].map((verb) => ({ verb, group: '', resource, namespace })),
  );
  const answers = await cluster.access(questions, signal);
  const refused = new Set(
    questions.filter((_, at) => answers[at]?.allowed !== true).map((one) => one.resource),
  );
  return new Set(resources.filter((resource) => !refused.has(resource)));
}
