import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localSandboxes } from '../../src/adapters/sandbox/sandboxes.ts';
import { defaultCache, sandboxAssets, supervisorEntry } from '../../test/support/sandbox-parts.ts';
import { farAway } from './far-away.ts';

interface Site {
  /** An empty folder. */
  readonly folder: string;
  readonly kubeconfig: string;
}

/**
 * Does something with a folder and a control plane of its own, both gone afterwards. Throws what `work` throws, and SANDBOX_UNAVAILABLE.
 *
 * @param roundTrip Milliseconds to the server and back, as over a network; none where 0.
 */
export async function inSandbox(
  signal: AbortSignal,
  roundTrip: number,
  work: (site: Site) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'appstore-bench-'));
  try {
    const sandboxes = localSandboxes({
      folders: { cache: defaultCache(), sandboxes: join(folder, 'sandboxes') },
      assets: sandboxAssets,
      supervisor: supervisorEntry,
      environment: process.env,
    });
    const sandbox = await sandboxes.start({ name: 'bench', mode: 'attached', emit: () => undefined, signal });
    const way = roundTrip === 0 ? undefined : await farAway(sandbox.kubeconfig, roundTrip, folder);
    try {
      await work({ folder, kubeconfig: way?.kubeconfig ?? sandbox.kubeconfig });
    } finally {
      way?.close();
      await sandbox.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
