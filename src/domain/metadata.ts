import { valid } from 'semver';
import type { AppMetadata, Maintainer } from './app.ts';
import { appHeadSchema } from './app-schema.ts';
import { AppstoreError } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { validate } from './json-schema.ts';
import { type PlacedProblem, packageError, placedProblem } from './package-problems.ts';
import { parseYamlDocument, type YamlDocument } from './yaml-source.ts';

/** Where the head ends: the first top-level key that is none of its own. */
const AFTER_HEAD = /^(?!apiVersion\b|kind\b|metadata\b)[A-Za-z_"'$].*:/m;

/**
 * The text of an app.yaml before values and resources, where the metadata stand before them (as docs/packages.md writes it). Places in it
 * are those of the whole text. Undefined where it holds no metadata or does not reach that far.
 */
export function appHead(text: string): string | undefined {
  const end = text.search(AFTER_HEAD);
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  return /^metadata\s*:/m.test(head) ? head : undefined;
}

/**
 * Reads what a catalog shows of an app from the text of its app.yaml, or from its head alone: what comes after the head is not looked at,
 * as it is most of the text, and whoever uses the package reads it whole (`parseApp`).
 *
 * @throws AppstoreError YAML_INVALID, PACKAGE_INVALID with every problem and its place.
 */
export function parseMetadata(text: string, file: string): AppMetadata {
  const document = parseYamlDocument(appHead(text) ?? text, file);
  const problems = [
    ...validate(appHeadSchema, document.value, { strict: true, own: true }).map((violation) =>
      placedProblem(document, violation),
    ),
    ...versionProblems(document),
  ];
  if (problems.length > 0) throw packageError(file, problems);
  return readMetadata(document.value);
}

/** The metadata of a checked app.yaml. */
export function readMetadata(value: Json): AppMetadata {
  const metadata = isObject(value) && isObject(value.metadata) ? value.metadata : undefined;
  if (metadata === undefined) throw new AppstoreError('PACKAGE_INVALID', 'app.yaml has no metadata');
  return {
    name: text(metadata, 'name'),
    version: text(metadata, 'version'),
    appVersion: text(metadata, 'appVersion'),
    title: text(metadata, 'title'),
    summary: text(metadata, 'summary'),
    description: text(metadata, 'description').trim(),
    category: text(metadata, 'category'),
    keywords: texts(metadata, 'keywords'),
    license: text(metadata, 'license'),
    home: text(metadata, 'home'),
    sources: texts(metadata, 'sources'),
    maintainers: maintainers(metadata.maintainers),
    icon: text(metadata, 'icon'),
  };
}

/** Schemas cannot say what semver is. */
export function versionProblems(document: YamlDocument): PlacedProblem[] {
  const metadata = isObject(document.value) ? document.value.metadata : undefined;
  const version = isObject(metadata) ? metadata.version : undefined;
  if (typeof version !== 'string' || version === '' || valid(version) === version) return [];
  const path = ['metadata', 'version'];
  const message = `must be a semver version such as 1.4.0, is ${JSON.stringify(version)}`;
  return [placedProblem(document, { path, message })];
}

function text(of: JsonObject, name: string): string {
  const value = of[name];
  return typeof value === 'string' ? value : '';
}

function texts(of: JsonObject, name: string): string[] {
  const value = of[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function maintainers(value: Json | undefined): Maintainer[] {
  return (Array.isArray(value) ? value : []).filter(isObject).map((entry) => ({
    name: text(entry, 'name'),
    ...(typeof entry.email === 'string' ? { email: entry.email } : {}),
    ...(typeof entry.url === 'string' ? { url: entry.url } : {}),
  }));
}
