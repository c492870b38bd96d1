import { isAbsolute, relative, sep } from 'node:path';
import { AppstoreError } from '../../domain/errors.ts';

/**
 * Runs a file-system call and turns its failure into FILE_UNREADABLE with the path.
 *
 * @throws AppstoreError FILE_UNREADABLE
 */
export async function reading<T>(path: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The same for a synchronous call.
 *
 * @throws AppstoreError FILE_UNREADABLE
 */
export function readingSync<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): AppstoreError {
  const code = (error as NodeJS.ErrnoException).code;
  return new AppstoreError('FILE_UNREADABLE', `${path}: ${reasonOf(code, error)}.`, { cause: error });
}

/** True where a path, all links resolved, is not inside a folder (links resolved as well). */
export function leadsOut(folder: string, real: string): boolean {
  const inside = relative(folder, real);
  return inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
}

/** What the common errno codes mean to a person. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'it is not a folder',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'reading it is not permitted',
  EPERM: 'reading it is not permitted',
  ELOOP: 'its links lead round in a circle',
};

function reasonOf(code: string | undefined, error: unknown): string {
  return REASONS[code ?? ''] ?? (error instanceof Error ? error.message : String(error));
}
