import { spawn } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AppstoreError } from '../../domain/errors.ts';
import type { SandboxEmit } from '../../services/sandboxes.ts';
import { findOnPath } from './find-programs.ts';
import { type ProgramEntry, VERSIONS } from './program-table.ts';

export interface BuildOptions {
  readonly entries: readonly ProgramEntry[];
  /** Folder with go.mod and go.sum. Only read. */
  readonly module: string;
  readonly work: string;
  readonly target: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Prefix of commands, so that Go ends with this process. */
  readonly wrapper: readonly string[];
  readonly signal: AbortSignal;
  readonly emit: SandboxEmit;
}

/** Without these the API server would call itself v0.0.0; they stand in for what its release scripts set. */
const [MAJOR, MINOR] = VERSIONS.kubernetes.split('.');
const BASE = 'k8s.io/component-base/version';
const LINKER_FLAGS = `-s -w -X ${BASE}.gitVersion=v${VERSIONS.kubernetes} -X ${BASE}.gitMajor=${MAJOR} -X ${BASE}.gitMinor=${MINOR}`;

/**
 * Builds programs from their Go modules, all in one run of `go`, so that what they share is compiled once, and moves them into
 * place. Takes about ten minutes on two cores when nothing is in Go's cache. Throws SANDBOX_UNAVAILABLE where Go fails.
 */
export async function buildPrograms(options: BuildOptions): Promise<void> {
  const began = performance.now();
  let packages = 0;
  let total = 0;
  const tell = () =>
    options.emit({
      type: 'build',
      packages,
      total,
      seconds: Math.floor((performance.now() - began) / 1000),
    });
  tell();
  const clock = setInterval(tell, 1000);
  try {
    const paths = options.entries.map(({ goPackage }) => goPackage);
    total = await countPackages(paths, options);
    const args = ['build', '-mod=readonly', '-v', '-trimpath', '-ldflags', LINKER_FLAGS];
    await runGo([...args, '-o', `${options.work}/`, ...paths], options, () => {
      packages += 1;
    });
    for (const { goBinary, name } of options.entries) {
      await rename(join(options.work, goBinary), join(options.target, name));
    }
  } finally {
    clearInterval(clock);
  }
  tell();
}

/** How many packages there are to compile if none is in Go's cache. Loads the modules, too. */
async function countPackages(paths: readonly string[], options: BuildOptions): Promise<number> {
  let count = 0;
  await runGo(['list', '-mod=readonly', '-deps', ...paths], options, () => {
    count += 1;
  });
  return count;
}

/** Runs go and hands over each line that names a package. Throws SANDBOX_UNAVAILABLE with its last words. */
async function runGo(args: readonly string[], options: BuildOptions, onPackage: () => void): Promise<void> {
  const go = await findOnPath('go', options.environment.PATH);
  if (go === undefined) throw new AppstoreError('SANDBOX_UNAVAILABLE', 'go is not on PATH');
  const [command = go, ...rest] = [...options.wrapper, go, ...args];
  const child = spawn(command, rest, {
    cwd: options.module,
    env: { ...options.environment, CGO_ENABLED: '0', GOWORK: 'off' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: options.signal,
    killSignal: 'SIGKILL',
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      // A package path has no blank; everything else that go says has.
      if (/\s/.test(line)) said.push(line);
      else onPackage();
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  options.signal.throwIfAborted();
  if (code === 0) return;
  const lines = said.filter((line) => !line.startsWith('go: downloading')).slice(-3);
  throw new AppstoreError('SANDBOX_UNAVAILABLE', `go ${args[0]} failed: ${lines.join('; ')}`);
}
