import type { Package, PackageFile } from '../domain/app.ts';
import { appFile } from '../domain/app-file.ts';
import { chartFile } from '../domain/chart-file.ts';
import { chartOfObjects } from '../domain/chart-of-objects.ts';
import { readChart } from '../domain/chart-yaml.ts';
import { parsePath, valueAt } from '../domain/given.ts';
import type { JsonObject } from '../domain/json.ts';
import type { RevisionContent } from '../domain/release.ts';
import { withSecrets } from '../domain/values.ts';
import { readPackage } from './browse.ts';
import { comparedRevision } from './drift.ts';
import { maskerOf, requireRecord } from './inspect.ts';
import { readSecretRefs } from './options.ts';
import type { HelmReleases } from './ports.ts';
import { readRelease } from './read-release.ts';
import type { BrowseDeps, ClusterDeps, InstallationName } from './requests.ts';
import { checkTarget } from './state.ts';

/** An installation as Helm can have it. The values hold secrets as they are. */
export interface ExportedChart extends InstallationName {
  readonly revision: number;
  readonly chart: string;
  readonly version: string;
  /** What was installed is a chart, which `adopt --back` gives to Helm. */
  readonly isChart: boolean;
  /** Content by path. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly values: JsonObject;
  /** Values that only `--set` gives as they were given, since templates print them otherwise from a file. */
  readonly set: readonly string[];
  /** It is a release that Helm manages. */
  readonly ofHelm?: true;
  /** Why the chart was made of the objects; absent where it is the very chart that was installed. */
  readonly madeOfObjects?: string;
}

type ExportRequest = InstallationName & { readonly revision?: number };
type ExportDeps = BrowseDeps & ClusterDeps & { readonly helm: HelmReleases };

/**
 * Writes an installation, or a release of Helm, back as a Helm chart with its values: the chart that was installed where Helm makes the same of it, else one that is
 * made of the objects. Reads only.
 *
 * @throws AppstoreError INSTALLATION_NOT_FOUND, REVISION_NOT_FOUND, RECORD_INVALID, HELM_RELEASE_INVALID, SECRET_REFERENCE_INVALID
 */
export async function exportChart(
  deps: ExportDeps,
  request: ExportRequest,
  signal: AbortSignal,
): Promise<ExportedChart> {
  const { name, namespace } = request;
  const { content, opened, generated, ofHelm } = await readExported(deps, request, signal);
  const { options, package: resolved, number } = content;
  const base = {
    name,
    namespace,
    revision: number,
    chart: resolved.name,
    version: resolved.version,
    isChart: isChart(opened.files),
  };
  const helms = ofHelm === true ? { ofHelm } : {};
  const why = whyObjects(content, opened.files);
  if (why !== undefined) {
    const { objects, notes } = content.rendered;
    const mask = maskerOf(content, generated);
    const made = chartOfObjects({
      package: resolved,
      installation: { name, namespace },
      objects,
      notes,
      mask,
    });
    return { ...base, ...made, ...helms, set: [], madeOfObjects: why };
  }
  const { description } = await readPackage(deps, opened, 'rendering');
  const given = await readSecretRefs(deps.cluster, namespace, options.secretRefs, signal);
  return {
    ...base,
    ...helms,
    files: Object.fromEntries(opened.files.map(({ path, content: bytes }) => [path, bytes])),
    values: withSecrets(description.schema, options.values, { given, generated }),
    set: longIntegers(content),
  };
}

interface Exported {
  readonly content: RevisionContent;
  readonly opened: Package;
  readonly generated: Readonly<Record<string, string>>;
  readonly ofHelm?: true;
}

/** What we have of that name; where that is nothing, what Helm has. */
async function readExported(
  deps: ExportDeps,
  request: ExportRequest,
  signal: AbortSignal,
): Promise<Exported> {
  checkTarget(request);
  const own = await deps.records.read(request.namespace, request.name, signal);
  const release = own === undefined ? await readRelease(deps, request, signal) : undefined;
  if (release !== undefined)
    return { content: release.content, opened: release.package, generated: {}, ofHelm: true };
  const record = own ?? (await requireRecord(deps, request, signal));
  const number = request.revision ?? comparedRevision(record);
  const [{ content, package: opened }, generated] = await Promise.all([
    deps.records.whole(record, number, signal),
    deps.records.readGenerated(request.namespace, request.name, signal),
  ]);
  return { content, opened, generated };
}

/** What Helm would not make of the package as it is; undefined where it makes the same. */
function whyObjects(
  { options, package: { source } }: RevisionContent,
  files: readonly PackageFile[],
): string | undefined {
  const chart = isChart(files) ? readChart(files, source) : undefined;
  if (chart === undefined) return 'it is no chart';
  // An adopted release has none: Helm does not store them.
  const missing = chart.dependencies.map((one) => one.name).filter((name) => !hasSubchart(files, name));
  if (missing.length > 0) return `the record does not have its subcharts: ${missing.join(', ')}`;
  const more = [
    ...(options.patches.length > 0 ? ['patches'] : []),
    ...(options.imageRegistry === '' ? [] : ['an image registry']),
    ...(options.imagePullSecrets.length > 0 ? ['image pull secrets'] : []),
  ];
  return more.length === 0 ? undefined : `Helm does not know of ${more.join(', ')}`;
}

function isChart(files: readonly PackageFile[]): boolean {
  const has = (name: string) => files.some(({ path }) => path === name);
  return has(chartFile) && !has(appFile);
}

function hasSubchart(files: readonly PackageFile[], name: string): boolean {
  return files.some(({ path }) => path === `charts/${name}/Chart.yaml` || path.startsWith(`charts/${name}-`));
}

/** Go prints a million from a file as 1e+06. */
const printedOtherwise = 1_000_000;

function longIntegers({ options: { integers = [], values } }: RevisionContent): string[] {
  return integers.flatMap((path) => {
    const value = valueAt(values, parsePath(path));
    return typeof value === 'number' && Math.abs(value) >= printedOtherwise ? [`${path}=${value}`] : [];
  });
}
