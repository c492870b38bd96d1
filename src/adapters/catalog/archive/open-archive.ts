import type { Package } from '../../../domain/app.ts';
import { digestOf, type Origin, packageOf } from '../opened.ts';
import { unpackPackage } from './unpack.ts';

/** Reads the archive of a package. Throws as `unpackPackage` does, and YAML_INVALID and PACKAGE_INVALID for its metadata. */
export async function openArchive(archive: Uint8Array, origin: Origin): Promise<Package> {
  const files = await unpackPackage(archive, origin.source);
  const { resolved } = packageOf(files, origin);
  return { files, resolved: { ...resolved, archiveDigest: digestOf(archive) } };
}
