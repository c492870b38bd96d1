import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import type { CodeCache } from './code-cache.ts';

/** What Node gives a CommonJS file, and what `require` of our own files needs of it. */
interface Module {
  readonly exports: unknown;
}

const before = '(function (exports, require, module, __filename, __dirname) {';

/**
 * A `require` for the files of one folder, which know one another as `./name`: as Node's own, but for the code of functions that ran
 * in earlier runs, which need not be compiled again. Everything else is Node's to find.
 */
export function scriptLoader(folder: string, cache: CodeCache): (name: string) => unknown {
  const nodes = createRequire(join(folder, 'start.js'));
  const modules = new Map<string, Module>();
  const load = (name: string): unknown => {
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const filename = join(folder, name);
    const { size, mtimeMs } = statSync(filename);
    const stamp = `${size} ${mtimeMs}`;
    const cachedData = cache.read(name, stamp);
    // The build writes nothing but ASCII, which is read fastest so.
    const source = readFileSync(filename, 'latin1');
    const script = new Script(`${before}${source}\n})`, {
      filename,
      columnOffset: -before.length,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    cache.loaded(name, stamp, script);
    const module: Module = { exports: {} };
    modules.set(name, module);
    script.runInThisContext()(module.exports, required, module, filename, folder);
    return module.exports;
  };
  const required = (name: string): unknown => (name.startsWith('./') ? load(name.slice(2)) : nodes(name));
  return load;
}
