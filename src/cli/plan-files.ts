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

/** A plan file as text. */
export function planText(file: PlanFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}
