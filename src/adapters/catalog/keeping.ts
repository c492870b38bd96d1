import { AppstoreError } from '../../domain/errors.ts';

/**
 * Does work that keeps files in a folder of ours, and turns what the file system or SQLite refuses on the way into FILE_UNWRITABLE with
 * the path.
 *
 * @param folder named where the refusal names no path (a full disk)
 * @param says what decides where the folder lies
 */
export async function keeping<T>(folder: string, says: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    const { path = folder, why } = refusal;
    throw new AppstoreError('FILE_UNWRITABLE', `${path} cannot be written: ${why}.`, {
      hint: `Check the path, its permissions and the room on the disk; ${says} says where it lies.`,
      cause: error,
    });
  }
}

/** What the common errno codes mean to a person who has something written. */
const reasons: Readonly<Record<string, string>> = {
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a file is in the place of the folder',
  EISDIR: 'a folder is in its place',
  EACCES: 'that is not permitted',
  EPERM: 'that is not permitted',
  EROFS: 'the disk is read-only',
  ENOSPC: 'there is no room on the disk',
  EDQUOT: 'there is no room on the disk for this user',
};

/** Undefined for what is no refusal of a file system: bugs, and errors that say what they mean. */
function refusalOf(error: unknown): { readonly path?: string; readonly why: string } | undefined {
  if (!(error instanceof Error) || error instanceof AppstoreError || !('code' in error)) return undefined;
  const { code } = error;
  if (code === 'ERR_SQLITE_ERROR') return { why: error.message };
  const path = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  const reason = reasons[String(code)];
  if (path === undefined && reason === undefined) return undefined;
  return { ...(path === undefined ? {} : { path }), why: reason ?? error.message };
}
