import { randomBytes } from 'node:crypto';
import { chmod, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AppstoreError } from '../domain/errors.ts';
import { type PlanFile, parsePlanFile, planLimits } from '../domain/plan-file.ts';
import { type UnpackedPlan, unpackPlan } from '../services/prepare-saved.ts';
import type { Io } from './io.ts';

/** A plan file, read and unpacked. */
export interface OpenedPlan extends UnpackedPlan {
  readonly file: PlanFile;
}

/** Reads a plan file. Throws FILE_UNREADABLE, PLAN_INVALID. */
export async function readPlanFile(io: Io, path: string): Promise<OpenedPlan> {
  const file = parsePlanFile(await readSmall(io, path), path);
  return { ...(await unpackPlan(file)), file };
}

/** The text of a file on this machine that is not larger than a plan may be. Throws FILE_UNREADABLE. */
export async function readSmall(io: Io, path: string): Promise<string> {
  try {
    const full = resolve(io.cwd, path);
    const { size } = await stat(full);
    if (size > planLimits.file)
      throw new AppstoreError('PLAN_INVALID', `${path}: it is larger than any plan`);
    return await readFile(full, 'utf8');
  } catch (error) {
    if (error instanceof AppstoreError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? 'there is no such file' : 'it cannot be read';
    throw new AppstoreError('FILE_UNREADABLE', `${path}: ${why}`, { place: { file: path }, cause: error });
  }
}

/** Writes a file as a whole or not at all, readable by its owner alone. Throws FILE_UNREADABLE. */
export async function writeWhole(io: Io, path: string, text: string): Promise<void> {
  const full = resolve(io.cwd, path);
  const beside = join(dirname(full), `.${basename(full)}.${randomBytes(6).toString('hex')}`);
  try {
    const handle = await open(beside, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(beside, 0o600);
    await rename(beside, full);
  } catch (error) {
    await rm(beside, { force: true });
    throw new AppstoreError('FILE_UNREADABLE', `${path}: it cannot be written`, {
      place: { file: path },
      cause: error,
    });
  }
}

/** A file that is made, and never written over. */
interface NewFile {
  readonly path: string;
  readonly text: string;
  /** As far as the umask lets it. */
  readonly mode: number;
}

/**
 * Makes all of these files or none: where one of them is there already, nothing is written and the others that were made go
 * again. Throws FILE_UNWRITABLE.
 */
export async function writeNew(io: Io, files: readonly NewFile[]): Promise<void> {
  const made: string[] = [];
  for (const { path, text, mode } of files) {
    const full = resolve(io.cwd, path);
    try {
      const handle = await open(full, 'wx', mode);
      made.push(full);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      await Promise.all(made.map((one) => rm(one, { force: true })));
      throw notMade(path, error);
    }
  }
}

function notMade(path: string, cause: unknown): AppstoreError {
  const place = { file: path };
  if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
    return new AppstoreError('FILE_UNWRITABLE', `${path}: it cannot be written`, { place, cause });
  return new AppstoreError('FILE_UNWRITABLE', `${path}: it is there already, and is not written over`, {
    place,
    hint: 'Name another file; a key that is not needed any more has to be taken away first, by hand.',
    cause,
  });
}

/** A plan file as text. */
export function planText(file: PlanFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}
