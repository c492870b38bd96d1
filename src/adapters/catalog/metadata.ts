import { open, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppMetadata } from '../../domain/app.ts';
import { appFile } from '../../domain/app-file.ts';
import { chartFile } from '../../domain/chart-file.ts';
import { appMetadataOf, parseChartYaml, readChartMetadata } from '../../domain/chart-yaml.ts';
import { AppstoreError } from '../../domain/errors.ts';
import { parseHelmYaml } from '../../domain/helm-yaml.ts';
import { appHead, parseMetadata, readMetadata } from '../../domain/metadata.ts';
import { parseYamlDocument } from '../../domain/yaml-source.ts';
import { checkFileSize, packageLimits } from './package-files.ts';
import { leadsOut, reading } from './reading.ts';

/** Bytes read at first: the head of an app.yaml has about 1 kB, with a long description 3 kB. */
const HEAD_BYTES = 8 * 1024;

/**
 * What a catalog shows of the app or chart in a folder, checked against its format. Where both app.yaml and Chart.yaml are
 * there, it is an app.
 *
 * @param source how messages name the package
 * @returns undefined where the folder has neither
 * @throws AppstoreError FILE_UNREADABLE, YAML_INVALID, PACKAGE_INVALID
 */
export async function checkedMetadata(folder: string, source: string): Promise<AppMetadata | undefined> {
  const head = await readHead(folder, source);
  if (head !== undefined) return parseMetadata(head, `${source}/${appFile}`);
  const chart = await readWhole(folder, chartFile, source);
  return chart === undefined ? undefined : appMetadataOf(parseChartYaml(chart, source));
}

/** True where the folder has an app or chart, whatever is in it. Throws FILE_UNREADABLE, PACKAGE_INVALID. */
export async function holdsPackage(folder: string, source: string): Promise<boolean> {
  for (const name of [appFile, chartFile])
    if ((await sizeOf(folder, name, source)) !== undefined) return true;
  return false;
}

/**
 * The same, unchecked, for lists: what is missing is empty. Checking costs more than all the reading, and a mistake in one
 * package must not hide the others; whoever asks for that package is told.
 *
 * @throws AppstoreError FILE_UNREADABLE, YAML_INVALID, PACKAGE_INVALID where there is no metadata at all
 */
export async function listedMetadata(folder: string, source: string): Promise<AppMetadata | undefined> {
  const head = await readHead(folder, source);
  if (head !== undefined) return readMetadata(parseYamlDocument(head, `${source}/${appFile}`).value);
  const chart = await readWhole(folder, chartFile, source);
  if (chart === undefined) return undefined;
  return appMetadataOf(readChartMetadata(parseHelmYaml(chart, `${source}/${chartFile}`)));
}

/** A Chart.yaml is small and has no head: all of it is read. */
async function readWhole(folder: string, name: string, source: string): Promise<string | undefined> {
  const file = join(folder, name);
  const size = await sizeOf(folder, name, source);
  return size === undefined ? undefined : decode(await readStart(file, size), false, file);
}

/**
 * Reads app.yaml as far as its metadata where they stand before values and resources (as docs/packages.md writes it):
 * searching a catalog must not cost the parsing of every manifest in it. The tail alone is cut off, so that places in
 * messages stay true.
 */
async function readHead(folder: string, source: string): Promise<string | undefined> {
  const file = join(folder, appFile);
  const size = await sizeOf(folder, appFile, source);
  if (size === undefined) return undefined;
  const start = decode(await readStart(file, Math.min(size, HEAD_BYTES)), size > HEAD_BYTES, file);
  return appHead(start) ?? decode(await readStart(file, size), false, file);
}

async function sizeOf(folder: string, name: string, source: string): Promise<number | undefined> {
  const file = join(folder, name);
  const found = await reading(file, async () => ({
    root: await realpath(folder),
    real: await realpath(file),
  })).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  const { size, isPlain } = await reading(file, async () => {
    const target = await stat(found.real);
    return { size: target.size, isPlain: target.isFile() };
  });
  if (!isPlain || leadsOut(found.root, found.real)) {
    throw new AppstoreError('PACKAGE_INVALID', `${source}: \`${name}\` is not a file of this folder.`, {
      hint: 'Put a plain file in its place.',
    });
  }
  checkFileSize(name, size, source, packageLimits.app);
  return size;
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof AppstoreError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
  );
}

async function readStart(file: string, bytes: number): Promise<Uint8Array> {
  return reading(file, async () => {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  });
}

/** A cut part ends with its last whole line: the cut may go through a character. */
function decode(bytes: Uint8Array, cut: boolean, file: string): string {
  const whole = cut ? bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1) : bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(whole);
  } catch (error) {
    throw new AppstoreError('PACKAGE_INVALID', `${file}: the file is not text in UTF-8.`, {
      hint: 'Save it in UTF-8.',
      cause: error,
    });
  }
}
