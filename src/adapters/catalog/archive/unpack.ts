import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { PackageFile } from '../../../domain/app.ts';
import { appFile } from '../../../domain/app-file.ts';
import { chartFile } from '../../../domain/chart-file.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { cleanLine } from '../../../domain/text.ts';
import {
  checkDistinct,
  checkPath,
  checkSize,
  isLeftover,
  longestArchive,
  type PackageLimits,
  packageLimits,
} from '../package-files.ts';
import { readTar, type TarFile, TarRefused } from './tar.ts';

/** Bytes that a header and the padding of a file take at most. */
const overhead = 3 * 512;

/**
 * Takes the files of a package out of a `.tgz`, sorted by path, without its one top folder. This is a security boundary: the bytes
 * come from anywhere, and what is written here decides that nothing in them leads out of the package, takes the place of something
 * else, or takes more memory than a package may have (docs/decisions/0032).
 *
 * @param source how messages name the archive
 * @throws AppstoreError PACKAGE_INVALID
 */
export async function unpackPackage(archive: Uint8Array, source: string): Promise<readonly PackageFile[]> {
  const { chart } = packageLimits;
  const tar = await unzip(archive, source, chart.totalBytes + chart.files * overhead);
  const found = withoutTopFolder(readFiles(tar, source, chart), source);
  const format = formatOf(found, source);
  const files = found
    .filter(({ path }) => format.keeps(path))
    .map(({ path, mode, content }) => ({
      path,
      mode: format.modeOf(mode),
      content: new Uint8Array(content),
    }));
  checkSize({ files: files.length, bytes: sum(files) }, source, format.limits);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function unzip(archive: Uint8Array, source: string, most: number): Promise<Buffer> {
  if (archive.length > longestArchive) throw invalid(source, `has more than ${longestArchive} bytes`);
  if (archive[0] !== 0x1f || archive[1] !== 0x8b) throw invalid(source, notGzip(archive));
  try {
    return await promisify(gunzip)(archive, { maxOutputLength: most });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw invalid(source, `unpacks to more than ${most} bytes`, error);
    const cutOff = code === 'Z_BUF_ERROR';
    throw invalid(source, cutOff ? 'is cut off' : `is damaged: ${(error as Error).message}`, error);
  }
}

/** What people hand over instead of an archive, told by how it begins. */
function notGzip(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1').trimStart();
  if (bytes.length === 0) return 'is empty';
  if (/^<(!doctype|html)/i.test(start)) return 'is a page of HTML, not a gzipped archive';
  if (start.startsWith('PK')) return 'is a zip file, not a gzipped tar archive';
  return 'is not a gzipped archive';
}

function readFiles(tar: Buffer, source: string, limits: PackageLimits): readonly TarFile[] {
  try {
    return readTar(tar, { files: limits.files, entries: limits.files * 3, fileBytes: limits.fileBytes });
  } catch (error) {
    throw error instanceof TarRefused ? invalid(source, error.message, error) : error;
  }
}

interface Found {
  readonly path: string;
  readonly mode: number;
  readonly content: Buffer;
}

/** A package lies in one folder of its archive, whatever that is called. */
function withoutTopFolder(files: readonly TarFile[], source: string): readonly Found[] {
  if (files.length === 0) throw invalid(source, 'holds no files');
  const found = files.map((file) => ({ ...file, parts: partsOf(file.name, source) }));
  const loose = found.find(({ parts }) => parts.length === 1);
  if (loose !== undefined)
    throw invalid(source, `has \`${loose.name}\` at its top: a package lies in one folder of the archive`);
  const tops = [...new Set(found.map(({ parts }) => parts[0]))];
  if (tops.length > 1)
    throw invalid(source, `has ${tops.length} folders at its top (${shown(tops)}): a package lies in one`);
  const inside = found.map(({ parts, mode, content }) => ({ path: parts.slice(1).join('/'), mode, content }));
  const paths = inside.map(({ path }) => path);
  for (const path of paths) checkPath(path, source, packageLimits.chart);
  const double = repeated(paths);
  if (double !== undefined) throw invalid(source, `holds \`${double}\` twice`);
  checkDistinct(paths, source);
  return inside;
}

function repeated(paths: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return paths.find((path) => seen.size === seen.add(path).size);
}

/** Archives made on Windows have backslashes (Helm reads them as well). A leading `./` says nothing. */
function partsOf(name: string, source: string): readonly string[] {
  const path = name.replaceAll('\\', '/');
  if (path.startsWith('/') || /^[a-z]:/i.test(path))
    throw invalid(source, `holds the absolute path \`${name}\``);
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw invalid(source, `holds a path that leads out of it, \`${name}\``);
  if (parts.length === 0) throw invalid(source, 'holds a file without a name');
  if (parts.some((part, index) => index > 0 && /^[a-z]:$/i.test(part)))
    throw invalid(source, `holds the absolute path \`${name}\``);
  return parts;
}

interface Format {
  readonly limits: PackageLimits;
  keeps(path: string): boolean;
  modeOf(mode: number): number;
}

/** The same files count, with the same modes, as in a folder (folder-rules.ts); `.helmignore` was heeded by who packed it. */
function formatOf(files: readonly Found[], source: string): Format {
  const paths = new Set(files.map(({ path }) => path));
  if (paths.has(appFile))
    return {
      limits: packageLimits.app,
      keeps: (path) => !path.split('/').some(isLeftover),
      modeOf: (mode) => ((mode & 0o100) === 0 ? 0o644 : 0o755),
    };
  if (paths.has(chartFile)) return { limits: packageLimits.chart, keeps: () => true, modeOf: () => 0o644 };
  throw invalid(source, `holds no app: there is no ${appFile} or ${chartFile} in its top folder`);
}

function sum(files: readonly PackageFile[]): number {
  return files.reduce((total, { content }) => total + content.length, 0);
}

function shown(names: readonly (string | undefined)[]): string {
  return names.slice(0, 3).join(', ') + (names.length > 3 ? ', ...' : '');
}

function invalid(source: string, why: string, cause?: unknown): AppstoreError {
  return new AppstoreError('PACKAGE_INVALID', `${source} ${cleanLine(why, 400)}.`, {
    hint: 'Get the archive anew, or ask who made it. `helm package` and `tar czf NAME.tgz FOLDER` make one that is read.',
    ...(cause === undefined ? {} : { cause }),
  });
}
