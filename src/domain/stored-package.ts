import type { Package, StoredPackage } from './app.ts';

/** A package with its files, wherever they are. Throws as `StoredPackage.read`. */
export async function withFiles(found: Package | StoredPackage): Promise<Package> {
  return 'read' in found ? found.read() : found;
}
