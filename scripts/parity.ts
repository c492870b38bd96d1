/**
 * `npm run parity -- DIR... [--wasm]`: renders every chart below the folders with a real `helm template` and with the engine, and
 * tells where they differ. The charts are read where they lie. Exit code 1 where a chart that Helm renders comes
 * out otherwise.
 */
import { join, resolve } from 'node:path';
import { chooseEngine } from '../src/adapters/render/helm/choose.ts';
import type { ChartEngine } from '../src/adapters/render/helm/engine.ts';
import { defaultCache } from '../test/support/sandbox-parts.ts';
import { findHelm } from './bench/helm-program.ts';
import { provideEngine } from './helm-engine/build.ts';
import { chartsIn, nameOf } from './parity/charts.ts';
import { type Comparison, compareChart } from './parity/compare.ts';

const common = {
  cache: defaultCache(),
  environment: process.env,
  signal: new AbortController().signal,
  tell: (line: string) => console.error(line),
};

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const roots = args.filter((arg) => !arg.startsWith('--')).map((arg) => resolve(arg));
  if (roots.length === 0) throw new Error('npm run parity -- DIR... [--wasm]: name folders that hold charts');
  const helm = await findHelm({ ...common, exact: true });
  const folder = await provideEngine(common);
  if (helm === undefined || folder === undefined)
    throw new Error('Helm and the engine are built with Go, which is not on PATH');
  const worker = join(import.meta.dirname, '../src/adapters/render/helm/wasm-worker.ts');
  const engine = await chooseEngine({ folder, worker, build: args.includes('--wasm') ? 'wasm' : 'native' });
  const totals = new Map<string, number>();
  for (const root of roots) await compareAll(helm.path, engine, root, totals);
  console.log(
    `\nHelm ${helm.version}, engine ${engine.build}: ${[...totals].map(([what, count]) => `${count} ${what}`).join(', ')}`,
  );
  if (['differs', 'only Helm renders'].some((bad) => totals.has(bad))) process.exitCode = 1;
}

async function compareAll(
  helm: string,
  engine: ChartEngine,
  root: string,
  totals: Map<string, number>,
): Promise<void> {
  for (const chart of await chartsIn(root)) {
    const comparison = await compareChart(helm, engine, { folder: chart });
    totals.set(comparison.outcome, (totals.get(comparison.outcome) ?? 0) + 1);
    tell(nameOf(root, chart), comparison);
  }
}

function tell(name: string, { outcome, detail, documents, random }: Comparison): void {
  const but = random === 0 ? '' : `, ${random} differ between two runs of Helm itself`;
  const what = outcome === 'equal' ? `equal (${documents} documents${but})` : outcome;
  console.log(`${name}: ${what}`);
  if (outcome !== 'equal') console.log(detail.replace(/^/gm, '    ').slice(0, 1_500));
}

await main();
