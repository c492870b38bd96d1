import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode, isMissing } from './files.ts';
import type { SandboxLayout } from './layout.ts';

/**
 * Where the controller manager's host-path provisioner makes its folders; fixed in its source
 * (kubernetes pkg/volume/hostpath/host_path.go, `Provision`), one for all clusters of a machine.
 */
const VOLUME_FOLDER = /\/tmp\/hostpath_pv\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const VOLUMES = '/tmp/hostpath_pv';

/** Removes everything that a stopped sandbox leaves: its volume folders and its own folder. */
export async function cleanSandbox(layout: SandboxLayout): Promise<void> {
  for (const folder of await volumeFolders(layout.etcdData)) await removeEmpty(folder);
  await removeEmpty(VOLUMES);
  await rm(layout.folder, { recursive: true, force: true, maxRetries: 3 });
  await removeEmpty(dirname(layout.folder));
}

/**
 * The volume folders that this sandbox made, read from the raw files of its etcd: that works as well when all programs are
 * dead. A folder is only removed when empty, which it is as long as no container runs; so a name that came here in some
 * other way costs nobody his data.
 */
async function volumeFolders(etcdData: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const file of await filesBelow(etcdData)) {
    const text = await readFile(file, 'latin1');
    for (const [path] of text.matchAll(VOLUME_FOLDER)) found.add(path);
  }
  return found;
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Removes a folder unless it holds something or belongs to somebody else. */
async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    const kept = ['ENOTEMPTY', 'EEXIST', 'EACCES', 'EPERM', 'EBUSY'].some((code) => hasCode(error, code));
    if (!kept && !isMissing(error)) throw error;
  }
}
