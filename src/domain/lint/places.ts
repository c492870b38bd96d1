import type { PackageFile } from '../app.ts';
import { AppstoreError, type Place } from '../errors.ts';
import type { PathStep } from '../given.ts';
import { isObject, type Json } from '../json.ts';
import { parseYaml, type YamlDocument } from '../yaml-source.ts';

/** Tells where in the files of a package something stands. */
export interface Places {
  /** In an object that was rendered from a place; that place where the file is no YAML (templates of charts). */
  inObject(source: Place, path: readonly PathStep[]): Place;
  /** In the first document of a file. */
  inFile(file: string, path: readonly PathStep[]): Place;
}

/** Reads each file once, when something in it is asked for. */
export function placesOf(files: readonly PackageFile[]): Places {
  const read = new Map<string, readonly YamlDocument[]>();
  const documentsOf = (file: string): readonly YamlDocument[] => {
    const known = read.get(file) ?? parse(files, file);
    read.set(file, known);
    return known;
  };
  return {
    inObject(source, path) {
      const found = manifestAt(documentsOf(source.file), source);
      if (found === undefined) return { ...source, line: source.line ?? 1, column: source.column ?? 1 };
      return found.document.place([...found.path, ...path]);
    },
    inFile(file, path) {
      const [document] = documentsOf(file);
      return document?.place(path) ?? { file, line: 1, column: 1 };
    },
  };
}

function parse(files: readonly PackageFile[], file: string): readonly YamlDocument[] {
  const found = files.find(({ path }) => path === file);
  if (found === undefined || !/\.ya?ml$/.test(file)) return [];
  try {
    return parseYaml(new TextDecoder().decode(found.content), file);
  } catch (error) {
    if (error instanceof AppstoreError) return [];
    throw error;
  }
}

interface Manifest {
  readonly document: YamlDocument;
  readonly path: readonly PathStep[];
}

/** A renderer tells where a manifest begins: the one that begins there. */
function manifestAt(documents: readonly YamlDocument[], source: Place): Manifest | undefined {
  return documents
    .flatMap((document) => manifestsIn(document.value).map((path) => ({ document, path })))
    .find(({ document, path }) => {
      const { line, column } = document.place(path);
      return line === source.line && column === source.column;
    });
}

function manifestsIn(value: Json): readonly (readonly PathStep[])[] {
  const isApp = isObject(value) && value.kind === 'App' && Array.isArray(value.resources);
  const entries: readonly (readonly [Json, readonly PathStep[]])[] = isApp
    ? (value.resources as Json[]).map((entry, index) => [entry, ['resources', index]])
    : [[value, []]];
  return entries.map(([entry, path]) =>
    isObject(entry) && isObject(entry.resource) ? [...path, 'resource'] : path,
  );
}
