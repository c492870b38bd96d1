import type { PackageDescription, SecretReference, UserOptions } from '../domain/app.ts';
import { AppstoreError } from '../domain/errors.ts';
import { layerGiven, parsePath, valueAt } from '../domain/given.ts';
import { stableJson } from '../domain/stable-json.ts';
import { withoutTakenBack } from '../domain/values.ts';
import type { Cluster } from './ports.ts';
import type { GivenOptions } from './requests.ts';

const noOptions: UserOptions = {
  values: {},
  secretRefs: [],
  patches: [],
  imageRegistry: '',
  imagePullSecrets: [],
  yielded: [],
};

/**
 * Lays what is given now over what the user gave before. Objects are merged, lists and scalars replaced. A `null`
 * is kept here: `withoutTakenBack` says what becomes of it once the package is known. Defaults are never stored (NEEDS row 12).
 */
export function mergeOptions(stored: UserOptions | undefined, given: GivenOptions): UserOptions {
  const base = stored ?? noOptions;
  const { values, integers } = layerGiven(
    { values: base.values, integers: base.integers ?? [] },
    { values: given.values, integers: given.integers ?? [] },
  );
  return {
    values,
    ...(integers.length === 0 ? {} : { integers }),
    secretRefs: mergeSecretRefs(base.secretRefs, given),
    patches: given.patches === undefined ? base.patches : given.patches,
    imageRegistry: given.imageRegistry ?? base.imageRegistry,
    imagePullSecrets: given.imagePullSecrets ?? base.imagePullSecrets,
    yielded: base.yielded,
  };
}

/**
 * What a null among the values means, by the package: in an app of ours the default holds again, as if nothing had been given. In a chart it
 * stays, and Helm's engine takes the default away.
 */
export function withoutNulls(
  options: UserOptions,
  { schema, valuesBy }: Pick<PackageDescription, 'schema' | 'valuesBy'>,
): UserOptions {
  return valuesBy === 'renderer' ? options : { ...options, values: withoutTakenBack(schema, options.values) };
}

/** A path given as a plain value now is no longer read from a Secret. */
function mergeSecretRefs(
  stored: readonly SecretReference[],
  given: GivenOptions,
): readonly SecretReference[] {
  const replaced = new Set(given.secretRefs.map((ref) => ref.path));
  const kept = stored.filter(
    (ref) => !replaced.has(ref.path) && valueAt(given.values, parsePath(ref.path)) === undefined,
  );
  return [...kept, ...given.secretRefs];
}

/**
 * Reads the values that come from Secrets of the namespace, by path in the values.
 * Throws SECRET_REFERENCE_INVALID with every reference that does not lead to a value.
 */
export async function readSecretRefs(
  cluster: Cluster,
  namespace: string,
  refs: readonly SecretReference[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const names = [...new Set(refs.map((ref) => ref.secret))];
  const secrets = new Map<string, Record<string, string> | undefined>();
  await Promise.all(
    names.map(async (name) => {
      const live = await cluster.get({ group: '', version: 'v1', kind: 'Secret', namespace, name }, signal);
      secrets.set(name, live === undefined ? undefined : (live.data ?? {}));
    }),
  );
  const problems = refs.flatMap((ref) => {
    const data = secrets.get(ref.secret);
    const where = `Secret/${namespace}/${ref.secret}`;
    if (data === undefined) return [{ at: ref.path, message: `${where} does not exist` }];
    if (data[ref.key] !== undefined) return [];
    const keys = Object.keys(data).join(', ') || 'none';
    return [{ at: ref.path, message: `${where} has no key \`${ref.key}\` (its keys: ${keys})` }];
  });
  if (problems.length > 0) {
    throw new AppstoreError('SECRET_REFERENCE_INVALID', 'values refer to Secrets that are not there', {
      problems,
    });
  }
  return Object.fromEntries(
    refs.map((ref) => [
      ref.path,
      Buffer.from(secrets.get(ref.secret)?.[ref.key] ?? '', 'base64').toString('utf8'),
    ]),
  );
}

/** Options are the same where they would be stored as the same. Which number came by `--set` shows in what is rendered, or nowhere. */
export function sameOptions(a: UserOptions, b: UserOptions): boolean {
  return stableJson({ ...a, integers: undefined }) === stableJson({ ...b, integers: undefined });
}
