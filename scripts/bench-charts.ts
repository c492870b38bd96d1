/**
 * `npm run bench:charts -- CHART... [--runs N]`: how long it takes to render charts: with the engine in both builds, by the built
 * command, and with `helm template` beside them, in turns.
 */
import { execFile } from 'node:child_process';
import { basename, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { readPackageFolder } from '../src/adapters/catalog/read-folder.ts';
import { chooseEngine } from '../src/adapters/render/helm/choose.ts';
import type { ChartAnswers, ChartEngine } from '../src/adapters/render/helm/engine.ts';
import type { PackageFile } from '../src/domain/app.ts';
import { defaultCache } from '../test/support/sandbox-parts.ts';
import { findHelm } from './bench/helm-program.ts';
import { median, ratioText } from './bench/statistics.ts';
import { wholeNumber } from './bench/whole-number.ts';
import { provideEngine } from './helm-engine/build.ts';
import { helmTemplate } from './parity/helm-template.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');

const { values, positionals } = parseArgs({
  options: { runs: { type: 'string', default: '5' } },
  allowPositionals: true,
});
const runs = wholeNumber('--runs', values.runs, 50);

const common = {
  cache: defaultCache(),
  environment: process.env,
  signal: new AbortController().signal,
  tell: (line: string) => console.error(line),
};

type Way = () => Promise<unknown>;

/** Milliseconds by way, medians of runs that are taken in turns. */
async function measure(ways: Readonly<Record<string, Way>>, runs: number): Promise<Map<string, number>> {
  const times = new Map<string, number[]>();
  for (let turn = 0; turn < runs; turn++) {
    for (const [name, way] of Object.entries(ways)) {
      const start = performance.now();
      await way();
      times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
    }
  }
  return new Map([...times].map(([name, each]) => [name, median(each)]));
}

const answers: ChartAnswers = { lookup: async () => ({}), checkValues: async () => {} };

function rendering(engine: ChartEngine, files: readonly PackageFile[]): Way {
  const release = { name: 'bench', namespace: 'default', revision: 1, isUpgrade: false };
  return () => engine.render({ files, values: {}, release, capabilities: {}, includeCrds: false }, answers);
}

async function main(): Promise<void> {
  const helm = await findHelm({ ...common, exact: true });
  const folder = await provideEngine(common);
  if (helm === undefined || folder === undefined) throw new Error('Helm and the engine are built with Go');
  const worker = join(root, 'dist', 'wasm-worker.js');
  const native = await chooseEngine({ folder, worker, build: 'native' });
  console.log(
    '| chart | Helm | engine, process | engine, WebAssembly | `appstore template` |\n|---|---|---|---|---|',
  );
  for (const chart of positionals.map((each) => resolve(each))) {
    const files = await readPackageFolder(chart, chart);
    const wasm = await chooseEngine({ folder, worker, build: 'wasm' });
    const found = await measure(
      {
        helm: () =>
          helmTemplate({ helm: helm.path, chart, release: 'bench', namespace: 'default', crds: false }),
        native: rendering(native, files),
        wasm: rendering(wasm, files),
        command: () =>
          run(process.execPath, [join(root, 'bin', 'appstore.js'), 'template', chart, 'bench', '-q'], {
            maxBuffer: 256 * 1024 * 1024,
          }),
      },
      runs,
    );
    const theirs = found.get('helm') ?? 0;
    const shown = ['native', 'wasm', 'command'].map((name) => {
      const ours = found.get(name) ?? 0;
      return `${ratioText(ours, theirs)} (${Math.round(ours)} ms)`;
    });
    console.log(`| ${basename(chart)} | ${Math.round(theirs)} ms | ${shown.join(' | ')} |`);
  }
}

await main();
