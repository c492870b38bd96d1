import type { AppReference, Package } from '../domain/app.ts';
import { appFile } from '../domain/app-file.ts';
import { LOCAL_CATALOG } from '../domain/catalog-names.ts';
import { readChart } from '../domain/chart-yaml.ts';
import { AppstoreError, type Place } from '../domain/errors.ts';
import { isObject, type JsonObject } from '../domain/json.ts';
import { type Finding, findingAt, lintPackage } from '../domain/lint/lint.ts';
import { ruleNamed } from '../domain/lint/rules.ts';
import type { Rendered } from '../domain/rendered.ts';
import { parseYamlDocument } from '../domain/yaml-source.ts';
import { type ResolvedApp, readPackage } from './browse.ts';
import type { Catalog, Renderer } from './ports.ts';
import { template } from './template.ts';

/** Where the packages come from that are looked at. */
export interface PackageFolders {
  /** The folder itself where it holds an app, else those in it that do, sorted. Throws FILE_UNREADABLE. */
  list(folder: string): Promise<readonly string[]>;
  /** Throws PACKAGE_INVALID, YAML_INVALID, FILE_UNREADABLE. */
  open(folder: string, signal: AbortSignal): Promise<Package>;
  /**
   * Makes a folder with these files, by their paths in it; those that are `secret` can be read by nobody else. Throws FILE_UNWRITABLE, also where
   * the folder is there already and not empty, or a path leads out of it.
   */
  create(
    folder: string,
    files: Readonly<Record<string, string | Uint8Array>>,
    secret?: readonly string[],
  ): Promise<void>;
}

export interface LintDeps {
  readonly folders: PackageFolders;
  readonly renderers: readonly Renderer[];
}

/** A finding, with the app that it is in. */
export interface AppFinding extends Finding {
  /** The folder's name. */
  readonly app: string;
}

/** What was found in all packages. */
export interface LintResult {
  readonly apps: number;
  readonly findings: readonly AppFinding[];
}

/** Under this name a package is rendered: none that stands in a package by chance. */
const installation = { name: 'lint-sample', namespace: 'lint-namespace' };

/**
 * Holds packages against the rules of `domain/lint`. A package that cannot be read or rendered is a finding, not a failure.
 *
 * @param folders of packages, or of folders of packages
 * @throws AppstoreError FILE_UNREADABLE; CATALOG_INVALID where there is no package at all
 */
