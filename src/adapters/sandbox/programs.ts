import { join } from 'node:path';
import type { SandboxEmit } from '../../services/sandboxes.ts';
import type { ProgramName } from './program-table.ts';
export interface ProgramOptions {
  readonly folder: string;
  readonly assets: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly emit: SandboxEmit;
  readonly signal: AbortSignal;
  readonly sources?: string;
}
export async function providePrograms(o: ProgramOptions): Promise<Readonly<Record<ProgramName, string>>> {
  const p = o.environment.KUBEBUILDER_ASSETS ?? '';
  return Object.fromEntries(
    ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'].map((n) => [
      n,
      join(p, n),
    ]),
  ) as any;
}
