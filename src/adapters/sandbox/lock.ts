import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, readJson, writeAtomically } from './files.ts';
import { identify } from './processes.ts';

/** SQLITE_BUSY (https://sqlite.org/rescode.html#busy): somebody else holds the lock. */
const BUSY = 5;

export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called at once and then about once a second while another process holds it; `holder` is its process id, where known. */
  onWait(holder: number | undefined, seconds: number): void;
}

/**
 * Does the work while no other process, nor another call in this one, does it under the same name in the folder.
 *
 * The lock is SQLite's exclusive lock of a file without content: the operating system takes it back when its holder dies,
 * however it dies, so there is no stale lock to judge, and with that no race between two that judge it. Node has no other
 * lock of that kind on all systems. The file stays: removing it would part those who wait from those who come.
 */
export async function withLock<T>(
  folder: string,
  name: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(folder, `${name}.lock`));
  const holder = join(folder, `${name}.holder`);
  try {
    await acquire(database, holder, options);
    await writeAtomically(holder, JSON.stringify(await identify(process.pid)));
    return await work();
  } finally {
    database.close();
  }
}

async function acquire(database: DatabaseSync, holder: string, options: LockOptions): Promise<void> {
  const began = performance.now();
  let told = -1;
  while (!tryLock(database)) {
    options.signal.throwIfAborted();
    const seconds = Math.floor((performance.now() - began) / 1000);
    if (seconds > told) {
      told = seconds;
      options.onWait((await readJson<{ pid: number }>(holder))?.pid, seconds);
    }
    await sleep(50, undefined, { signal: options.signal });
  }
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === BUSY) return false;
    if (hasCode(error, 'ERR_SQLITE_ERROR') && /locked/.test(String(error))) return false;
    throw error;
  }
}
