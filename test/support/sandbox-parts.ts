import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where the sandbox adapter finds its parts when run from source. */
const adapter = resolve(import.meta.dirname, '../../src/adapters/sandbox');

export const sandboxAssets = join(adapter, 'programs');

export const supervisorEntry = join(adapter, 'supervise.ts');

/** The user's own cache: the programs are built once for him and for the tests. */
export function defaultCache(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'appstore');
}
