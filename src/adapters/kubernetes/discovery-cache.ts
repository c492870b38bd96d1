import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject } from '../../domain/json.ts';
import type { Discovered } from './discovery-parse.ts';

/** Discovery kept on disk between commands. */
export interface DiscoveryCache {
  read(): Promise<Discovered | undefined>;
  write(found: Discovered): Promise<void>;
}

/** Raised when the form of the file changes: older files are then passed over. */
const FORMAT = 1;
/** What is missing is looked up anew at once; this bounds how long something that is gone is still believed in. */
const LONGEST_AGE = 10 * 60_000;

/**
 * One file a server, named by its address and certificate authority, so that another cluster at the same address (a sandbox
 * made anew) does not get the kinds of the one before. Nothing here ever fails a command: a cache that cannot be used is none.
 */
export function discoveryCache(folder: string, server: string, ca: string): DiscoveryCache {
  const name = createHash('sha256').update(`${server}\n${ca}`).digest('hex').slice(0, 24);
  const file = join(folder, `${name}.json`);
  return {
    read: async () => {
      try {
        const held: unknown = JSON.parse(await readFile(file, 'utf8'));
        const usable =
          isObject(held) && held.format === FORMAT && Date.now() - Number(held.savedAt) < LONGEST_AGE;
        return usable && Array.isArray(held.found) ? (held.found as unknown as Discovered) : undefined;
      } catch {
        return undefined;
      }
    },
    write: async (found) => {
      const draft = `${file}.${randomUUID()}`;
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(draft, JSON.stringify({ format: FORMAT, savedAt: Date.now(), server, found }));
        await rename(draft, file);
      } catch {
        // A full or read-only disk costs a request the next time, nothing more.
      }
    },
  };
}
