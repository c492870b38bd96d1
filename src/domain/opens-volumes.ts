import { isObject } from './json.ts';
import type { KubeObject } from './objects.ts';
import type { RenderedObject } from './rendered.ts';

/**
 * Marks the Secrets that the data in the app's volumes asks for: those that hold a secret which the package made, and which a workload
 * with volumes reads. When the app is removed and the volumes stay, these have to stay as well: a new password does not
 * open old data (docs/decisions/0039).
 *
 * @param secrets `Rendered.secrets`
 */
export function markOpening(
  rendered: readonly RenderedObject[],
  secrets: readonly string[],
): readonly RenderedObject[] {
  if (secrets.length === 0) return rendered;
  const read = new Set(rendered.flatMap(({ object }) => (hasVolumes(object) ? secretsRead(object) : [])));
  return rendered.map((one) =>
    one.phase.kind === 'normal' && opens(one.object, read, secrets)
      ? { ...one, phase: { kind: 'normal', opensVolumes: true } }
      : one,
  );
}

/** The texts in the data of a Secret, by key; what is no text is left out. */
export function secretData(object: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const entries = Object.entries(isObject(object.data) ? object.data : {});
  return new Map(
    entries.flatMap(([key, value]) => {
      const text = typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : '';
      return text === '' || text.includes('\ufffd') ? [] : [[key, text] as const];
    }),
  );
}

function opens(object: KubeObject, read: ReadonlySet<string>, secrets: readonly string[]): boolean {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1' || !read.has(object.metadata.name)) return false;
  const texts = [...secretData(object).values()];
  return texts.some((text) => secrets.some((secret) => text.includes(secret)));
}

/** True for a workload whose pods keep data in claims. */
function hasVolumes({ kind, spec }: KubeObject): boolean {
  if (kind === 'StatefulSet' && listOf(spec?.volumeClaimTemplates).length > 0) return true;
  return listOf(podOf(spec)?.volumes).some(
    (volume) => isObject(volume) && isObject(volume.persistentVolumeClaim),
  );
}

function podOf(spec: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(spec) || !isObject(spec.template)) return undefined;
  return isObject(spec.template.spec) ? spec.template.spec : undefined;
}

/** How a pod names a Secret: the key of an environment variable, all of its keys, and volumes of one or of several. */
const readers: readonly (readonly [key: string, name: string])[] = [
  ['secretKeyRef', 'name'],
  ['secretRef', 'name'],
  ['secret', 'secretName'],
  ['secret', 'name'],
];

function secretsRead(object: KubeObject): readonly string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (isObject(value)) {
      for (const [key, name] of readers) {
        const reference = value[key];
        const named = isObject(reference) ? reference[name] : undefined;
        if (typeof named === 'string') found.push(named);
      }
      Object.values(value).forEach(visit);
    }
  };
  visit(podOf(object.spec));
  return found;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
