import { isObject } from './json.ts';
import { checkObject } from './names.ts';
import { displayId, idKey, type KubeObject, refOf } from './objects.ts';
import { type PlacedProblem, packageError } from './package-problems.ts';
import type { RenderedObject } from './rendered.ts';

/** Places in an object that hold maps of texts; a number or boolean there is a forgotten pair of quotes. */
const textMaps: readonly {
  readonly kind: string;
  readonly path: readonly string[];
  readonly reason: string;
}[] = [
  { kind: '', path: ['metadata', 'labels'], reason: 'labels are texts' },
  { kind: '', path: ['metadata', 'annotations'], reason: 'annotations are texts' },
  { kind: 'ConfigMap', path: ['data'], reason: 'ConfigMaps hold texts' },
  { kind: 'Secret', path: ['data'], reason: 'Secrets hold base64 texts' },
  { kind: '', path: ['spec', 'template', 'metadata', 'labels'], reason: 'labels are texts' },
  { kind: '', path: ['spec', 'template', 'metadata', 'annotations'], reason: 'annotations are texts' },
];

/**
 * Answers the objects as they are where every one is an object that Kubernetes can take and none stands twice. `folder` goes before the
 * file in messages.
 *
 * @throws AppstoreError OBJECT_INVALID with every problem and its place.
 */
export function checkObjects(
  objects: readonly RenderedObject[],
  namespace: string,
  folder: string,
): readonly RenderedObject[] {
  const problems = objects.flatMap((rendered) => problemsOf(rendered));
  const first = new Map<string, RenderedObject>();
  // Hooks of different events may stand for the same object: each is made in its own time.
  const lasting = objects.filter(({ phase }) => phase.kind !== 'hook');
  for (const rendered of problems.length > 0 ? [] : lasting) {
    const key = idKey({
      ...refOf(rendered.object),
      namespace: rendered.object.metadata.namespace ?? namespace,
    });
    const other = first.get(key);
    if (other === undefined) first.set(key, rendered);
    else
      problems.push(
        problem(rendered, `stands twice, first at ${other.source.file}:${other.source.line ?? 1}`),
      );
  }
  if (problems.length > 0)
    throw packageError(
      'app.yaml',
      problems.map((each) => ({ ...each, place: { ...each.place, file: `${folder}${each.place.file}` } })),
      'OBJECT_INVALID',
    );
  return objects;
}

function problemsOf(rendered: RenderedObject): PlacedProblem[] {
  const { object } = rendered;
  const missing = (['apiVersion', 'kind'] as const).filter(
    (key) => typeof object[key] !== 'string' || object[key] === '',
  );
  const metadata: unknown = object.metadata;
  const name = isObject(metadata) ? metadata.name : undefined;
  // What is made anew each time may be named by the server.
  const named = rendered.phase.kind === 'hook' && isObject(metadata) ? (name ?? metadata.generateName) : name;
  const wrong = [
    ...missing.map((key) => `\`${key}\` must be text`),
    ...(typeof named === 'string' && named !== '' ? [] : ['`metadata.name` must be text that is not empty']),
    ...textProblems(object),
  ];
  if (name === undefined && wrong.length === 0) return [];
  if (wrong.length > 0) return wrong.map((message) => problem(rendered, message));
  return checkObject(object).map(({ message, hint }) => problem(rendered, message, hint));
}

function textProblems(object: KubeObject): string[] {
  return textMaps.flatMap(({ kind, path, reason }) => {
    if (kind !== '' && kind !== object.kind) return [];
    const map = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), object);
    const entries = isObject(map) ? Object.entries(map) : [];
    return (
      entries
        // The server takes null for nothing.
        .filter(([, value]) => typeof value !== 'string' && value !== null)
        .map(
          ([key]) =>
            `\`${path.join('.')}.${key}\` must be text (${reason}): put it in quotes, or use string(...)`,
        )
    );
  });
}

function problem({ object, source }: RenderedObject, message: string, hint?: string): PlacedProblem {
  const metadata: unknown = object.metadata;
  const name = isObject(metadata) ? metadata.name : undefined;
  const namespace = isObject(metadata) && typeof metadata.namespace === 'string' ? metadata.namespace : '';
  const subject = displayId({
    kind: String(object.kind),
    namespace,
    name: typeof name === 'string' ? name : '?',
  });
  return { message: `${subject}: ${message}`, place: source, ...(hint === undefined ? {} : { hint }) };
}
