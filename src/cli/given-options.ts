import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SecretReference } from '../domain/app.ts';
import { AppstoreError } from '../domain/errors.ts';
import {
  type Assignment,
  assign,
  assignJson,
  type GivenValues,
  layer,
  parseAssignments,
  parseLiteral,
  parsePair,
  parsePatches,
  parseSecretReference,
} from '../domain/given.ts';
import { isObject, type JsonObject } from '../domain/json.ts';
import type { GivenOptions } from '../services/requests.ts';
import { type Io, readStdin } from './io.ts';
import type { AssignmentText, Options } from './options.ts';

/**
 * What the user gives on the command line: values files in their order, then `--set...` flags in theirs, the later over the
 * earlier. Throws FILE_UNREADABLE, YAML_INVALID, PATCH_INVALID, USAGE.
 */
export async function readGiven(io: Io, options: Options): Promise<GivenOptions> {
  const files = [...(options.values ?? []), ...(options.patch ?? [])];
  if (files.filter((file) => file === '-').length > 1)
    throw new AppstoreError('USAGE', 'standard input (`-`) can be read once only');
  let given: GivenValues = { values: {}, integers: [] };
  for (const file of options.values ?? [])
    given = { ...given, values: layer(given.values, await readValues(io, file)) };
  const secretRefs: SecretReference[] = [];
  for (const assignment of options.assignments ?? []) {
    if (assignment.flag === 'set-secret') secretRefs.push(parseSecretReference(assignment.text));
    else given = await withAssignment(io, given, assignment);
  }
  return {
    values: given.values,
    ...(given.integers.length === 0 ? {} : { integers: given.integers }),
    secretRefs,
    ...(options.patch === undefined && options.resetPatches !== true
      ? {}
      : { patches: await readPatches(io, options.patch ?? []) }),
    ...(options.imageRegistry === undefined ? {} : { imageRegistry: options.imageRegistry }),
    ...(options.imagePullSecret === undefined ? {} : { imagePullSecrets: options.imagePullSecret }),
  };
}

async function withAssignment(
  io: Io,
  given: GivenValues,
  { flag, text }: AssignmentText,
): Promise<GivenValues> {
  if (flag === 'set-json') return assignJson(given, text);
  const assignments = await readAssignments(io, flag, text);
  return assignments.reduce((result, one) => assign(result, one, flag === 'set'), given);
}

async function readAssignments(io: Io, flag: AssignmentText['flag'], text: string): Promise<Assignment[]> {
  if (flag === 'set-literal') return [parseLiteral(text)];
  if (flag !== 'set-file') return parseAssignments(text, { flag: `--${flag}`, typed: flag === 'set' });
  const { path, value } = parsePair(text, '--set-file');
  return [{ path, value: await readText(io, value) }];
}

async function readValues(io: Io, file: string): Promise<JsonObject> {
  const { parseYamlDocument } = await import('../domain/yaml-source.ts');
  const { value } = parseYamlDocument(await readText(io, file), nameOf(file));
  if (value === null) return {};
  if (isObject(value)) return value;
  throw new AppstoreError('YAML_INVALID', `${nameOf(file)}: values must be a map of names to values`, {
    place: { file: nameOf(file), line: 1 },
  });
}

async function readPatches(io: Io, files: readonly string[]) {
  const { parseYaml } = await import('../domain/yaml-source.ts');
  const read = await Promise.all(files.map(async (file) => ({ file, text: await readText(io, file) })));
  return read.flatMap(({ file, text }) =>
    parsePatches(
      parseYaml(text, nameOf(file)).flatMap(({ value }) => (value === null ? [] : [value])),
      nameOf(file),
    ),
  );
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

async function readText(io: Io, file: string): Promise<string> {
  if (file === '-') return readStdin(io);
  try {
    return await readFile(resolve(io.cwd, file), 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? 'there is no such file' : 'it cannot be read';
    throw new AppstoreError('FILE_UNREADABLE', `${file}: ${why}`, { place: { file }, cause: error });
  }
}
