import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { indexFileName } from '../../../domain/catalog-index.ts';
import { hasCode } from '../../sandbox/files.ts';
import { writing } from './writing.ts';

/** A site that is being made, beside what is published. */
export interface Stage {
  /** Keeps a file for the site. `path` is relative, with `/`. */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** Where a file of it lies now. */
  at(path: string): string;
  /** Puts everything into its place. */
  publish(): Promise<void>;
  discard(): Promise<void>;
}

const prefix = '.appstore-build-';

/**
 * Begins a new state of a site, in a folder inside of it, so that it is on the same disk.
 *
 * All that can fail is done there. Publishing is renaming alone: archives first, the index last, each file in one step. So whoever
 * reads the site meanwhile, or after a build that was killed anywhere, finds an index of which everything is there.
 *
 * @throws AppstoreError FILE_UNWRITABLE, also where the folder holds something else
 */
export async function openStage(out: string): Promise<Stage> {
  await writing(out, () => mkdir(out, { recursive: true }));
  await removeLeftovers(out);
  const folder = join(out, `${prefix}${process.pid}`);
  await writing(folder, () => mkdir(folder));
  const paths = new Set<string>();
  return {
    async write(path, content) {
      const file = join(folder, path);
      await writing(file, async () => {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content, { flush: path === indexFileName });
      });
      paths.add(path);
    },
    at: (path) => join(folder, path),
    async publish() {
      for (const path of [...paths].sort(byTurn)) {
        const file = join(out, path);
        await writing(file, async () => {
          await mkdir(dirname(file), { recursive: true });
          await rename(join(folder, path), file);
        });
      }
      await removeStale(out, paths);
    },
    discard: () => rm(folder, { recursive: true, force: true }),
  };
}

/** What others refer to comes before what refers to it. */
const turns: readonly RegExp[] = [
  /^packages\//,
  /^icons\//,
  /^assets\//,
  /^apps\//,
  /\.html$/,
  /^(search\.json|index\.yaml)$/,
  /\.sigstore\.json$/,
];

function byTurn(a: string, b: string): number {
  const turn = (path: string) => {
    const found = turns.findIndex((one) => one.test(path));
    return found < 0 ? turns.length : found;
  };
  return turn(a) - turn(b) || (a < b ? -1 : 1);
}

/** Pages and icons that no page leads to any more. Archives stay: somebody may have their address. */
async function removeStale(out: string, paths: ReadonlySet<string>): Promise<void> {
  const listed = await Promise.all(
    ['', 'icons', 'apps'].map(async (folder) =>
      (await readdir(join(out, folder)).catch(() => [])).map((name) =>
        folder === '' ? name : `${folder}/${name}`,
      ),
    ),
  );
  const ours =
    /^(index\.yaml|page-\d+\.html|icons\/[^/]+\.[0-9a-f]{12}\.(svg|png|jpg|webp)|apps\/[^/]+\.html)$/;
  const stale = listed.flat().filter((path) => ours.test(path) && !paths.has(path));
  await Promise.all(stale.map((path) => rm(join(out, path), { force: true })));
}

/** Of builds that were killed. */
async function removeLeftovers(out: string): Promise<void> {
  const names = (await writing(out, () => readdir(out))).filter((name) => name.startsWith(prefix));
  const dead = names.filter((name) => !isAlive(Number(name.slice(prefix.length))));
  await Promise.all(dead.map((name) => rm(join(out, name), { recursive: true, force: true })));
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return Number.isSafeInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** True for what a build leaves while it works. */
export function isStage(name: string): boolean {
  return name.startsWith(prefix);
}
