import { admissionKinds, mayJudge } from '../domain/admission.ts';
import { isForbidden } from '../domain/errors.ts';
import { idKey } from '../domain/objects.ts';
import { surelyValid } from '../domain/simple-objects.ts';
import { isAllowed, type KnownAccess } from './check-access.ts';
import type { Located } from './locate.ts';
import type { Cluster } from './ports.ts';

/** Below so many, looking whether anything judges them costs more than dry runs. */
const fewest = 12;

/** Objects of one kind that may need no dry run. */
export interface Spareable {
  /** Plural name of the kind. */
  readonly resource: string;
  readonly objects: readonly Located[];
}

/**
 * Simple objects that are valid beyond doubt (`surelyValid`), by kind, where they are many. One of every kind is left out: its dry
 * run speaks for the others in what the API does not show, such as a quota that is used up or an admission plugin of the
 * distribution.
 *
 * @param namespace One that is there.
 */
export function spareable(wanted: readonly Located[], namespace: string): readonly Spareable[] {
  const byResource = new Map<string, Located[]>();
  for (const one of wanted) {
    const resource = one.ref.namespace === namespace ? surelyValid(one.object) : undefined;
    if (resource !== undefined) byResource.set(resource, [...(byResource.get(resource) ?? []), one]);
  }
  const simple = [...byResource].map(([resource, objects]) => ({ resource, objects: objects.slice(1) }));
  return simple.reduce((sum, { objects }) => sum + objects.length, 0) < fewest ? [] : simple;
}

/**
 * Those of them, by identity, of which a dry run could say nothing that is not known already: of a kind that the caller may write by
 * any name and that no webhook and no policy judges. Empty where anything is in doubt.
 *
 * @param rights Whether the caller may create and patch each kind; not asked where there are no candidates.
 */
export async function uncontested(
  cluster: Cluster,
  candidates: readonly Spareable[],
  namespace: string,
  { rights, signal }: { readonly rights: () => Promise<KnownAccess>; readonly signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  if (candidates.length === 0) return new Set();
  const [rules, known] = await Promise.all([admissionRules(cluster, signal), rights()]);
  // Creating by server-side apply needs both.
  const writable = (resource: string) =>
    ['create', 'patch'].every((verb) => isAllowed(known, { verb, group: '', resource, namespace }));
  const free = candidates.filter(
    ({ resource }) => writable(resource) && rules?.some((rule) => mayJudge(rule, resource)) === false,
  );
  return new Set(free.flatMap(({ objects }) => objects.map((one) => idKey(one.ref))));
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
