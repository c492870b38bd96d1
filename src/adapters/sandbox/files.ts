import { readFile, rename, writeFile } from 'node:fs/promises';

/** Writes a file in one step: a reader sees the old content or the new one, never a part. Only the user may read it. */
export async function writeAtomically(file: string, content: string): Promise<void> {
  const fresh = `${file}.${process.pid}.new`;
  await writeFile(fresh, content, { mode: 0o600 });
  await rename(fresh, file);
}

/** Reads JSON that this adapter wrote; undefined where there is no such file or it is damaged. */
export async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return undefined;
    throw error;
  }
}

/** True for the error of a file or folder that is not there. */
export const isMissing = (error: unknown): boolean => hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR');

/** True for a system error of that code. */
export const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
