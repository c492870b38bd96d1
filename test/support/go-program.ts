import { execFile } from 'node:child_process';
import { mkdir, rename } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isExecutable } from '../../src/adapters/sandbox/find-programs.ts';
import { withLock } from '../../src/adapters/sandbox/lock.ts';

/** Programs are built once for the user: tests of commands have a home of their own, where everything would be built anew. */
const home = userInfo().homedir;
export const userCache = join(home, '.cache', 'appstore');
export const userEnvironment = { ...process.env, HOME: home, XDG_CACHE_HOME: join(home, '.cache') };

export interface GoProgram {
  readonly name: string;
  /** As the go.mod has it. */
  readonly version: string;
  readonly goPackage: string;
  /** Folder with the go.mod. */
  readonly module: string;
}

/** Path of a program that is built with Go, once. Fails where Go is not on PATH. */
export async function goProgram({ name, version, goPackage, module }: GoProgram): Promise<string> {
  const folder = join(userCache, 'test');
  const path = join(folder, `${name}-${version}`);
  await mkdir(folder, { recursive: true });
  const signal = new AbortController().signal;
  await withLock(folder, name, { signal, onWait: () => {} }, async () => {
    if (await isExecutable(path)) return;
    const part = `${path}.part`;
    const args = ['build', '-mod=readonly', '-trimpath', '-o', part, goPackage];
    const env = { ...userEnvironment, CGO_ENABLED: '0', GOWORK: 'off' };
    await promisify(execFile)('go', args, { cwd: module, env }).catch((cause: unknown) => {
      throw new Error(`${name} is built with Go, and that failed or is not on PATH: ${cause}`, { cause });
    });
    await rename(part, path);
  });
  return path;
}
