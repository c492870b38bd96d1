import { join } from 'node:path';
import { provideEngine } from '../../scripts/helm-engine/build.ts';
import { chooseEngine, type EngineOptions } from '../../src/adapters/render/helm/choose.ts';
import type { ChartAnswers, ChartEngine, ChartRequest } from '../../src/adapters/render/helm/engine.ts';
import type { PackageFile } from '../../src/domain/app.ts';
import { packageFiles } from './app-files.ts';
import { defaultCache } from './sandbox-parts.ts';

const worker = join(import.meta.dirname, '../../src/adapters/render/helm/wasm-worker.ts');

/** Folder of the engine, built where its sources changed. Throws where there is no Go: charts cannot be tested without. */
async function engineFolder(cache: string): Promise<string> {
  const folder = await provideEngine({
    cache,
    environment: process.env,
    signal: new AbortController().signal,
    tell: (line) => console.error(line),
  });
  if (folder === undefined)
    throw new Error('the engine for Helm charts is built with Go, which is not on PATH');
  return folder;
}

/** Where the engine is. `cache` is the user's own unless told: tests on a cluster have another home. */
export async function engineOptions(cache: string = defaultCache()): Promise<EngineOptions> {
  return { folder: await engineFolder(cache), worker };
}

/** Both builds of the engine, run from source. */
export async function bothEngines(): Promise<readonly [ChartEngine, ChartEngine]> {
  const options = await engineOptions();
  return [
    await chooseEngine({ ...options, build: 'native' }),
    await chooseEngine({ ...options, build: 'wasm' }),
  ];
}

/** Answers nothing: there is no cluster, and every value fits. */
export const nothingAnswered: ChartAnswers = {
  lookup: async () => ({}),
  checkValues: async () => {},
};

/** A chart of apiVersion v2 called `web`, with these files and no others. */
export function chartFiles(files: Readonly<Record<string, string>>): PackageFile[] {
  return packageFiles({
    'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: "9"\n',
    ...files,
  });
}

/** A first install of `shop` in the namespace `prod`. */
export function chartRequest(
  files: readonly PackageFile[],
  more: Partial<Omit<ChartRequest, 'files'>> = {},
): ChartRequest {
  return {
    files,
    values: {},
    release: { name: 'shop', namespace: 'prod', revision: 1, isUpgrade: false },
    capabilities: {},
    includeCrds: true,
    ...more,
  };
}
