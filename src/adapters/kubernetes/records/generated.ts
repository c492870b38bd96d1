import { AppstoreError } from '../../../domain/errors.ts';
import { isObject } from '../../../domain/json.ts';
import type { KubeObject } from '../../../domain/objects.ts';
import { generatedName } from '../../../domain/ownership.ts';
import type { Cluster } from '../../../services/ports.ts';
import { refusedFor } from './create.ts';
import { damaged } from './damage.ts';
import { partMetadata, type RecordPlace, reference, secretKind } from './names.ts';

const attempts = 10;
const longestKey = 253;
/** Paths that can be the key of a Secret as they are; none of them begins with `_`. */
const plainPath = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

function generatedReference(place: RecordPlace) {
  return reference(secretKind, place.namespace, generatedName(place.name));
}

/** The key of a path: itself, or `_` and its base64url where a Secret does not allow such a key. */
function keyOf(path: string): string {
  const key = plainPath.test(path) ? path : `_${Buffer.from(path, 'utf8').toString('base64url')}`;
  if (key.length <= longestKey) return key;
  throw new AppstoreError(
    'NAME_INVALID',
    `the path of a generated secret is too long: ${path.slice(0, 60)}...`,
  );
}

function pathOf(key: string): string {
  return key.startsWith('_') ? Buffer.from(key.slice(1), 'base64url').toString('utf8') : key;
}

function decode(object: KubeObject | undefined): Record<string, string> {
  const data: unknown = object?.data;
  const entries = isObject(data) ? Object.entries(data) : [];
  return Object.fromEntries(
    entries.map(([key, value]) => [pathOf(key), Buffer.from(String(value), 'base64').toString('utf8')]),
  );
}

function encode(secrets: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([path, value]) => [
      keyOf(path),
      Buffer.from(value, 'utf8').toString('base64'),
    ]),
  );
}

/** Generated secrets by path; empty where there are none. */
export async function readGenerated(
  cluster: Cluster,
  place: RecordPlace,
  signal: AbortSignal | undefined,
): Promise<Record<string, string>> {
  return decode(await cluster.get(generatedReference(place), signal));
}

/**
 * Adds keys that are not there. Two writers at once both end with the secrets that were stored first. Hardly ever there are any, so that
 * they are created before it is looked.
 */
export async function addGenerated(
  cluster: Cluster,
  place: RecordPlace,
  secrets: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Record<string, string>> {
  const wanted = encode(secrets);
  for (let attempt = 0; attempt <= attempts; attempt++) {
    const live = attempt === 0 ? undefined : await cluster.get(generatedReference(place), signal);
    const stored = (live?.data ?? {}) as Record<string, string>;
    if (Object.keys(wanted).every((key) => Object.hasOwn(stored, key))) return decode(live);
    try {
      return decode(await write(cluster, place, live, { ...wanted, ...stored }, signal));
    } catch (error) {
      if (!refusedFor(error, 'AlreadyExists') && !refusedFor(error, 'Conflict')) throw error;
    }
  }
  throw damaged(generatedReference(place), 'it changes all the time, so nothing can be added');
}

function write(
  cluster: Cluster,
  place: RecordPlace,
  live: KubeObject | undefined,
  data: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<KubeObject> {
  const options = signal === undefined ? {} : { signal };
  if (live !== undefined) return cluster.replace({ ...live, data }, options);
  return cluster.create(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: partMetadata(place, 'generated', generatedName(place.name)),
      type: 'appstore.dev/generated',
      data,
    },
    options,
  );
}
