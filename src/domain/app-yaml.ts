import type { JsonSchema, PackageDescription, PackageFile, Requirements } from './app.ts';
import { appFile } from './app-file.ts';
import { appFrameSchema, resourceSchema } from './app-schema.ts';
import type { PathStep } from './given.ts';
import { parseHelmRange } from './helm-version.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { validate } from './json-schema.ts';
import { readMetadata, versionProblems } from './metadata.ts';
import { type PathProblem, type PlacedProblem, packageError, placedProblem } from './package-problems.ts';
import { reservedNames } from './reserved-names.ts';
import { checkSchema } from './schema-check.ts';
import { parseYaml, parseYamlDocument, type YamlDocument } from './yaml-source.ts';

/** One entry of `resources`, or one document of a file in resources/. */
export interface ResourceTemplate {
  readonly document: YamlDocument;
  /** Path of the file in the package. */
  readonly file: string;
  /** Where the entry stands in the document. */
  readonly path: readonly PathStep[];
  readonly when: Json | undefined;
  readonly forEach: ReadonlyArray<readonly [string, Json]>;
  readonly manifest: JsonObject;
  readonly manifestPath: readonly PathStep[];
}

/** A package in this format, read and checked, before values are known. */
export interface AppDefinition {
  readonly document: YamlDocument;
  readonly description: PackageDescription;
  readonly resources: readonly ResourceTemplate[];
  readonly outputs: JsonObject;
  readonly open: readonly JsonObject[];
  readonly notes: string;
}

/**
 * Reads a package: app.yaml, the files in resources/, README.md. `source` names the package in messages.
 *
 * @throws AppstoreError YAML_INVALID; PACKAGE_INVALID with every problem and its place.
 */
export function parseApp(files: readonly PackageFile[], source: string): AppDefinition {
  const named = (path: string) => (source === '' ? path : `${source.replace(/\/+$/, '')}/${path}`);
  const document = parseYamlDocument(textOf(files, appFile), named(appFile));
  const further = files
    .filter((file) => /^resources\/.+\.ya?ml$/.test(file.path))
    .map((file) => ({ file: file.path, documents: parseYaml(decode(file), named(file.path)) }));
  const problems = [
    ...appProblems(document, files),
    ...further.flatMap(({ documents }) => documents.flatMap((each) => entryProblems(each, each.value, []))),
  ];
  if (problems.length > 0) throw packageError(named(appFile), problems);
  const app = isObject(document.value) ? document.value : {};
  return {
    document,
    description: {
      metadata: readMetadata(app),
      schema: schemaOf(app),
      requires: requirementsOf(app),
      readme: textOf(files, 'README.md'),
    },
    resources: [
      ...listOf(app.resources).map((entry, index) =>
        template({ document, file: appFile, path: ['resources', index] }, entry),
      ),
      ...further.flatMap(({ file, documents }) =>
        documents.map((each) => template({ document: each, file, path: [] }, each.value)),
      ),
    ],
    outputs: isObject(app.outputs) ? app.outputs : {},
    open: listOf(app.open).filter(isObject),
    notes: typeof app.notes === 'string' ? app.notes : '',
  };
}

function appProblems(document: YamlDocument, files: readonly PackageFile[]): PlacedProblem[] {
  const app = isObject(document.value) ? document.value : {};
  const values = app.values;
  return [
    ...validate(appFrameSchema, document.value, { strict: true, own: true }).map((violation) =>
      placedProblem(document, violation),
    ),
    ...versionProblems(document),
    ...(isObject(values)
      ? checkSchema(values).map((problem) => placedProblem(document, problem, ['values']))
      : []),
    ...further(app, files).map((problem) => placedProblem(document, problem)),
    ...listOf(app.resources).flatMap((entry, index) => entryProblems(document, entry, ['resources', index])),
  ];
}

function entryProblems(document: YamlDocument, entry: Json, path: readonly PathStep[]): PlacedProblem[] {
  if (isPlainManifest(entry)) return [];
  const problems = [...validate(resourceSchema, entry, { strict: true }), ...nameProblems(entry)];
  return problems.map((problem) => placedProblem(document, problem, path));
}

/** What nearly every entry is. It fits the schema, which need not be asked: with hundreds of entries that is most of the reading. */
function isPlainManifest(entry: Json): boolean {
  if (!isObject(entry) || 'resource' in entry || 'forEach' in entry || 'when' in entry) return false;
  const { apiVersion, kind, metadata } = entry;
  return [apiVersion, kind, isObject(metadata) ? metadata.name : undefined].every(
    (text) => typeof text === 'string' && text !== '',
  );
}

/** What a schema cannot say. */
function further(app: JsonObject, files: readonly PackageFile[]): PathProblem[] {
  const range = isObject(app.requires) ? app.requires.kubernetes : undefined;
  const icon = isObject(app.metadata) ? app.metadata.icon : undefined;
  return [
    ...(typeof range === 'string' && parseHelmRange(range) === undefined
      ? [
          {
            path: ['requires', 'kubernetes'],
            message: `must be a range such as >=1.29, is ${JSON.stringify(range)}`,
          },
        ]
      : []),
    ...(typeof icon === 'string' && icon !== '' && !files.some((file) => file.path === icon)
      ? [{ path: ['metadata', 'icon'], message: `is not in the package: ${icon}` }]
      : []),
  ];
}

function nameProblems(entry: Json): PathProblem[] {
  const forEach = isObject(entry) && isObject(entry.forEach) ? entry.forEach : {};
  return Object.keys(forEach)
    .filter((name) => reservedNames.has(name))
    .map((name) => ({
      path: ['forEach', name],
      keyword: 'propertyNames',
      message: 'has a meaning already: choose another name',
    }));
}

function template(
  at: { readonly document: YamlDocument; readonly file: string; readonly path: readonly PathStep[] },
  entry: Json,
): ResourceTemplate {
  const own = isObject(entry) ? entry : {};
  const resource = own.resource;
  if (!isObject(resource))
    return { ...at, when: undefined, forEach: [], manifest: own, manifestPath: at.path };
  const forEach = isObject(own.forEach) ? Object.entries(own.forEach) : [];
  return {
    ...at,
    when: own.when,
    forEach: forEach.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    manifest: resource,
    manifestPath: [...at.path, 'resource'],
  };
}

function schemaOf(app: JsonObject): JsonSchema {
  return isObject(app.values) ? (app.values as JsonSchema) : { type: 'object', properties: {} };
}

function requirementsOf(app: JsonObject): Requirements {
  const requires = isObject(app.requires) ? app.requires : {};
  const { kubernetes, capabilities } = requires;
  return {
    ...(typeof kubernetes === 'string' ? { kubernetes } : {}),
    ...(Array.isArray(capabilities)
      ? { capabilities: capabilities.filter((item) => typeof item === 'string') }
      : {}),
  };
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function textOf(files: readonly PackageFile[], path: string): string {
  const file = files.find((candidate) => candidate.path === path);
  return file === undefined ? '' : decode(file);
}

function decode(file: PackageFile): string {
  return new TextDecoder().decode(file.content);
}
