import type { PackageFile } from './app.ts';
import { AppstoreError } from './errors.ts';
import { parseGoYaml } from './go-yaml.ts';
import type { HelmChart, HelmFile, HelmRelease } from './helm-release.ts';
import { isObject, type JsonObject } from './json.ts';
import { writeYaml } from './yaml-write.ts';

/** Files that a chart has fields for; everything else is a template or just a file (helm pkg/chart/v2/loader/load.go). */
const named: ReadonlySet<string> = new Set(['Chart.yaml', 'Chart.lock', 'values.yaml', 'values.schema.json']);

/**
 * The files of a chart as it can be rendered again, sorted by path. The comments of values.yaml are lost, and so are the
 * subcharts: Helm does not store them.
 */
export function chartFiles(chart: HelmChart): PackageFile[] {
  const made: readonly HelmFile[] = [
    yamlFile('Chart.yaml', chart.metadata),
    ...(chart.lock === null ? [] : [yamlFile('Chart.lock', chart.lock)]),
    yamlFile('values.yaml', chart.values),
    ...(chart.schema === undefined ? [] : [{ name: 'values.schema.json', data: chart.schema }]),
  ];
  const byPath = new Map(
    [...chart.files, ...chart.templates, ...made].map(({ name, data }) => [name, data] as const),
  );
  return [...byPath]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, content]) => ({ path, mode: 0o644, content }));
}

function yamlFile(name: string, data: JsonObject): HelmFile {
  return { name, data: Buffer.from(writeYaml(data), 'utf8') };
}

/**
 * The chart of a package as Helm stores it. Subcharts are left out, as Helm leaves them out.
 *
 * @throws AppstoreError PACKAGE_INVALID where it is no chart, YAML_INVALID.
 */
export function chartOfFiles(files: readonly PackageFile[]): HelmChart {
  const metadata = yamlOf(files, 'Chart.yaml');
  if (metadata === undefined)
    throw new AppstoreError('PACKAGE_INVALID', 'it is no Helm chart: it has no Chart.yaml', {
      hint: 'Helm knows charts alone. `appstore export <name>` makes one of any installation.',
    });
  const schema = files.find(({ path }) => path === 'values.schema.json')?.content;
  const rest = files
    .filter(({ path }) => !named.has(path) && !path.startsWith('charts/'))
    .map(({ path, content }) => ({ name: path, data: content }));
  return {
    metadata,
    lock: yamlOf(files, 'Chart.lock') ?? null,
    templates: rest.filter(({ name }) => name.startsWith('templates/')),
    values: yamlOf(files, 'values.yaml') ?? {},
    ...(schema === undefined ? {} : { schema }),
    files: rest.filter(({ name }) => !name.startsWith('templates/')),
  };
}

function yamlOf(files: readonly PackageFile[], path: string): JsonObject | undefined {
  const file = files.find((one) => one.path === path);
  if (file === undefined) return undefined;
  const [first] = parseGoYaml(Buffer.from(file.content).toString('utf8'), path);
  return isObject(first) ? first : {};
}

/**
 * Subcharts that a release was made with and that are not stored with it, by name: those that Chart.yaml names (Helm takes the
 * disabled ones out before it stores it) and those whose templates are in the manifest.
 */
export function missingSubcharts({ chart, manifest }: Pick<HelmRelease, 'chart' | 'manifest'>): string[] {
  const { dependencies } = chart.metadata;
  const listed = (Array.isArray(dependencies) ? dependencies : []).flatMap((one) =>
    isObject(one) && typeof one.name === 'string' ? [one.name] : [],
  );
  const rendered = [...manifest.matchAll(/^# Source: [^/\n]{1,256}\/charts\/([^/\n]{1,256})\//gm)];
  return [...new Set([...listed, ...rendered.map((match) => match[1] ?? '')])].sort();
}

/** Names of the CustomResourceDefinitions below `crds/`: Helm makes them once, and neither owns nor removes them. */
export function crdsOfChart({ files }: Pick<HelmChart, 'files'>): string[] {
  const texts = files.filter(({ name }) => /^crds\/.*\.(ya?ml|json)$/i.test(name));
  return texts.flatMap(({ name, data }) =>
    parseGoYaml(Buffer.from(data).toString('utf8'), name).flatMap((document) =>
      isObject(document) && isObject(document.metadata) && typeof document.metadata.name === 'string'
        ? [document.metadata.name]
        : [],
    ),
  );
}
