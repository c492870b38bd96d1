import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { AppstoreError } from '../../../domain/errors.ts';
import type { ChartEngine } from './engine.ts';
import { type RequestLimits, usualLimits } from './limits.ts';
import { nativeEngine } from './native.ts';

export interface EngineOptions {
  /** Where the build puts the engine: `dist/helm`. */
  readonly folder: string;
  /** The helper of this platform as a package of its own brings it, looked up when a chart is first met. */
  readonly helper?: () => string | undefined;
  /** File of the Worker: the built one, or its source. */
  readonly worker: string;
  /** Only this one; else the helper of this platform, and WebAssembly where there is none. */
  readonly build?: 'native' | 'wasm';
  /** The other way round: for charts that nobody at this machine chose. */
  readonly isolated?: boolean;
  readonly limits?: RequestLimits;
}

/** Names of the two builds in their folder. */
export const engineFiles = {
  native: `engine-${process.platform}-${process.arch}${process.platform === 'win32' ? '.exe' : ''}`,
  wasm: 'engine.wasm',
} as const;

/** The engine that is there. Throws HELM_ENGINE_MISSING. */
export async function chooseEngine(options: EngineOptions): Promise<ChartEngine> {
  const builds = options.isolated === true ? [wasm, native] : [native, wasm];
  for (const build of builds) {
    const engine = await build(options, options.limits ?? usualLimits);
    if (engine !== undefined) return engine;
  }
  throw new AppstoreError('HELM_ENGINE_MISSING', `${options.folder} has no engine for Helm charts`);
}

async function native(options: EngineOptions, limits: RequestLimits): Promise<ChartEngine | undefined> {
  if (options.build === 'wasm') return undefined;
  for (const program of [join(options.folder, engineFiles.native), options.helper?.()])
    if (program !== undefined && (await isThere(program, constants.X_OK)))
      return nativeEngine({ program, limits });
  return undefined;
}

async function wasm(options: EngineOptions, limits: RequestLimits): Promise<ChartEngine | undefined> {
  const module = join(options.folder, engineFiles.wasm);
  if (options.build === 'native' || !(await isThere(module, constants.R_OK))) return undefined;
  const { wasmEngine } = await import('./wasm.ts');
  return wasmEngine({ module, worker: options.worker, limits });
}

async function isThere(file: string, mode: number): Promise<boolean> {
  return access(file, mode).then(
    () => true,
    () => false,
  );
}
