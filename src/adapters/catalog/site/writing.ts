import { AppstoreError } from '../../../domain/errors.ts';

/** Runs a file-system call and turns its failure into FILE_UNWRITABLE with the path. */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppstoreError('FILE_UNWRITABLE', `${path} cannot be written: ${why}`, { cause: error });
  }
}
