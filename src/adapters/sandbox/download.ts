import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SandboxEmit } from '../../services/sandboxes.ts';
import { type DownloadSites, downloadOf } from './downloads.ts';
import { type GetOptions, httpAnswer, httpText } from './http-get.ts';
import type { ProgramEntry } from './program-table.ts';
import { fileOfTarGz } from './tar.ts';

export interface DownloadOptions {
  readonly entries: readonly ProgramEntry[];
  readonly sites: DownloadSites;
  /** Go's name of the processor, as release files are called. */
  readonly architecture: string;
  /** Where unfinished files lie; on the same file system as `target`. */
  readonly work: string;
  readonly target: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly emit: SandboxEmit;
}

/** A machine that cannot reach the site must not wait long for that. */
const PATIENCE = 5_000;

/**
 * Downloads programs, checks each against its published sha256 and moves it into place. Ends at the first one that cannot be
 * had, and answers why; what came before it stays. Undefined where all are there.
 */
export async function downloadPrograms(options: DownloadOptions): Promise<string | undefined> {
  for (const entry of options.entries) {
    try {
      await downloadProgram(entry, options);
    } catch (error) {
      options.signal.throwIfAborted();
      const reason = `${entry.name}: ${error instanceof Error ? error.message : error}`;
      options.emit({ type: 'download-failed', reason });
      return reason;
    }
  }
  return undefined;
}

async function downloadProgram(entry: ProgramEntry, options: DownloadOptions): Promise<void> {
  const { environment, signal } = options;
  const download = downloadOf(entry, options.sites, options.architecture);
  const get = { environment, signal, patience: PATIENCE };
  const wanted = download.checksum(await httpText(download.checksumUrl, get));
  if (wanted === undefined) throw new Error(`${download.checksumUrl} holds no checksum for it`);
  const file = join(options.work, entry.name);
  const got = await saveFile(download.url, file, get, (bytes, total) =>
    options.emit({
      type: 'download',
      program: entry.name,
      url: download.url,
      bytes,
      ...(total === undefined ? {} : { total }),
    }),
  );
  if (got !== wanted) throw new Error(`${download.url} has the checksum ${got} instead of ${wanted}`);
  if (download.member !== undefined) await unpack(file, download.member);
  await writeProgram(file, join(options.target, entry.name));
}

/** Answers the sha256 of what was saved. The length is checked too: it tells a broken connection from a wrong file. */
async function saveFile(
  url: string,
  file: string,
  options: GetOptions,
  progress: (bytes: number, total: number | undefined) => void,
): Promise<string> {
  const answer = await httpAnswer(url, options);
  const length = answer.headers['content-length'];
  const total = length === undefined ? undefined : Number(length);
  const hash = createHash('sha256');
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      progress(bytes, total);
      done(undefined, chunk);
    },
  });
  try {
    await pipeline(answer, count, createWriteStream(file));
  } catch (error) {
    throw new Error(`${url} broke off after ${bytes} bytes`, { cause: error });
  }
  return hash.digest('hex');
}

async function unpack(archive: string, member: string): Promise<void> {
  const content = fileOfTarGz(await readFile(archive), member);
  if (content === undefined) throw new Error(`its archive does not hold ${member}`);
  await writeFile(archive, content);
}

/** Moves a finished program to its place in one step. */
async function writeProgram(file: string, target: string): Promise<void> {
  await chmod(file, 0o755);
  await rename(file, target);
}
