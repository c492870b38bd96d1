/**
 * `npm run bench:lives`: how long the charts of the suite take from install to removal, by us and by Helm 4, in a sandbox of its own.
 * `--runs 3`; `--leave`: removals do not wait; `--round-trip 10`: milliseconds to the server and back, as over a network.
 * docs/performance.md tells more.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from '../src/adapters/kubernetes/connect.ts';
import type { Cluster } from '../src/services/ports.ts';
import { type ChartCase, chartCases, type Step } from '../test/support/charts/cases.ts';
import { defaultCache } from '../test/support/sandbox-parts.ts';
import { findHelm } from './bench/helm-program.ts';
import { inSandbox } from './bench/in-sandbox.ts';
import { measure } from './bench/measure.ts';
import { median, ratioText } from './bench/statistics.ts';
import { wholeNumber } from './bench/whole-number.ts';
import { addEngine, bundle } from './build.ts';

const root = join(import.meta.dirname, '..');
const steps: readonly Step[] = ['install', 'upgrade', 'rollback', 'remove'];
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    leave: { type: 'boolean', default: false },
    'round-trip': { type: 'string', default: '0' },
  },
});
const runs = wholeNumber('--runs', values.runs, 20);
const roundTrip = wholeNumber('--round-trip', values['round-trip'], 1000, 0);
const { signal } = new AbortController();

type Life = Readonly<Record<Step, readonly string[]>>;

interface Paths {
  readonly chart: string;
  readonly values: string;
  readonly changed: string;
}

/**
 * Neither waits until everything is ready; both wait for hooks, and until what was removed is gone: we with its pods, Helm without (with
 * `--cascade foreground` its waiting ends with an error). With `--leave` neither waits for that.
 */
function ourLife(
  name: string,
  namespace: string,
  { chart, values: given, changed }: Paths,
  wide: readonly string[],
): Life {
  const where = ['-n', namespace, '--yes'];
  return {
    install: ['install', chart, name, ...where, '--no-wait', '--values', given],
    upgrade: ['upgrade', name, chart, ...where, '--no-wait', '--values', changed],
    rollback: ['rollback', name, '1', ...where, '--no-wait', ...wide],
    remove: ['remove', name, ...where, '--purge-crds', ...(values.leave ? ['--no-wait'] : [])],
  };
}

function helmsLife(name: string, namespace: string, { chart, values: given, changed }: Paths): Life {
  const where = ['-n', namespace];
  const until = values.leave ? [] : ['--wait'];
  return {
    install: ['install', name, chart, ...where, '-f', given],
    upgrade: ['upgrade', name, chart, ...where, '-f', given, '-f', changed],
    rollback: ['rollback', name, '1', ...where],
    remove: ['uninstall', name, ...where, ...until],
  };
}

/** Definitions are the whole cluster's, and Helm leaves them: the next life finds none. */
async function dropDefinitions(cluster: Cluster, { definitions = [] }: ChartCase): Promise<void> {
  for (const { name } of definitions) {
    const group = 'apiextensions.k8s.io';
    const ref = { group, version: 'v1', kind: 'CustomResourceDefinition', namespace: '', name };
    await cluster.delete(ref, { propagation: 'Background', signal });
    while ((await cluster.getMetadata(ref, signal)) !== undefined) await sleep(100);
  }
  // The server goes on listing their groups for a moment.
  if (definitions.length > 0) await sleep(2000);
}

const helm = await findHelm({
  cache: defaultCache(),
  environment: process.env,
  signal,
  tell: (line) => console.error(line),
});
if (helm === undefined) throw new Error('Helm is built with Go, which is not on PATH');
await bundle(join(root, 'dist'));
await addEngine(join(root, 'dist'));

await inSandbox(signal, roundTrip, async ({ folder, kubeconfig }) => {
  const surroundings = {
    environment: { PATH: process.env.PATH ?? '', HOME: folder, TMPDIR: folder, KUBECONFIG: kubeconfig },
    cwd: folder,
    signal,
  };
  const cluster = await connect({
    kubeconfig,
    env: {},
    home: folder,
    cwd: folder,
    userAgent: 'appstore-bench',
  });
  const took = (tool: 'ours' | 'helm', step: Step) => `${tool} ${step}`;
  const rounds: Map<string, number>[] = [];
  let namespaces = 0;
  const live = async (tool: 'ours' | 'helm', one: ChartCase, paths: Paths, round: Map<string, number>) => {
    const namespace = `life-${namespaces++}`;
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const name = one.release ?? 'app';
    const wide = one.beyond === true ? ['--allow-cluster-scope'] : [];
    const life = tool === 'ours' ? ourLife(name, namespace, paths, wide) : helmsLife(name, namespace, paths);
    const command =
      tool === 'ours'
        ? { program: process.execPath, before: [join(root, 'bin/appstore.js')] }
        : { program: helm.path, before: [] };
    for (const step of steps) {
      const args = [...command.before, ...life[step]];
      const { milliseconds } = await measure({ program: command.program, args }, surroundings);
      round.set(took(tool, step), (round.get(took(tool, step)) ?? 0) + milliseconds);
      await sleep(300);
    }
    await dropDefinitions(cluster, one);
    cluster.forgetDiscovery();
  };
  try {
    for (let at = 0; at < runs; at++) {
      const round = new Map<string, number>();
      for (const [number, one] of chartCases.entries()) {
        const paths = {
          chart: join(root, 'test/fixtures/charts', one.chart),
          values: join(folder, 'values.yaml'),
          changed: join(folder, 'changed.yaml'),
        };
        await writeFile(paths.values, JSON.stringify(one.values ?? {}));
        await writeFile(paths.changed, JSON.stringify(one.changed));
        // Who goes first changes with every chart.
        for (const tool of (number + at) % 2 === 0
          ? (['ours', 'helm'] as const)
          : (['helm', 'ours'] as const))
          await live(tool, one, paths, round);
      }
      rounds.push(round);
      console.error(`${at + 1} of ${runs}`);
    }
  } finally {
    await cluster.close();
  }
  const middle = (key: string) => median(rounds.map((round) => round.get(key) ?? 0));
  console.log(
    `${chartCases.length} charts, sums; medians of ${runs}\n\n| step | appstore ms | Helm ms | ours / Helm |\n| --- | --- | --- | --- |`,
  );
  for (const step of steps) {
    const [ours, theirs] = [middle(took('ours', step)), middle(took('helm', step))];
    console.log(`| ${step} | ${Math.round(ours)} | ${Math.round(theirs)} | ${ratioText(ours, theirs)} |`);
  }
});
