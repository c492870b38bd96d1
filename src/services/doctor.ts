import { AppstoreError } from '../domain/errors.ts';
import { cleanLine } from '../domain/text.ts';
import { catalogFindings } from './doctor-catalogs.ts';
import { clusterFindings } from './doctor-cluster.ts';
import { stateFindings } from './doctor-state.ts';
import type { Clock } from './ports.ts';
import type { BrowseDeps, ChangeDeps, DoctorReport, Finding } from './requests.ts';

/** What the doctor looks at. Connecting is part of the examination, so that it may fail. */
export interface DoctorDeps {
  readonly browse: BrowseDeps;
  readonly clock: Pick<Clock, 'now'>;
  connect(): Promise<ChangeDeps>;
}

/**
 * Examines the cluster, the catalogs and what is stored in the cluster. Reads only. A part that cannot be examined is a finding
 * and never hides the others.
 */
export async function doctor(
  deps: DoctorDeps,
  options: { readonly namespace?: string },
  signal: AbortSignal,
): Promise<DoctorReport> {
  const [catalogs, cluster] = await Promise.all([
    catalogFindings(deps.browse, deps.clock.now(), signal),
    examineCluster(deps, options, signal),
  ]);
  const findings = [...cluster, ...catalogs];
  return { findings, healthy: findings.every((finding) => finding.state !== 'problem') };
}

async function examineCluster(
  deps: DoctorDeps,
  options: { readonly namespace?: string },
  signal: AbortSignal,
): Promise<Finding[]> {
  let connected: ChangeDeps;
  try {
    connected = await deps.connect();
  } catch (error) {
    return [failedFinding('cluster', error)];
  }
  const namespace = options.namespace ?? connected.cluster.target.namespace;
  const parts = await Promise.all([
    clusterFindings(connected, namespace, signal).catch((error) => [failedFinding('cluster', error)]),
    stateFindings(connected, signal).catch((error) => [failedFinding('state', error)]),
  ]);
  return parts.flat();
}

/** A part that could not be examined. Anything but a known error is ours to mend and is thrown. */
function failedFinding(area: Finding['area'], error: unknown): Finding {
  if (!(error instanceof AppstoreError) || error.code === 'INTERRUPTED') throw error;
  return {
    area,
    check: error.code === 'FORBIDDEN' ? 'rights' : 'reach',
    state: 'problem',
    message: cleanLine(error.message),
    ...(error.hint === undefined ? {} : { fix: cleanLine(error.hint) }),
  };
}
