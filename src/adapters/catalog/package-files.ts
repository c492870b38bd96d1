import { AppstoreError } from '../../domain/errors.ts';

/** Bounds of a package. Folders and archives keep to the same. */
export interface PackageLimits {
  readonly files: number;
  /** Bytes of one file: an operator's largest single CRD file has about 1.5 MB. */
  readonly fileBytes: number;
  /** Bytes of all files: they are stored in the cluster with the revision, compressed, in Secrets of under 1 MiB. */
  readonly totalBytes: number;
  /** Folders inside folders: more is a mistake or a trap. */
  readonly depth: number;
  /** Bytes of a path: what a tar header holds without extensions. */
  readonly pathBytes: number;
  /** What the package is, for a hint. */
  readonly holds: string;
}

/** Bounds by format, each with the reason for its size. */
export const packageLimits = {
  app: {
    files: 2_000,
    fileBytes: 5 * 1024 * 1024,
    totalBytes: 20 * 1024 * 1024,
    depth: 12,
    pathBytes: 255,
    holds: 'app.yaml and what belongs to it',
  },
  chart: {
    // Umbrella charts carry their subcharts unpacked, each with subcharts of its own: a few thousand files, three levels deep
    // with four folders a level.
    files: 10_000,
    fileBytes: 5 * 1024 * 1024,
    totalBytes: 20 * 1024 * 1024,
    depth: 24,
    pathBytes: 512,
    holds: 'a chart and its subcharts',
  },
} as const satisfies Record<string, PackageLimits>;

/** Bytes of an archive as it is packed. What is in it is bounded by what it may unpack to; text packs to a fifth. */
export const longestArchive = 20 * 1024 * 1024;

/** Files that are in a folder but not in the package: what editors and file managers leave behind. */
const LEFTOVERS: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  { pattern: /^\./, reason: 'hidden: .git, .DS_Store, swap files of vim, lock files of emacs' },
  { pattern: /~$/, reason: 'backup copies of emacs, vim, gedit and kate' },
  { pattern: /^#.*#$/, reason: 'auto-save files of emacs' },
  { pattern: /\.(swp|swo|orig|rej|bak|tmp)$/i, reason: 'swap files, and what merges and patches leave' },
  { pattern: /^(thumbs\.db|desktop\.ini|__macosx)$/i, reason: 'made by file managers of Windows and macOS' },
];

/** True for a file or folder name that is no part of a package. */
export function isLeftover(name: string): boolean {
  return LEFTOVERS.some(({ pattern }) => pattern.test(name));
}

/**
 * Refuses paths that cannot stand in a package: control characters and backslashes (they mean something else on another
 * system), paths that are too long or too deep.
 *
 * @throws AppstoreError PACKAGE_INVALID
 */
export function checkPath(path: string, source: string, limits: PackageLimits): void {
  const refuse = (why: string): never => {
    const shown = JSON.stringify(path);
    throw new AppstoreError('PACKAGE_INVALID', `${source}: the file name ${shown} ${why}.`, {
      hint: 'Rename the file.',
    });
  };
  if (/[\u0000-\u001f\u007f-\u009f\\\u202a-\u202e\u2066-\u2069]/.test(path)) {
    refuse('holds a backslash or a control character');
  }
  if (Buffer.byteLength(path) > limits.pathBytes) refuse(`is longer than ${limits.pathBytes} bytes`);
  if (path.split('/').length > limits.depth) refuse(`lies deeper than ${limits.depth} folders`);
}

/**
 * Refuses two files whose names differ only by case or by the way accents are encoded: on other file systems one would take
 * the place of the other.
 *
 * @throws AppstoreError PACKAGE_INVALID
 */
export function checkDistinct(paths: readonly string[], source: string): void {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const key = path.normalize('NFC').toLowerCase();
    const other = seen.get(key);
    if (other !== undefined) {
      throw new AppstoreError(
        'PACKAGE_INVALID',
        `${source}: \`${other}\` and \`${path}\` differ only by case.`,
        {
          hint: 'Rename one of them: on many file systems they are the same file.',
        },
      );
    }
    seen.set(key, path);
  }
}

/**
 * Refuses packages over the limits.
 *
 * @throws AppstoreError PACKAGE_INVALID
 */
export function checkSize(
  total: { readonly files: number; readonly bytes: number },
  source: string,
  limits: PackageLimits,
): void {
  if (total.files > limits.files) {
    throw new AppstoreError('PACKAGE_INVALID', `${source}: more than ${limits.files} files.`, {
      hint: `Is this the folder of one app? A package holds ${limits.holds}, nothing else.`,
    });
  }
  if (total.bytes > limits.totalBytes) {
    throw new AppstoreError('PACKAGE_INVALID', `${source}: more than ${limits.totalBytes} bytes.`, {
      hint: 'Take out what the app does not need to be installed.',
    });
  }
}

/**
 * Refuses one file that is too large, before it is read.
 *
 * @throws AppstoreError PACKAGE_INVALID
 */
export function checkFileSize(path: string, bytes: number, source: string, limits: PackageLimits): void {
  if (bytes <= limits.fileBytes) return;
  throw new AppstoreError(
    'PACKAGE_INVALID',
    `${source}: \`${path}\` has ${bytes} bytes; at most ${limits.fileBytes} are allowed.`,
    { hint: 'Take the file out of the package, or split it.' },
  );
}
