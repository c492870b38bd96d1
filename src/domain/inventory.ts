import type { ObjectRef } from './objects.ts';

/** One object that an installation owns or is about to write. */
export interface InventoryEntry extends ObjectRef {
  /** UID seen after the last apply; `''` while it was not written yet. */
  readonly uid: string;
  /**
   * Digest of our own `Apply` entry in managedFields after the last apply; `''` while not written. A live entry with another
   * digest is drift: a field that someone else changed is by definition no longer ours.
   */
  readonly fields: string;
  /**
   * Keyed digest (`RevisionHead.digestKey`) of the object as we last applied it; `''` while not written. Equal to that of the desired object, with `fields` and
   * `uid` equal to the live ones, means: unchanged, nothing to ask the server.
   */
  readonly applied: string;
  /** Set for objects that are kept on remove, and why (`helm.sh/resource-policy`, `appstore.dev/keep`). */
  readonly keep?: string;
  /** True for what is no part of the app any more and stays all the same, for the reason in `keep`. */
  readonly left?: true;
  /** True for a Secret that the data in the app's volumes asks for: it stays where they do. */
  readonly opens?: true;
  /** True for what a hook made: it is no part of the app's health or drift, and goes with the app. */
  readonly hook?: true;
}
