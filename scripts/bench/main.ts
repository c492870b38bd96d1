/**
 * `npm run bench`: what the built command takes for its work, beside Helm 4 in the same run, in a sandbox of its own.
 * `--only start,install,list` `--runs 5` `--installations 1000` `--payload 170` `--round-trip 10` `--json FILE` `--without-helm`. docs/performance.md tells more.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '../../src/adapters/kubernetes/connect.ts';
import { AppstoreError } from '../../src/domain/errors.ts';
import { defaultCache } from '../../test/support/sandbox-parts.ts';
import { addEngine, bundle } from '../build.ts';
import { writeBarePrograms } from './bare-programs.ts';
import { runBench } from './bench.ts';
import { findHelm } from './helm-program.ts';
import { inSandbox } from './in-sandbox.ts';
import { type BenchOptions, readOptions } from './options.ts';
import { writePackages } from './packages.ts';
import { linesOf, machineOf, tableOf } from './report.ts';
import { namespaceOf } from './tools.ts';
import { everyTimed } from './work.ts';

/** Nothing runs longer, whatever hangs. */
const longest = 60 * 60_000;

const tell = (line: string): void => console.error(line);

async function main(options: BenchOptions, signal: AbortSignal): Promise<void> {
  const cache = defaultCache();
  const helm = options.helm ? await findHelm({ cache, environment: process.env, signal, tell }) : undefined;
  const dist = join(import.meta.dirname, '../../dist');
  await bundle(dist);
  tell(await addEngine(dist));
  await inSandbox(signal, options.roundTrip, (site) => measureAll({ ...site, options, helm, signal }));
}

interface Site {
  readonly options: BenchOptions;
  readonly folder: string;
  readonly kubeconfig: string;
  readonly helm: Awaited<ReturnType<typeof findHelm>>;
  readonly signal: AbortSignal;
}

async function measureAll({ options, folder, kubeconfig, helm, signal }: Site): Promise<void> {
  const home = join(folder, 'home');
  await mkdir(home);
  const packages = await writePackages(folder, home, options.payload);
  const programs = await writeBarePrograms(folder, kubeconfig);
  // Nothing of the user's is seen: neither his kubeconfig nor Helm's settings. Node's compile cache lies in TMPDIR.
  const environment = { PATH: process.env.PATH ?? '', HOME: home, TMPDIR: folder, KUBECONFIG: '/dev/null' };
  const cluster = await connect({ kubeconfig, env: {}, home, cwd: folder, userAgent: 'appstore-bench' });
  try {
    for (const timed of everyTimed) {
      await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespaceOf(timed) } });
    }
    const results = await runBench({
      options,
      programs,
      shop: { packages, kubeconfig, ...(helm === undefined ? {} : { helm: helm.path }) },
      cluster,
      surroundings: { environment, cwd: folder, signal },
      tell,
    });
    const machine = machineOf((await cluster.version()).gitVersion.replace(/^v/, ''), helm?.version);
    const lines = linesOf(results);
    console.log(`${machine}; medians of ${options.runs}\n\n${tableOf(lines)}`);
    if (options.json !== undefined) {
      await writeFile(options.json, `${JSON.stringify({ machine, runs: options.runs, lines }, null, 2)}\n`);
    }
  } finally {
    await cluster.close();
  }
}

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort(new Error('interrupted')));
process.once('SIGTERM', () => interrupted.abort(new Error('terminated')));

try {
  const signal = AbortSignal.any([interrupted.signal, AbortSignal.timeout(longest)]);
  await main(readOptions(process.argv.slice(2)), signal);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof AppstoreError) console.error(error.hint);
  process.exitCode = 1;
}
