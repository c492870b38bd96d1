import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface HelmTemplate {
  readonly helm: string;
  readonly chart: string;
  readonly release: string;
  readonly namespace: string;
  /** Values files and other flags. */
  readonly flags?: readonly string[];
  /** Also what lies in `crds/`, unless told. */
  readonly crds?: boolean;
}

/** What a real `helm template` prints, or why it refuses. It has an empty home and sees no cluster. */
export async function helmTemplate(
  wanted: HelmTemplate,
): Promise<{ readonly output: string } | { readonly refused: string }> {
  const home = await mkdtemp(join(tmpdir(), 'appstore-parity-'));
  const { helm, chart, release, namespace, flags = [], crds = true } = wanted;
  const args = ['template', release, chart, '--namespace', namespace, ...flags];
  if (crds) args.push('--include-crds');
  const environment = { HOME: home, PATH: '', KUBECONFIG: join(home, 'none'), HELM_NO_PLUGINS: '1' };
  try {
    return await new Promise((resolve) => {
      const options = { env: environment, maxBuffer: 512 * 1024 * 1024, timeout: 120_000 };
      execFile(helm, args, options, (error, stdout, stderr) => {
        resolve(error === null ? { output: stdout } : { refused: stderr.trim() || String(error) });
      });
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
