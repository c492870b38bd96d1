import type { AppMetadata, Maintainer, PackageFile } from './app.ts';
import { chartFile } from './chart-file.ts';
import { AppstoreError, type Problem } from './errors.ts';
import { parseHelmVersion } from './helm-version.ts';
import { mapsOf, parseHelmYaml, textOf, textsOf } from './helm-yaml.ts';
import { isObject, type JsonObject } from './json.ts';
import { cleanLine } from './text.ts';

/** A chart that another one is made of. */
export interface ChartDependency {
  readonly name: string;
  /** A version or range, by Helm's rules; `''` where none is named. */
  readonly version: string;
  /** `https://...`, `oci://...`, `file://...`, `@name` or `alias:name` of a configured repository; `''`: it lies in `charts/`. */
  readonly repository: string;
  readonly alias: string;
  /** As it stands in the file, for the digest of a lock. */
  readonly written: JsonObject;
}

/** What Chart.yaml says of a chart. */
export interface ChartMetadata {
  readonly apiVersion: 'v1' | 'v2';
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
  readonly description: string;
  readonly type: 'application' | 'library';
  readonly deprecated: boolean;
  /** A range of Kubernetes versions, by Helm's rules; `''` where any does. */
  readonly kubeVersion: string;
  readonly home: string;
  readonly icon: string;
  readonly keywords: readonly string[];
  readonly sources: readonly string[];
  readonly maintainers: readonly Maintainer[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly dependencies: readonly ChartDependency[];
}

/** The dependencies of a chart of apiVersion v1 stand in a file of their own. */
const requirementsFile = 'requirements.yaml';

/**
 * What a package that is a chart says of itself; undefined where it has no Chart.yaml at its top.
 *
 * @param source how messages name the package
 * @throws AppstoreError YAML_INVALID, PACKAGE_INVALID
 */
export function readChart(files: readonly PackageFile[], source: string): ChartMetadata | undefined {
  const [chart, requirements] = [chartFile, requirementsFile].map((path) => textAt(files, path, source));
  return chart === undefined ? undefined : parseChartYaml(chart, source, requirements);
}

/**
 * Reads and checks a Chart.yaml as Helm does (its `chart.Metadata.Validate`), all that is wrong at once.
 *
 * @param source how messages name the chart
 * @param requirements text of a requirements.yaml, whose dependencies take the place of those in Chart.yaml
 * @throws AppstoreError YAML_INVALID, PACKAGE_INVALID
 */
export function parseChartYaml(text: string, source: string, requirements?: string): ChartMetadata {
  const file = `${source}/${chartFile}`;
  const written = parseHelmYaml(text, file);
  const required =
    requirements === undefined ? {} : parseHelmYaml(requirements, `${source}/${requirementsFile}`);
  const dependencies = Array.isArray(required.dependencies) ? required : written;
  const problems = [...headProblems(written), ...dependencyProblems(dependencies)];
  if (problems.length > 0) throw invalid(file, problems);
  return readChartMetadata({ ...written, dependencies: dependencies.dependencies ?? [] });
}

/** The metadata of a chart, unchecked: for lists and entries of an index. */
export function readChartMetadata(written: JsonObject): ChartMetadata {
  return {
    apiVersion: textOf(written, 'apiVersion') === 'v2' ? 'v2' : 'v1',
    name: textOf(written, 'name'),
    version: textOf(written, 'version'),
    appVersion: textOf(written, 'appVersion'),
    description: textOf(written, 'description'),
    type: textOf(written, 'type') === 'library' ? 'library' : 'application',
    deprecated: written.deprecated === true,
    kubeVersion: textOf(written, 'kubeVersion'),
    home: textOf(written, 'home'),
    icon: textOf(written, 'icon'),
    keywords: textsOf(written, 'keywords'),
    sources: textsOf(written, 'sources'),
    maintainers: mapsOf(written, 'maintainers').map(maintainerOf),
    annotations: annotationsOf(written.annotations),
    dependencies: mapsOf(written, 'dependencies').map(dependencyOf),
  };
}

/** What a catalog shows of a chart. A chart has no title and its icon is an address, which is never fetched. */
export function appMetadataOf(chart: ChartMetadata): AppMetadata {
  const { annotations } = chart;
  return {
    name: chart.name,
    version: chart.version,
    appVersion: chart.appVersion,
    title: chart.name,
    summary: chart.description,
    description: '',
    category: (annotations['artifacthub.io/category'] ?? annotations.category ?? '').toLowerCase(),
    keywords: chart.keywords,
    license: annotations['artifacthub.io/license'] ?? annotations.licenses ?? '',
    home: chart.home,
    sources: chart.sources,
    maintainers: chart.maintainers,
    icon: '',
    ...(chart.deprecated ? { deprecated: true } : {}),
  };
}

function headProblems(chart: JsonObject): Problem[] {
  const [apiVersion, name, version, type] = ['apiVersion', 'name', 'version', 'type'].map((key) =>
    textOf(chart, key),
  ) as [string, string, string, string];
  const rules: readonly (readonly [string, boolean, string])[] = [
    [
      'apiVersion',
      !['', 'v1', 'v2'].includes(apiVersion),
      `must be v1 or v2, is ${JSON.stringify(apiVersion)}`,
    ],
    ['name', name === '', 'is missing'],
    [
      'name',
      /[/\\]/.test(name) || ['.', '..'].includes(name),
      `cannot be ${JSON.stringify(name)}: it names a folder`,
    ],
    ['name', cleanLine(name) !== name, 'holds characters that are not shown'],
    ['version', version === '', 'is missing'],
    [
      'version',
      version !== '' && parseHelmVersion(version) === undefined,
      `must be a semver version such as 1.4.0, is ${JSON.stringify(version)}`,
    ],
    ['type', !['', 'application', 'library'].includes(type), 'must be application or library'],
    ['maintainers', hasNull(chart.maintainers), 'must not hold empty entries'],
  ];
  return rules
    .filter(([, broken]) => broken)
    .map(([at, , message]) => ({ at, message: `\`${at}\` ${message}` }));
}

const aliasForm = /^[a-zA-Z0-9_-]+$/;

function dependencyProblems(chart: JsonObject): Problem[] {
  const all = mapsOf(chart, 'dependencies').map(dependencyOf);
  const keys = all.map(({ alias, name }) => (alias === '' ? name : alias));
  const problem = (message: string): Problem => ({ at: 'dependencies', message });
  return [
    ...(hasNull(chart.dependencies) ? [problem('`dependencies` must not hold empty entries')] : []),
    ...all
      .filter(({ alias }) => alias !== '' && !aliasForm.test(alias))
      .map(({ name }) => problem(`dependency \`${name}\` has characters in its alias that are not allowed`)),
    ...[...new Set(keys.filter((key, index) => keys.indexOf(key) !== index))].map((key) =>
      problem(`more than one dependency has the name or alias \`${key}\``),
    ),
  ];
}

function hasNull(value: unknown): boolean {
  return Array.isArray(value) && value.includes(null);
}

/** A dependency as a file writes it. */
export function dependencyOf(written: JsonObject): ChartDependency {
  return {
    name: textOf(written, 'name'),
    version: textOf(written, 'version'),
    repository: textOf(written, 'repository'),
    alias: textOf(written, 'alias'),
    written,
  };
}

function maintainerOf(written: JsonObject): Maintainer {
  const [email, url] = [textOf(written, 'email'), textOf(written, 'url')];
  return {
    name: textOf(written, 'name'),
    ...(email === '' ? {} : { email }),
    ...(url === '' ? {} : { url }),
  };
}

function annotationsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.keys(value).map((name) => [name, textOf(value, name)]));
}

function textAt(files: readonly PackageFile[], path: string, source: string): string | undefined {
  const file = files.find((one) => one.path === path);
  if (file === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file.content);
  } catch (cause) {
    throw new AppstoreError('PACKAGE_INVALID', `${source}/${path}: the file is not text in UTF-8.`, {
      hint: 'Save it in UTF-8.',
      cause,
    });
  }
}

function invalid(file: string, problems: readonly Problem[]): AppstoreError {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new AppstoreError('PACKAGE_INVALID', `${file}: ${first?.message ?? ''}${more}`, {
    hint: 'Correct Chart.yaml (https://helm.sh/docs/topics/charts/#the-chartyaml-file).',
    place: { file },
    problems: problems.map(({ message }) => ({ message, at: file })),
  });
}
