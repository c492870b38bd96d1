import { isForbidden } from '../domain/errors.ts';
import { generatedName } from '../domain/ownership.ts';
import type { Plan } from '../domain/plan.ts';
import type { ClusterDeps, InstallationName } from './requests.ts';

/** True where a plan leaves volumes: the generated secrets that open them must live as long as they do. */
export function keepsVolumes(kept: Plan['kept']): boolean {
  return kept.some(({ ref }) => ref.kind === 'PersistentVolumeClaim');
}

/** The Secret that opens the volumes which stay. Whoever may not read it is not told whether there is one. */
export async function keptSecrets(
  { records }: Pick<ClusterDeps, 'records'>,
  { namespace, name }: InstallationName,
  signal: AbortSignal,
): Promise<Plan['kept']> {
  try {
    const known = await records.readGenerated(namespace, name, signal);
    if (Object.keys(known).length === 0) return [];
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return [];
  }
  const ref = { group: '', version: 'v1', kind: 'Secret', namespace, name: generatedName(name) };
  return [{ ref, reason: 'the generated secrets that open the volumes' }];
}
