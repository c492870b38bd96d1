import { execFile, spawn } from 'node:child_process';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findOnPath, isExecutable } from '../../src/adapters/sandbox/find-programs.ts';
import { withLock } from '../../src/adapters/sandbox/lock.ts';

const run = promisify(execFile);

/** The one that helm/go.mod names. */
const builtVersion = '4.3.1';

export interface HelmProgram {
  readonly path: string;
  readonly version: string;
}

export interface HelmOptions {
  /** The user's cache of this product; the program is kept there. */
  readonly cache: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Only the version that helm/go.mod names will do. */
  readonly exact?: boolean;
  tell(line: string): void;
}

/**
 * Helm 4 from PATH, from the cache, or built into the cache with `go build` from helm/go.mod, once. Undefined, and told why,
 * where there is neither helm nor go.
 */
export async function findHelm(options: HelmOptions): Promise<HelmProgram | undefined> {
  const found = await findOnPath('helm', options.environment.PATH);
  if (found !== undefined) {
    const version = await versionOf(found);
    const wanted = options.exact === true ? version === builtVersion : version.startsWith('4.');
    if (wanted) return { path: found, version };
    options.tell(`helm on PATH is ${version}: passed over`);
  }
  const folder = join(options.cache, 'bench');
  const path = join(folder, `helm-${builtVersion}`);
  if (!(await isExecutable(path))) {
    const go = await findOnPath('go', options.environment.PATH);
    if (go === undefined) {
      options.tell('no helm 4 and no go on PATH');
      return undefined;
    }
    await mkdir(folder, { recursive: true });
    const wait = (_: number | undefined, seconds: number) => {
      if (seconds % 10 === 0) options.tell('another process builds helm: waiting');
    };
    await withLock(folder, 'helm', { signal: options.signal, onWait: wait }, () => build(go, path, options));
  }
  return { path, version: builtVersion };
}

async function versionOf(path: string): Promise<string> {
  const { stdout } = await run(path, ['version', '--template', '{{.Version}}'], { timeout: 10_000 });
  return stdout.trim().replace(/^v/, '');
}

async function build(go: string, path: string, options: HelmOptions): Promise<void> {
  if (await isExecutable(path)) return;
  options.tell(`building helm ${builtVersion}, once: some minutes`);
  const part = `${path}.part`;
  const args = ['build', '-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-o', part];
  const child = spawn(go, [...args, 'helm.sh/helm/v4/cmd/helm'], {
    cwd: join(import.meta.dirname, 'helm'),
    env: { ...options.environment, CGO_ENABLED: '0', GOWORK: 'off' },
    stdio: ['ignore', 'inherit', 'inherit'],
    signal: options.signal,
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0) throw new Error(`go build of helm ${builtVersion} ended with exit code ${code}`);
  await rename(part, path);
}
