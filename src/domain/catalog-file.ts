import type { JsonSchema } from './app.ts';
import type { PathStep } from './given.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { validate } from './json-schema.ts';
import { type PlacedProblem, packageError, placedProblem } from './package-problems.ts';
import { parseYamlDocument, type YamlDocument } from './yaml-source.ts';

/** What may stand beside the folders of a catalog: what it says of itself, and of apps as a whole. */
export const catalogFileName = 'catalog.yaml';

/** The marks of one app. */
interface AppMarks {
  /** Why it should not be used any more. */
  readonly deprecated?: string;
  /** Versions that were taken back, each with the reason. */
  readonly yanked: Readonly<Record<string, string>>;
}

/** A catalog.yaml, read and checked. */
export interface CatalogFile {
  readonly title: string;
  readonly description: string;
  readonly home: string;
  readonly apps: ReadonlyMap<string, AppMarks>;
  /** Answers a problem with its place in the file. */
  problem(path: readonly PathStep[], message: string): PlacedProblem;
}

const reason: JsonSchema = { type: 'string', minLength: 1, maxLength: 300 };

/** The JSON Schema of catalog.yaml. docs/schema/catalog.v1.json is this table, for editors; a test keeps the two equal. */
export const catalogFileSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://appstore.dev/schema/catalog.v1.json',
  title: 'catalog.yaml of an appstore catalog',
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind'],
  properties: {
    apiVersion: { const: 'appstore.dev/v1' },
    kind: { const: 'Catalog' },
    title: { type: 'string', description: 'Name for people.', minLength: 1, maxLength: 60 },
    description: { type: 'string', description: 'What is in it and for whom.', maxLength: 1000 },
    home: { type: 'string', description: 'Page of who runs it.', format: 'uri' },
    apps: {
      type: 'object',
      description: 'What is to be said of apps as a whole, by name.',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: {
          deprecated: { ...reason, description: 'Why it should not be used any more, and what instead.' },
          yanked: {
            type: 'object',
            description:
              'Versions that were taken back, each with the reason. Who has one keeps it; nobody gets it anew unless named exactly.',
            additionalProperties: reason,
          },
        },
      },
    },
  },
};

/**
 * Reads a catalog.yaml.
 *
 * @throws AppstoreError YAML_INVALID; CATALOG_INVALID with every problem and its place
 */
export function parseCatalogFile(text: string, file: string): CatalogFile {
  const document = parseYamlDocument(text, file);
  const violations = validate(catalogFileSchema, document.value, { strict: true, own: true });
  if (violations.length > 0)
    throw packageError(
      file,
      violations.map((violation) => placedProblem(document, violation)),
      'CATALOG_INVALID',
    );
  return catalogFileOf(isObject(document.value) ? document.value : {}, document);
}

/** A catalog that says nothing of itself. */
export function emptyCatalogFile(file: string): CatalogFile {
  return catalogFileOf({}, parseYamlDocument('', file));
}

function catalogFileOf(written: JsonObject, document: YamlDocument): CatalogFile {
  const apps = isObject(written.apps) ? written.apps : {};
  return {
    title: textOf(written.title),
    description: textOf(written.description).trim(),
    home: textOf(written.home),
    apps: new Map(Object.entries(apps).map(([name, marks]) => [name, marksOf(marks)])),
    problem: (path, message) => placedProblem(document, { path, message, keyword: 'propertyNames' }),
  };
}

function marksOf(written: Json | undefined): AppMarks {
  const marks = isObject(written) ? written : {};
  const yanked = isObject(marks.yanked) ? Object.entries(marks.yanked) : [];
  return {
    ...(typeof marks.deprecated === 'string' ? { deprecated: marks.deprecated } : {}),
    yanked: Object.fromEntries(yanked.map(([version, why]) => [version, textOf(why)])),
  };
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
