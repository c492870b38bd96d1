import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, rename } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findHelm } from '../../scripts/bench/helm-program.ts';
import { isExecutable } from '../../src/adapters/sandbox/find-programs.ts';
import { withLock } from '../../src/adapters/sandbox/lock.ts';

const run = promisify(execFile);
const signal = new AbortController().signal;

/** Programs are built once for the user: tests of commands have a home of their own, where everything would be built anew. */
const home = userInfo().homedir;
const cache = join(home, '.cache', 'appstore');
const environment = { ...process.env, HOME: home, XDG_CACHE_HOME: join(home, '.cache') };

/** That go-registry/go.mod names. */
const version = '0.22.1';

/** The registry of go-containerregistry, on this machine, without TLS; built with Go, once. */
export async function startRegistry(): Promise<{ readonly host: string; stop(): void }> {
  const child = spawn(await registryProgram(), ['-port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  return { host: `localhost:${await portOf(child)}`, stop: () => void child.kill() };
}

/** Helm 4: from PATH, or built with Go, once. */
export async function helmProgram(): Promise<(args: readonly string[], cwd: string) => Promise<string>> {
  const tell = (line: string) => console.error(line);
  const helm = await findHelm({ cache, environment, signal, tell });
  if (helm === undefined)
    throw new Error('charts are pushed by Helm, which is built with Go: that is not on PATH');
  return async (args, cwd) => {
    const env = { PATH: process.env.PATH, HOME: cwd, HELM_REGISTRY_CONFIG: join(cwd, 'registry.json') };
    return (await run(helm.path, args, { cwd, env })).stdout;
  };
}

async function registryProgram(): Promise<string> {
  const folder = join(cache, 'test');
  const path = join(folder, `registry-${version}`);
  await mkdir(folder, { recursive: true });
  await withLock(folder, 'registry', { signal, onWait: () => {} }, async () => {
    if (await isExecutable(path)) return;
    const part = `${path}.part`;
    const args = [
      'build',
      '-mod=readonly',
      '-trimpath',
      '-o',
      part,
      'github.com/google/go-containerregistry/cmd/registry',
    ];
    const env = { ...environment, CGO_ENABLED: '0', GOWORK: 'off' };
    await run('go', args, { cwd: join(import.meta.dirname, 'go-registry'), env });
    await rename(part, path);
  });
  return path;
}

function portOf(child: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      const port = /serving on port (\d+)/.exec(text)?.[1];
      if (port !== undefined) found(port);
    });
    child.once('error', failed);
    child.once('exit', () => failed(new Error(`the registry ended: ${text}`)));
  });
}
