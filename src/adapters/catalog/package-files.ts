import { AppstoreError } from '../../domain/errors.ts';

/** Bounds of a package, each with the reason for its size. Folders and archives keep to the same. */
const PACKAGE_LIMITS = {
  /** The largest charts that people publish have some hundred files. */
  files: 2_000,
  /** Bytes of one file: an operator's largest single CRD file has about 1.5 MB. */
  fileBytes: 5 * 1024 * 1024,
  /** Bytes of all files: they are stored in the cluster with the revision, compressed, in Secrets of under 1 MiB. */
  totalBytes: 20 * 1024 * 1024,
  /** Folders inside folders: more is a mistake or a trap. */
  depth: 12,
  /** Bytes of a path: what a tar header holds without extensions. */
  pathBytes: 255,
} as const;

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
export function checkPath(path: string, source: string): void {
  const refuse = (why: string): never => {
    const shown = JSON.stringify(path);
    throw new AppstoreError('PACKAGE_INVALID', `${source}: the file name ${shown} ${why}.`, {
      hint: 'Rename the file.',
    });
  };
  if (/[\u0000-\u001f\u007f-\u009f\\\u202a-\u202e\u2066-\u2069]/.test(path)) {
    refuse('holds a backslash or a control character');
  }
  if (Buffer.byteLength(path) > PACKAGE_LIMITS.pathBytes)
    refuse(`is longer than ${PACKAGE_LIMITS.pathBytes} bytes`);
  if (path.split('/').length > PACKAGE_LIMITS.depth)
    refuse(`lies deeper than ${PACKAGE_LIMITS.depth} folders`);
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
export function checkSize(total: { readonly files: number; readonly bytes: number }, source: string): void {
  if (total.files > PACKAGE_LIMITS.files) {
    throw new AppstoreError('PACKAGE_INVALID', `${source}: more than ${PACKAGE_LIMITS.files} files.`, {
      hint: 'Is this the folder of one app? A package holds app.yaml and what belongs to it, nothing else.',
    });
  }
  if (total.bytes > PACKAGE_LIMITS.totalBytes) {
    throw new AppstoreError('PACKAGE_INVALID', `${source}: more than ${PACKAGE_LIMITS.totalBytes} bytes.`, {
      hint: 'Take out what the app does not need to be installed.',
    });
  }
}

/**
 * Refuses one file that is too large, before it is read.
 *
 * @throws AppstoreError PACKAGE_INVALID
 */
export function checkFileSize(path: string, bytes: number, source: string): void {
  if (bytes <= PACKAGE_LIMITS.fileBytes) return;
  throw new AppstoreError(
    'PACKAGE_INVALID',
    `${source}: \`${path}\` has ${bytes} bytes; at most ${PACKAGE_LIMITS.fileBytes} are allowed.`,
    { hint: 'Take the file out of the package, or split it.' },
  );
}
