import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findHelm } from '../../scripts/bench/helm-program.ts';
import { goProgram, userCache, userEnvironment } from './go-program.ts';

const run = promisify(execFile);
const signal = new AbortController().signal;

/** The registry of go-containerregistry, on this machine, without TLS; built with Go, once. */
export async function startRegistry(): Promise<{ readonly host: string; stop(): void }> {
  const child = spawn(await registryProgram(), ['-port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  return { host: `localhost:${await portOf(child)}`, stop: () => void child.kill() };
}

/** Helm 4: from PATH, or built with Go, once. */
export async function helmProgram(): Promise<(args: readonly string[], cwd: string) => Promise<string>> {
  const tell = (line: string) => console.error(line);
  const helm = await findHelm({ cache: userCache, environment: userEnvironment, signal, tell });
  if (helm === undefined)
    throw new Error('charts are pushed by Helm, which is built with Go: that is not on PATH');
  return async (args, cwd) => {
    const env = { PATH: process.env.PATH, HOME: cwd, HELM_REGISTRY_CONFIG: join(cwd, 'registry.json') };
    return (await run(helm.path, args, { cwd, env })).stdout;
  };
}

function registryProgram(): Promise<string> {
  return goProgram({
    name: 'registry',
    version: '0.22.1',
    goPackage: 'github.com/google/go-containerregistry/cmd/registry',
    module: join(import.meta.dirname, 'go-registry'),
  });
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
