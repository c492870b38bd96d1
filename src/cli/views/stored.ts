import type { KubeObject } from '../../domain/objects.ts';
import { cleanLine, cleanText } from '../../domain/text.ts';
import { manifestOutput, storedOutput } from '../../outputs/stored.ts';
import type { StoredPart } from '../../services/requests.ts';
import { outputsText } from './outputs.ts';
import { notesText } from './plan.ts';
import { type ResultView, toYaml } from './print.ts';

/** One part of what is stored of a revision. */
export function storedView(part: StoredPart): ResultView {
  const data = storedOutput(part);
  switch (part.part) {
    case 'values':
      return { data, text: () => valuesText(part) };
    case 'manifest':
      return { data, text: () => manifestText(part.objects) };
    case 'notes':
      return { data, text: () => notesText(part.notes) };
    case 'outputs': {
      const names = () => part.outputs.map(({ name }) => name);
      return { data, names, text: (style) => outputsText(part.outputs, style) };
    }
  }
}

type StoredValues = Extract<StoredPart, { part: 'values' }>;

/** The user's own values: as YAML they are a values file again; what else is stored with them is a comment in it. */
async function valuesText(stored: StoredValues): Promise<string> {
  const comments = commentsOf(stored).map((line) => `# ${cleanLine(line, longestComment)}\n`);
  return `${comments.join('')}${cleanText(await toYaml(stored.values), Number.MAX_SAFE_INTEGER)}`;
}

/** Characters of a comment; a patch may be long. */
const longestComment = 2_000;

function commentsOf({
  secretRefs,
  yielded,
  patches,
  imageRegistry,
  imagePullSecrets,
}: StoredValues): string[] {
  return [
    ...secretRefs.map((ref) => `${ref.path} is read from secret/${ref.secret}:${ref.key}`),
    ...yielded.map((one) => `${one.object}: ${one.field} is left to its manager`),
    ...patches.map(
      ({ target: { kind, name }, merge, json }) =>
        `patch of ${kind}/${name}: ${JSON.stringify(merge ?? json)}`,
    ),
    ...(imageRegistry === '' ? [] : [`images come from ${imageRegistry}`]),
    ...imagePullSecrets.map((name) => `images are pulled with secret/${name}`),
  ];
}

/** Objects: as text a stream of YAML documents, as JSON a List, both of which kubectl reads. */
export function manifestView(objects: readonly KubeObject[]): ResultView {
  return {
    data: manifestOutput(objects),
    text: () => manifestText(objects),
  };
}

/** A stream of YAML documents. */
async function manifestText(objects: readonly KubeObject[]): Promise<string> {
  const documents = await Promise.all(objects.map(toYaml));
  return documents.map((document) => `---\n${document}`).join('');
}
