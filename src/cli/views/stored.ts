import type { KubeObject } from '../../domain/objects.ts';
import { cleanText } from '../../domain/text.ts';
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

/** The user's own values: as YAML they are a values file again; what comes from Secrets is a comment in it. */
async function valuesText({
  values,
  secretRefs,
  yielded,
}: Extract<StoredPart, { part: 'values' }>): Promise<string> {
  const comments = secretRefs.map(
    (ref) => `# ${cleanText(`${ref.path} is read from secret/${ref.secret}:${ref.key}`)}\n`,
  );
  const left = yielded.map((one) => `# ${cleanText(`${one.object}: ${one.field} is left to its manager`)}\n`);
  return `${[...comments, ...left].join('')}${cleanText(await toYaml(values), Number.MAX_SAFE_INTEGER)}`;
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