export async function lintFolders(
  deps: LintDeps,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<LintResult> {
  const listed = (await Promise.all(folders.map((folder) => deps.folders.list(folder)))).flat();
  const packages = [...new Set(listed)];
  if (packages.length === 0)
    throw new AppstoreError('CATALOG_INVALID', `${folders.join(', ')}: there are no apps.`, {
      hint: 'An app is a folder with an app.yaml or a Chart.yaml.',
    });
  const findings: AppFinding[] = [];
  // One after the other: each is let go before the next is read.
  for (const folder of packages) {
    signal.throwIfAborted();
    const app = lastPart(folder);
    for (const finding of await lintOne(deps, folder, signal))
      findings.push({ ...finding, app, file: `${folder}/${finding.file}` });
  }
  return { apps: packages.length, findings };
}

async function lintOne(deps: LintDeps, folder: string, signal: AbortSignal): Promise<readonly Finding[]> {
  const opened = await attempt('package-valid', folder, async () => {
    const read = await deps.folders.open(folder, signal);
    return readPackage({ catalogs: [], renderers: deps.renderers }, read);
  });
  if ('findings' in opened) return opened.findings;
  const { value: app } = opened;
  const { files } = app.package;
  const format = files.some(({ path }) => path === appFile) ? 'app' : 'chart';
  const rendered = await renderAll(deps, app, folder, signal);
  return lintPackage({
    files,
    description: app.description,
    format,
    renderings: rendered.renderings,
    installation,
    found: [...rendered.findings, ...nameFindings(app, folder, format)],
  });
}

function nameFindings(
  { resolved: { name } }: ResolvedApp,
  folder: string,
  format: 'app' | 'chart',
): readonly Finding[] {
  if (name === lastPart(folder)) return [];
  const file = format === 'app' ? appFile : 'Chart.yaml';
  return [
    findingAt(ruleNamed('folder-named'), `the folder \`${lastPart(folder)}\` holds the app \`${name}\``, {
      file,
    }),
  ];
}

/** With defaults; where the package brings values for checks (`ci/NAME-values.yaml`, as chart-testing has them), with each of them. */
async function renderAll(deps: LintDeps, app: ResolvedApp, folder: string, signal: AbortSignal) {
  const renderings: Rendered[] = [];
  const findings: Finding[] = [];
  // There is nothing to install in it: other charts use its templates.
  if (readChart(app.package.files, folder)?.type === 'library') return { renderings, findings };
  const samples = app.package.files.filter(({ path }) => /^ci\/[^/]+-values\.ya?ml$/.test(path));
  const render = async (values: JsonObject) => {
    const rendered = await attempt('renders', folder, () => renderOne(deps, app, values, signal));
    if ('value' in rendered) renderings.push(rendered.value);
    return 'findings' in rendered ? rendered.findings : [];
  };
  const byDefault = await render({});
  // A chart may need values; then its samples stand for its defaults.
  if (samples.length === 0 || app.description.valuesBy === undefined) findings.push(...byDefault);
  for (const { path, content } of samples) {
    const values = parseYamlDocument(new TextDecoder().decode(content), path).value;
    for (const finding of await render(isObject(values) ? values : {}))
      findings.push({ ...finding, message: `with ${path}: ${finding.message}` });
  }
  return { renderings, findings };
}

function renderOne(
  { renderers }: LintDeps,
  app: ResolvedApp,
  values: JsonObject,
  signal: AbortSignal,
): Promise<Rendered> {
  const reference: AppReference = { text: app.resolved.name, name: app.resolved.name };
  const given = { values, secretRefs: [] };
  return template(
    { catalogs: [onlyPackage(app.package)], renderers },
    { app: reference, ...installation, given },
    signal,
  );
}

function onlyPackage(found: Package): Catalog {
  return {
    name: LOCAL_CATALOG,
    search: async () => [],
    versions: async () => [],
    resolve: async () => found.resolved,
    open: async () => found,
  };
}

/** What a person could correct becomes findings, one a problem. */
async function attempt<T>(
  rule: string,
  folder: string,
  work: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly findings: readonly Finding[] }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof AppstoreError) || error.category !== 'input') throw error;
    const problems = error.problems.length > 0 ? error.problems : [{ message: error.message }];
    const findings = problems.map(({ message, at = '' }) => {
      const place = placeOf(at, folder) ?? placeIn(error.place, folder) ?? { file: appFile };
      const told =
        placeOf(at, folder) === undefined && at !== '' && !message.includes(at)
          ? `${at}: ${message}`
          : message;
      return findingAt(ruleNamed(rule), told, place);
    });
    return { findings };
  }
}

/** `folder/file:line:column` in words. */
function placeOf(at: string, folder: string): Place | undefined {
  const [, file = '', line, column] = /^(.+\.(?:ya?ml|tpl|txt|json))(?::(\d+))?(?::(\d+))?$/.exec(at) ?? [];
  if (file === '') return undefined;
  return placeIn(
    {
      file,
      ...(line === undefined ? {} : { line: Number(line) }),
      ...(column === undefined ? {} : { column: Number(column) }),
    },
    folder,
  );
}

function placeIn(place: Place | undefined, folder: string): Place | undefined {
  if (place === undefined) return undefined;
  const { file } = place;
  return { ...place, file: file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file };
}

function lastPart(folder: string): string {
  return (
    folder
      .replace(/[\\/]+$/, '')
      .split(/[\\/]/)
      .at(-1) ?? folder
  );
}
