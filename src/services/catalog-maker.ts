import type { Problem } from '../domain/errors.ts';

/** A version of an app. */
export interface NamedVersion {
  readonly name: string;
  readonly version: string;
}

/** What came of making a catalog. */
export interface MadeCatalog {
  /** Where it is now: a folder, or an `oci://` address. */
  readonly location: string;
  readonly apps: number;
  readonly versions: number;
  /** Versions that were not there before. */
  readonly added: readonly NamedVersion[];
  /** What is in it all the same, but not as its author meant it. */
  readonly problems: readonly Problem[];
}

/** Makes catalogs that others add. */
export interface CatalogMaker {
  /**
   * Makes a site of the apps in a folder. What was published there stays.
   *
   * @throws AppstoreError CATALOG_INVALID, VERSION_PUBLISHED, PACKAGE_INVALID, FILE_UNREADABLE, FILE_UNWRITABLE
   */
  build(
    request: { readonly folder: string; readonly out: string },
    signal: AbortSignal,
  ): Promise<MadeCatalog>;
}
