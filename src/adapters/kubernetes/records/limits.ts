const MiB = 1024 * 1024;

/**
 * Largest that a record may be when it is read: whoever may edit the namespace may have edited it, and a small archive can
 * hold very much. Each limit is far above what an app may render (domain `renderLimits`) or a package may hold, so that
 * nothing which was written in good order is ever refused.
 */
export const recordLimits = {
  /** Bytes of an inventory, unpacked: 10,000 entries take 1 MiB. */
  inventory: 64 * MiB,
  /** Entries of an inventory. */
  entries: 100_000,
  /** Bytes of the operation under way with its journal, unpacked. */
  pending: 32 * MiB,
  /** Bytes of what a revision was made from (the user's values above all), unpacked. */
  head: 64 * MiB,
  /** Bytes of a package or of rendered objects, unpacked. */
  blob: 256 * MiB,
  /** Secrets of one blob: 460 MiB packed. */
  parts: 512,
  /** Secrets that all revisions of an installation refer to. */
  references: 20_000,
  /** Highest number of a revision. */
  revision: 999_999_999,
} as const;
