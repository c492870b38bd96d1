/**
 * `npm test`: makes all that the tests need (the built command, the programs of the sandbox, servers of Debian, a second Node), runs
 * every test on this Node, and the pure tests and a smoke of the built file on Node 26. The tests on a cluster wait for it most of the time, so
 * the others run beside them. The first of the other steps that fails ends the whole.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programsFolder } from '../src/adapters/sandbox/layout.ts';
import { providePrograms } from '../src/adapters/sandbox/programs.ts';
import { AppstoreError } from '../src/domain/errors.ts';
import type { SandboxEvent } from '../src/services/sandboxes.ts';
import { provideDebianPrograms } from '../test/support/debian-programs.ts';
import { defaultCache, sandboxAssets } from '../test/support/sandbox-parts.ts';
import { findHelm } from './bench/helm-program.ts';
import { failures, type TestReport } from './test-failures.ts';

const root = join(import.meta.dirname, '..');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const appstore = join(root, 'bin', 'appstore.js');
const second = join(root, 'test', 'node-26');

// The tests run in a sandbox of their own, whatever a developer has set for quick runs of single files.
const { APPSTORE_TEST_CLUSTER: _, ...environment } = process.env;

/** Runs a command to its end; throws where that is not a good one. `begun` gets what was started. */
async function run(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
  begun?: (child: ChildProcess) => void,
): Promise<void> {
  const child = spawn(command, args, { cwd: root, env: environment, stdio: 'inherit', ...options });
  begun?.(child);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${signal ?? `exit code ${code}`}`);
}

/** Commands one after the other, quietly: what they said is told in one piece when they end, however they do. */
async function beside(
  work: (run: (command: string, args: readonly string[]) => Promise<void>) => Promise<void>,
): Promise<void> {
  const said: Buffer[] = [];
  const hear = (child: ChildProcess): void => {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => said.push(chunk));
  };
  try {
    await work((command, args) => run(command, args, { stdio: ['ignore', 'pipe', 'pipe'] }, hear));
  } finally {
    process.stderr.write(Buffer.concat(said));
  }
}

/** One line every ten seconds is enough for a build of ten minutes. */
function tell(event: SandboxEvent): void {
  if (event.type === 'build' && event.seconds % 10 === 0) {
    console.error(
      `building the sandbox's programs, once: ${event.packages} of ${event.total} packages, ${event.seconds} s`,
    );
  } else if (event.type === 'download-failed') {
    console.error(`no download: ${event.reason}`);
  } else if (event.type === 'waiting' && event.seconds % 10 === 0) {
    console.error(`waiting: ${event.reason}, ${event.seconds} s`);
  }
}

/** Node 26 from the lock file of its own folder; installed once. */
async function secondNode(): Promise<string> {
  const binary = join(second, 'node_modules', 'node', 'bin', 'node');
  const there = await stat(binary).catch(() => undefined);
  if (there === undefined) await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: second });
  return binary;
}

/** Where a run of the tests writes its report, for the summary at the end. */
function reportTo(file: string): string[] {
  return ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
}

/** What failed, once more and last: a log is read from its end, and the beginning of a long one may not be kept. */
async function tellFailures(reports: readonly string[]): Promise<void> {
  for (const file of reports) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    for (const line of failures(JSON.parse(text) as TestReport, root)) console.error(`failed: ${line}`);
  }
}

/** Each project goes to its end: whoever mends one failure wants to know of the others. */
async function runTests(node26: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'appstore-test-'));
  const [cluster, pure, pure26] = ['cluster.json', 'pure.json', 'pure-26.json'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  try {
    const results = await Promise.allSettled([
      run(process.execPath, [vitest, 'run', '--project', 'cluster', ...reportTo(cluster)]),
      beside(async (quietly) => {
        await quietly(process.execPath, [vitest, 'run', '--project', 'pure', ...reportTo(pure)]);
        await quietly(node26, [vitest, 'run', '--project', 'pure', ...reportTo(pure26)]);
      }),
    ]);
    await tellFailures([cluster, pure, pure26]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  await run(process.execPath, [join(root, 'scripts', 'build.ts')]);
  await providePrograms({
    folder: programsFolder(defaultCache()),
    assets: sandboxAssets,
    environment,
    emit: tell,
    signal: new AbortController().signal,
  });
  await provideDebianPrograms();
  // What charts render to is compared with it.
  await findHelm({
    cache: defaultCache(),
    environment,
    signal: new AbortController().signal,
    exact: true,
    tell: (line) => console.error(line),
  });
  const node26 = await secondNode();
  await runTests(node26);

  for (const args of [['--version'], ['search', 'postgres'], ['template', 'whoami', '-q']]) {
    await run(node26, [appstore, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  console.error('Node 26: the pure tests passed; the built command starts, searches and renders');
}

/** Says what went wrong, without the stack of this script, which tells nothing. */
function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof AppstoreError) {
    for (const { at, message } of error.problems) console.error(`  ${at}: ${message}`);
    console.error(error.hint);
  }
  process.exitCode = 1;
}

await main().catch(fail);
