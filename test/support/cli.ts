import { execFile, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import type { Overrides } from '../../src/cli/context.ts';
import type { OutStream } from '../../src/cli/io.ts';
import { run } from '../../src/cli/run.ts';
import { testKubeconfig } from './sandbox.ts';

/** What one run of the program gave. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Over the isolated environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly stdin?: string;
  /** Lets stdout be a terminal of 100 columns; nobody sits at a keyboard all the same. */
  readonly terminal?: boolean;
  readonly signal?: AbortSignal;
  readonly overrides?: Overrides;
}

/** The error of a run with `-o json`, as docs/outputs.md has it. */
export interface CliError {
  readonly code: string;
  readonly category: string;
  readonly message: string;
  readonly hint: string;
  readonly place?: {
    readonly file: string;
    readonly line?: number;
    readonly column?: number;
    readonly field?: string;
  };
  readonly problems: readonly { readonly message: string; readonly at?: string; readonly hint?: string }[];
}

/** Runs a command line in process, on the sandbox of the run, without a terminal. */
export async function cli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const [stdout, stderr] = [captured(options.terminal), captured()];
  const code = await run(
    argv,
    {
      stdin: Readable.from(options.stdin === undefined ? [] : [options.stdin]),
      stdout: stdout.stream,
      stderr: stderr.stream,
      env: await isolatedEnv(options.env),
      cwd: options.cwd ?? inject('sandbox').home,
      platform: process.platform,
      signal: options.signal ?? new AbortController().signal,
    },
    options.overrides,
  );
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** The same, for what has to succeed: answers the JSON result. */
export async function cliJson(argv: readonly string[], options: CliOptions = {}): Promise<unknown> {
  const result = await cli([...argv, '-o', 'json'], options);
  if (result.code !== 0) throw new Error(`appstore ${argv.join(' ')}: exit ${result.code}\n${result.stderr}`);
  return JSON.parse(result.stdout);
}

/** The same, for what has to fail: answers the exit code and the error that stands on stderr. */
export async function cliError(
  argv: readonly string[],
  options: CliOptions = {},
): Promise<{ exit: number; error: CliError }> {
  const result = await cli([...argv, '-q', '-o', 'json'], options);
  if (result.code === 0) throw new Error(`appstore ${argv.join(' ')}: did not fail\n${result.stdout}`);
  if (result.stdout !== '') throw new Error(`a failure wrote to stdout: ${result.stdout}`);
  return { exit: result.code, error: errorIn(result.stderr) };
}

/** The JSON error at the end of stderr; progress may stand before it. */
export function errorIn(stderr: string): CliError {
  const start = stderr.search(/^\{$/m);
  if (start === -1) throw new Error(`no JSON error in: ${stderr}`);
  return (JSON.parse(stderr.slice(start)) as { error: CliError }).error;
}

/** The built file as a process of its own, which a test may signal. */
export interface BuiltRun {
  readonly done: Promise<CliResult>;
  /** Resolves once stderr holds the text; fails where the process ends before. */
  seen(text: string): Promise<void>;
  /** What was written so far. */
  written(): { readonly stdout: string; readonly stderr: string };
  /** Resolves with what stdout holds of a pattern, once it does; fails where the process ends before. */
  printed(pattern: RegExp): Promise<string>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts `bin/appstore.js`; builds it first where it was never built. */
export async function startBuilt(argv: readonly string[], options: CliOptions = {}): Promise<BuiltRun> {
  await buildOnce();
  return startProcess([join(root, 'bin', 'appstore.js'), ...argv], {
    env: await isolatedEnv({ PATH: process.env.PATH, ...options.env }),
    cwd: options.cwd ?? inject('sandbox').home,
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
  });
}

/** Starts Node with these arguments, in just this environment. */
export function startProcess(
  argv: readonly string[],
  { stdin = '', ...options }: SpawnOptions & { readonly stdin?: string },
): BuiltRun {
  const child = spawn(process.execPath, argv, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(stdin);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const done = new Promise<CliResult>((ended, failed) => {
    child.once('error', failed);
    child.once('close', (code) => ended({ code: code ?? -1, stdout, stderr }));
  });
  return {
    done,
    seen: (text) =>
      new Promise((found, missed) => {
        const look = () => stderr.includes(text) && found();
        child.stderr.on('data', look);
        child.once('close', () => missed(new Error(`ended without "${text}": ${stderr}`)));
        look();
      }),
    written: () => ({ stdout, stderr }),
    printed: (pattern) =>
      new Promise((found, missed) => {
        const look = () => {
          const match = pattern.exec(stdout)?.[0];
          if (match !== undefined) found(match);
        };
        child.stdout.on('data', look);
        child.once('close', () => missed(new Error(`ended without ${pattern}: ${stdout}${stderr}`)));
        look();
      }),
    kill: (signal) => void child.kill(signal),
  };
}

/** Runs the built file to its end. */
export async function built(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return (await startBuilt(argv, options)).done;
}

/** A package in a folder of its own, deleted with the home of the run. Answers the folder. */
export async function packageFolder(appYaml: string): Promise<string> {
  const folder = await mkdtemp(join(inject('sandbox').home, 'package-'));
  await writeFile(join(folder, 'app.yaml'), appYaml);
  return folder;
}

/** A file in a folder of its own, deleted with the home of the run. Answers its path. */
export async function textFile(name: string, text: string): Promise<string> {
  const file = join(await mkdtemp(join(inject('sandbox').home, 'file-')), name);
  await writeFile(file, text);
  return file;
}

const root = resolve(import.meta.dirname, '../..');

let building: Promise<unknown> | undefined;

/** One build, however many tests ask for it. */
export async function buildOnce(): Promise<void> {
  if (existsSync(join(root, 'dist', 'start.js'))) return;
  building ??= promisify(execFile)(process.execPath, [join(root, 'scripts', 'build.ts')], { cwd: root });
  await building;
}

/** A home without a kubeconfig, and the sandbox of the run as the only cluster there is. */
async function isolatedEnv(
  given: CliOptions['env'] = {},
): Promise<Readonly<Record<string, string | undefined>>> {
  const home = await mkdtemp(join(inject('sandbox').home, 'cli-'));
  // one cache for the run, as one user has; nothing else is shared
  const cache = join(inject('sandbox').home, 'cli-cache');
  return { HOME: home, XDG_CACHE_HOME: cache, KUBECONFIG: testKubeconfig(), ...given };
}

function captured(terminal = false): { stream: OutStream; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer | string, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  if (terminal) Object.assign(stream, { isTTY: true, columns: 100 });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}
