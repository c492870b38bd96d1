import type { Package, ResolvedPackage } from '../../domain/app.ts';
import { AppstoreError } from '../../domain/errors.ts';

/** Packages that a catalog has read whole to say exactly what they are: opening one asks for nothing again. */
export interface ReadPackages {
  keep(read: Package): ResolvedPackage;
  /** Throws INTERNAL for what was not kept here. */
  open(resolved: ResolvedPackage): Promise<Package>;
}

export function readPackages(): ReadPackages {
  const read = new Map<ResolvedPackage, Package>();
  return {
    keep(one) {
      read.set(one.resolved, one);
      return one.resolved;
    },
    async open(resolved) {
      const found = read.get(resolved);
      if (found !== undefined) return found;
      throw new AppstoreError('INTERNAL', `${resolved.source} was not resolved by this catalog`);
    },
  };
}
