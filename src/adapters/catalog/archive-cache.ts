import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from './opened.ts';

/** Archives that were downloaded, kept by their digest: the same bytes are never fetched twice, and are there without a network. */
export interface ArchiveCache {
  /** Checked against the digest: what somebody changed on disk is not there. */
  get(digest: string): Promise<Uint8Array | undefined>;
  put(digest: string, archive: Uint8Array): Promise<void>;
  /** Deletes what was not used for a month. */
  prune(now: Date): Promise<void>;
}

const month = 30 * 24 * 60 * 60 * 1000;

/** Archives in a folder. A cache that cannot be written is none: what was asked for is there all the same. */
export function archiveCache(folder: string): ArchiveCache {
  const fileOf = (digest: string) => join(folder, `${digest.replace(':', '-')}.tgz`);
  return {
    async get(digest) {
      const file = fileOf(digest);
      const bytes = await readFile(file).catch(() => undefined);
      if (bytes === undefined || digestOf(bytes) !== digest) return undefined;
      const now = new Date();
      await utimes(file, now, now).catch(() => {});
      return bytes;
    },
    async put(digest, archive) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const fresh = `${fileOf(digest)}.${process.pid}.new`;
        await writeFile(fresh, archive, { mode: 0o600 });
        await rename(fresh, fileOf(digest));
      } catch {
        // No room, or no right to write there.
      }
    },
    async prune(now) {
      const names = await readdir(folder).catch(() => []);
      await Promise.all(names.map((name) => pruneOne(join(folder, name), now)));
    },
  };
}

async function pruneOne(file: string, now: Date): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() === true && now.getTime() - found.mtimeMs > month) await rm(file, { force: true });
}
