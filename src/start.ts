import { arch, homedir } from 'node:os';
import { join } from 'node:path';
import { codeCache, noCodeCache } from './start/code-cache.ts';
import { scriptLoader } from './start/load-scripts.ts';

/** Names the build: the build puts it in. */
declare const BUILD: string;

/** The exit code of a command line that nobody understood: it ran nothing that is worth keeping. */
const usage = 2;
/** Seconds after which a run was no matter of starting fast. */
const long = 60;

const [, , first = ''] = process.argv;
const command = /^[a-z][a-z-]{0,30}$/.test(first) ? first : 'other';
const folder = process.env.NODE_DISABLE_COMPILE_CACHE === undefined ? cacheFolder() : undefined;
const cache =
  folder === undefined ? noCodeCache : codeCache(folder, `${BUILD}-${process.version}-${arch()}`, command);

process.on('exit', (code) => {
  if (code !== usage && process.uptime() < long) cache.save();
});
// Nothing is left to be done then: without taking Node apart object by object it is gone some milliseconds earlier.
process.on('beforeExit', () => process.exit());
scriptLoader(__dirname, cache)('main.js');

/**
 * Where compiled code is kept: where the program keeps everything of that kind, or where `NODE_COMPILE_CACHE` has it. Undefined for a user
 * without a home, such as one that a container made up.
 */
function cacheFolder(): string | undefined {
  const { NODE_COMPILE_CACHE: asked, XDG_CACHE_HOME: caches, HOME: home } = process.env;
  if (asked) return join(asked, 'appstore');
  try {
    return join(caches || join(home || homedir(), '.cache'), 'appstore', 'code');
  } catch {
    return undefined;
  }
}
