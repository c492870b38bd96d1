import type { TreeEntry } from './tree.ts';

/** How the objects of a repository are had: by the program `git`, or without it. Its methods throw AppstoreError. */
export interface GitObjects {
  /** The commit that the reference means now. */
  commitOf(): Promise<string>;
  /** What lies in the folder that was asked for. */
  list(commit: string): Promise<readonly TreeEntry[]>;
  /** Contents by the names of objects, in pieces that fit into memory. */
  read(commit: string, objects: readonly string[]): AsyncIterable<ReadonlyMap<string, Buffer>>;
}
