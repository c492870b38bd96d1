import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { LOCAL_CATALOG } from '../../../domain/catalog-names.ts';
import type { PackageFolders } from '../../../services/lint.ts';
import { packageOf } from '../opened.ts';
import { readPackageFolder } from '../read-folder.ts';
import { isPackage, packageFolders } from './source.ts';
import { writing } from './writing.ts';

/**
 * Folders on this machine. They keep the names that they were given, so that messages can be clicked on.
 *
 * @param cwd what relative ones start from
 */
export function localFolders(cwd: string): PackageFolders {
  return {
    async list(given) {
      const folder = resolve(cwd, given);
      // `.` has no name of its own
      if (await isPackage(folder))
        return [/(^|[\\/])\.{0,2}[\\/]*$/.test(given) ? folder : given.replace(/[\\/]+$/, '')];
      return (await packageFolders(folder)).map((path) => join(given, path.slice(folder.length + 1)));
    },
    async open(given, signal) {
      const files = await readPackageFolder(resolve(cwd, given), given, signal);
      return packageOf(files, { catalog: LOCAL_CATALOG, source: given });
    },
    async create(given, files, secret = []) {
      const folder = resolve(cwd, given);
      await writing(given, async () => {
        await mkdir(folder, { recursive: true });
        if ((await readdir(folder)).length > 0) throw new Error('it is there already, and not empty');
        for (const [path, content] of Object.entries(files)) {
          const file = join(folder, path);
          if (!file.startsWith(folder + sep)) throw new Error(`${path} leads out of it`);
          await mkdir(dirname(file), { recursive: true });
          // `wx`: what somebody puts there meanwhile stays theirs
          await writeFile(file, content, { flag: 'wx', ...(secret.includes(path) ? { mode: 0o600 } : {}) });
        }
      });
    },
  };
}
