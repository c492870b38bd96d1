import { readPackageFolder } from '../../src/adapters/catalog/read-folder.ts';
import type { ChartDocument, ChartEngine } from '../../src/adapters/render/helm/engine.ts';
import { checkChartValues } from '../../src/adapters/render/helm/schema.ts';
import { AppstoreError } from '../../src/domain/errors.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { stableJson } from '../../src/domain/stable-json.ts';
import { helmTemplate } from './helm-template.ts';

type Outcome = 'equal' | 'differs' | 'both refuse' | 'only Helm renders' | 'only we render';

export interface Comparison {
  readonly outcome: Outcome;
  /** The first difference, or what was said by whoever refused. */
  readonly detail: string;
  readonly documents: number;
  /** Documents that differ between two runs of Helm itself. */
  readonly random: number;
}

export interface ChartToCompare {
  readonly folder: string;
  readonly values?: JsonObject;
  /** The same values as flags for Helm. */
  readonly flags?: readonly string[];
}

const release = { name: 'parity', namespace: 'parity-ns', revision: 1, isUpgrade: false };

/** Renders a chart with Helm and with the engine and compares the documents in their order, as JSON. */
export async function compareChart(
  helm: string,
  engine: ChartEngine,
  { folder, values = {}, flags = [] }: ChartToCompare,
): Promise<Comparison> {
  const wanted = { helm, chart: folder, release: release.name, namespace: release.namespace, flags };
  const [theirs, ours] = await Promise.all([helmTemplate(wanted), renderOurs(engine, folder, values)]);
  const nothing = { documents: 0, random: 0 };
  if ('refused' in theirs && 'refused' in ours)
    return { outcome: 'both refuse', detail: `${theirs.refused}\n${ours.refused}`, ...nothing };
  if ('refused' in theirs) return { outcome: 'only we render', detail: theirs.refused, ...nothing };
  if ('refused' in ours) return { outcome: 'only Helm renders', detail: ours.refused, ...nothing };
  const first = await documentsOf(engine, theirs.output);
  const own = ours.documents.map(told);
  const different = differences(first, own);
  if (different.length === 0) return { outcome: 'equal', detail: '', documents: own.length, random: 0 };
  const again = await helmTemplate(wanted);
  const second = 'output' in again ? await documentsOf(engine, again.output) : [];
  const random = new Set(differences(first, second));
  const left = different.filter((index) => !random.has(index));
  const [worst] = left;
  return {
    outcome: worst === undefined ? 'equal' : 'differs',
    detail: worst === undefined ? '' : firstDifference(first[worst], own[worst], worst),
    documents: own.length,
    random: random.size,
  };
}

async function renderOurs(
  engine: ChartEngine,
  folder: string,
  values: JsonObject,
): Promise<{ readonly documents: readonly ChartDocument[] } | { readonly refused: string }> {
  try {
    const files = await readPackageFolder(folder, folder);
    return await engine.render(
      { files, values, release, capabilities: {}, includeCrds: true },
      {
        lookup: async () => ({}),
        checkValues: async (charts) => checkChartValues(charts),
      },
    );
  } catch (error) {
    if (!(error instanceof AppstoreError) || error.code === 'INTERNAL') throw error;
    const problems = error.problems.map(({ at, message }) => `\n  ${at}: ${message}`).join('');
    return { refused: `${error.code}: ${error.message}${problems}` };
  }
}

/** Where a document comes from, and what it is. */
interface Told {
  readonly path: string;
  readonly json: string;
}

function told({ path, object }: ChartDocument): Told {
  return { path, json: stableJson(object) };
}

/** Helm writes where each document comes from above it. */
async function documentsOf(engine: ChartEngine, output: string): Promise<Told[]> {
  const { documents } = await engine.documents(output);
  return documents.map(told);
}

function differences(one: readonly Told[], other: readonly Told[]): number[] {
  const length = Math.max(one.length, other.length);
  return Array.from({ length }, (_, index) => index).filter(
    (index) => one[index]?.path !== other[index]?.path || one[index]?.json !== other[index]?.json,
  );
}

/** Characters shown on both sides of where two documents part. */
const shown = 120;

function firstDifference(theirs: Told | undefined, ours: Told | undefined, index: number): string {
  if (theirs === undefined)
    return `document ${index}: only ours: ${ours?.path}: ${ours?.json.slice(0, shown)}`;
  if (ours === undefined)
    return `document ${index}: only Helm's: ${theirs.path}: ${theirs.json.slice(0, shown)}`;
  if (theirs.path !== ours.path)
    return `document ${index}: Helm's is of ${theirs.path}, ours of ${ours.path}`;
  let at = 0;
  while (at < theirs.json.length && theirs.json[at] === ours.json[at]) at++;
  const from = Math.max(0, at - shown / 2);
  const part = (text: string) => text.slice(from, from + shown);
  return `document ${index}, ${theirs.path}:\n  Helm: ${part(theirs.json)}\n  ours: ${part(ours.json)}`;
}
