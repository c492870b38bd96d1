import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { findHelm } from '../../../scripts/bench/helm-program.ts';
import { testKubeconfig } from '../sandbox.ts';

/** Runs Helm's own program on the sandbox of the run, in an empty home. */
export type Helm = (...args: readonly string[]) => Promise<string>;

/** Helm 4, found or built. Throws where there is neither it nor Go; a run throws with what Helm said where it fails. */
export async function realHelm(): Promise<Helm> {
  const { cache, home } = inject('sandbox');
  const program = await findHelm({
    cache,
    environment: process.env,
    signal: new AbortController().signal,
    tell: (line) => console.error(line),
  });
  if (program === undefined) throw new Error('Helm is built with Go, which is not on PATH');
  const folder = await mkdtemp(join(home, 'helm-'));
  const env = { HOME: folder, PATH: '', KUBECONFIG: testKubeconfig() };
  return (...args) =>
    new Promise((resolve, reject) => {
      execFile(program.path, args, { env, cwd: folder, timeout: 120_000 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`helm ${args.join(' ')}: ${stderr.trim()}`, { cause: error }));
      });
    });
}
