import { readFile } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { AppstoreError } from '../../domain/errors.ts';
import { isObject, type JsonObject } from '../../domain/json.ts';

/** A kubeconfig as it is written, one or several files merged. */
export interface Kubeconfig {
  /** The files that it came from, for messages; empty for the in-cluster configuration. */
  readonly files: readonly string[];
  readonly currentContext: string;
  readonly contexts: ReadonlyMap<string, JsonObject>;
  readonly clusters: ReadonlyMap<string, JsonObject>;
  readonly users: ReadonlyMap<string, JsonObject>;
}

export interface KubeconfigPlaces {
  /** `--kubeconfig`: this file alone, and it has to be there. */
  readonly kubeconfig?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Folder from which relative paths count. */
  readonly cwd: string;
}

/**
 * Reads the kubeconfig from where kubectl reads it: `--kubeconfig`, else the files of KUBECONFIG (those that are missing are
 * passed over), else `~/.kube/config`. Undefined where there is none. Throws KUBECONFIG_MISSING for a file that was asked for,
 * KUBECONFIG_INVALID with the place.
 */
export async function readKubeconfig(places: KubeconfigPlaces): Promise<Kubeconfig | undefined> {
  const explicit = places.kubeconfig;
  const named = explicit === undefined ? candidates(places) : [explicit];
  const files = named.map((file) => resolve(places.cwd, file));
  const texts = await Promise.all(files.map((file) => readText(file, explicit !== undefined)));
  const parsed = await Promise.all(
    files.flatMap((file, index) => {
      const text = texts[index];
      return text === undefined || text.trim() === '' ? [] : [parseKubeconfig(file, text)];
    }),
  );
  return parsed.length === 0 ? undefined : mergeKubeconfigs(parsed);
}

function candidates({ env, home }: KubeconfigPlaces): string[] {
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  return listed.length > 0 ? [...new Set(listed)] : [join(home, '.kube', 'config')];
}

async function readText(file: string, required: boolean): Promise<string | undefined> {
  try {
    // Not by node:fs/promises, which takes longer to load than the file to read
    return await promisify(readFile)(file, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (missing && !required) return undefined;
    const code = missing ? 'KUBECONFIG_MISSING' : 'KUBECONFIG_INVALID';
    throw new AppstoreError(code, `${file}: ${missing ? 'there is no such file' : 'cannot be read'}`, {
      place: { file },
      cause: error,
    });
  }
}

/** Parses one file. Paths in it are made absolute from its folder. */
export async function parseKubeconfig(file: string, text: string): Promise<Kubeconfig> {
  const data = await parseText(file, text);
  if (!isObject(data)) throw invalid(file, 'is not a kubeconfig: it holds no map');
  const folder = resolve(dirname(file));
  const current = data['current-context'];
  return {
    files: [file],
    currentContext: typeof current === 'string' ? current : '',
    contexts: entries(file, data, 'contexts', 'context'),
    clusters: map(entries(file, data, 'clusters', 'cluster'), (cluster) => absolute(folder, cluster)),
    users: map(entries(file, data, 'users', 'user'), (user) => absolute(folder, user)),
  };
}

/** As kubectl merges: the first file that has an entry or a current context wins, whole. */
function mergeKubeconfigs(parts: readonly Kubeconfig[]): Kubeconfig {
  const first = (key: 'contexts' | 'clusters' | 'users') =>
    new Map([...parts].reverse().flatMap((part) => [...part[key]]));
  return {
    files: parts.flatMap((part) => part.files),
    currentContext: parts.find((part) => part.currentContext !== '')?.currentContext ?? '',
    contexts: first('contexts'),
    clusters: first('clusters'),
    users: first('users'),
  };
}

/** JSON is the fast way: it is YAML too, and tools write it. Otherwise the YAML parser is loaded. */
async function parseText(file: string, text: string): Promise<unknown> {
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text);
    } catch {
      // The YAML parser says where the mistake is.
    }
  }
  const { LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problem = document.errors[0];
  if (problem === undefined) return document.toJS();
  const { line, col } = lines.linePos(problem.pos[0]);
  throw new AppstoreError('KUBECONFIG_INVALID', `${file}:${line}:${col}: ${problem.message}`, {
    place: { file, line, column: col },
  });
}

function entries(file: string, data: JsonObject, list: string, field: string): Map<string, JsonObject> {
  const items = data[list] ?? [];
  if (!Array.isArray(items)) throw invalid(file, `\`${list}\` has to be a list`);
  return new Map(
    items.map((item, index) => {
      const entry = isObject(item) ? item : {};
      const body = entry[field] ?? {};
      if (typeof entry.name !== 'string') throw invalid(file, `${list}[${index}].name is missing`);
      if (!isObject(body)) throw invalid(file, `${list}[${index}].${field} has to be a map`);
      return [entry.name, body] as const;
    }),
  );
}

/** Fields with a path, which kubectl reads from the folder of the file. */
const PATH_FIELDS: readonly string[] = [
  'certificate-authority',
  'client-certificate',
  'client-key',
  'tokenFile',
];

function absolute(folder: string, entry: JsonObject): JsonObject {
  const paths = PATH_FIELDS.flatMap((field) => {
    const value = entry[field];
    return typeof value === 'string' && value !== '' ? [[field, toAbsolute(folder, value)] as const] : [];
  });
  const made: JsonObject = { ...entry, ...Object.fromEntries(paths) };
  const exec = entry.exec;
  if (!isObject(exec) || typeof exec.command !== 'string') return made;
  // A bare command is looked up on PATH; one with a folder in it lies relative to the kubeconfig.
  const relative = exec.command.includes(sep) && !isAbsolute(exec.command);
  return relative ? { ...made, exec: { ...exec, command: join(folder, exec.command) } } : made;
}

function toAbsolute(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

function map<T>(from: ReadonlyMap<string, T>, change: (value: T) => T): Map<string, T> {
  return new Map([...from].map(([key, value]) => [key, change(value)]));
}

function invalid(file: string, what: string): AppstoreError {
  return new AppstoreError('KUBECONFIG_INVALID', `${file}: ${what}`, { place: { file } });
}
