import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppstoreError } from '../../../domain/errors.ts';

/** One repository on disk, and how the program is run in it. */
export interface GitRun {
  /** A bare repository of ours. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly bounds?: Partial<GitBounds>;
}

export interface GitBounds {
  /** Milliseconds, for one run of the program. */
  readonly time: number;
  /** Bytes that the repository may have on disk. */
  readonly bytes: number;
}

/** Like a large index over a slow line (http/settings.ts); the last state of a large repository of charts has 200 MB. */
const usualBounds: GitBounds = { time: 300_000, bytes: 512 * 1024 * 1024 };

/** Bytes that it may write to stdout (files are asked for one after the other), and of what it tells that are kept. */
const longestOutput = 300 * 1024 * 1024;
const longestMessage = 16 * 1024;

export interface GitOutcome {
  /** 0 where it did what it was asked. */
  readonly code: number;
  readonly output: Buffer;
  /** What it told, untouched: from a server, in part. */
  readonly message: string;
}

/**
 * Runs git with exactly these arguments (no shell) in a process group of its own, which ends as a whole: git starts others, and they
 * would go on.
 *
 * @throws AppstoreError CATALOG_UNREACHABLE where there is no git, or it takes too long or too much; the signal's reason
 */
export async function runGit(run: GitRun, args: readonly string[], input = ''): Promise<GitOutcome> {
  run.signal?.throwIfAborted();
  const bounds = { ...usualBounds, ...run.bounds };
  const stopping = new AbortController();
  const watch = watchSize(run.folder, bounds.bytes, stopping);
  const timer = setTimeout(() => stopping.abort(tooLong(bounds.time)), bounds.time);
  const signals = [stopping.signal, ...(run.signal === undefined ? [] : [run.signal])];
  try {
    const outcome = await runGroup(run, args, { input, stop: AbortSignal.any(signals) });
    // It may have been done before anybody looked.
    if ((await sizeOf(run.folder)) > bounds.bytes) throw tooLarge(bounds.bytes);
    return outcome;
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
  }
}

interface Group {
  readonly input: string;
  readonly stop: AbortSignal;
}

function runGroup(run: GitRun, args: readonly string[], { input, stop }: Group): Promise<GitOutcome> {
  return new Promise((done, failed) => {
    const child = spawn('git', args, {
      cwd: run.folder,
      env: run.environment,
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const end = () => endGroup(child.pid);
    stop.addEventListener('abort', end, { once: true });
    const output: Buffer[] = [];
    let [bytes, message] = [0, ''];
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > longestOutput) end();
      else output.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      message = (message + chunk.toString('utf8')).slice(-longestMessage);
    });
    // It may end before it has read all of it.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.once('error', (error) => failed(startError(error)));
    child.once('close', (code) => {
      stop.removeEventListener('abort', end);
      if (stop.aborted) failed(stop.reason);
      else if (bytes > longestOutput) failed(tooLarge(longestOutput));
      else done({ code: code ?? 1, output: Buffer.concat(output), message });
    });
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** git has no bound for what it fetches: what lies on disk is looked at while it does. */
function watchSize(folder: string, most: number, stopping: AbortController): NodeJS.Timeout {
  return setInterval(() => {
    sizeOf(folder).then(
      (bytes) => {
        if (bytes > most) stopping.abort(tooLarge(most));
      },
      () => {},
    );
  }, 250).unref();
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(
    entries.map((entry) =>
      stat(join(folder, entry)).then(
        (found) => (found.isFile() ? found.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** True for what `runGit` throws where there is no program `git`. */
export function isGitMissing(error: unknown): boolean {
  const cause = error instanceof AppstoreError ? error.cause : undefined;
  return (
    cause instanceof Error &&
    'code' in cause &&
    cause.code === 'ENOENT' &&
    'syscall' in cause &&
    /^spawn/.test(String(cause.syscall))
  );
}

function startError(error: Error): AppstoreError {
  const missing = 'code' in error && error.code === 'ENOENT';
  return new AppstoreError(
    'CATALOG_UNREACHABLE',
    missing ? 'there is no program `git` on this machine.' : `git cannot be started: ${error.message}`,
    {
      hint: 'Install git 2.31 or newer. Without it git repositories are read over https:// and http:// alone.',
      cause: error,
    },
  );
}

function tooLong(milliseconds: number): AppstoreError {
  return new AppstoreError('CATALOG_UNREACHABLE', `git was not done after ${milliseconds / 1000} s.`, {
    hint: 'Try again later, or name a smaller repository.',
  });
}

function tooLarge(bytes: number): AppstoreError {
  return new AppstoreError('CATALOG_INVALID', `the git repository is larger than ${bytes} bytes.`, {
    hint: 'Name a folder of it (`#ref:path`), or a smaller repository.',
  });
}
