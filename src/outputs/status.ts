import type { ResolvedPackage } from '../domain/app.ts';
import type { PendingOperation } from '../domain/release.ts';
import { SANDBOX_NOTICE } from '../domain/sandbox.ts';
import type { StatusReport } from '../services/requests.ts';
import { apiVersion } from './api-version.ts';
import { installationOutput } from './installations.ts';
import type { Simulation } from './simulation.ts';

/** How an installation is now. */
export function statusOutput(report: StatusReport, { simulated }: Simulation) {
  return {
    apiVersion,
    kind: 'InstallationStatus' as const,
    installation: installationOutput(report.record),
    health: report.health,
    objects: report.objects.map(({ ref, health, detail, age }) => ({ ...ref, ...health, detail, age })),
    ...(report.pending === undefined ? {} : { pending: pendingOutput(report.pending) }),
    ...(report.package === undefined ? {} : { package: packageOutput(report.package) }),
    outputs: report.outputs,
    open: report.open,
    notes: report.notes,
    problems: report.problems,
    ...(simulated ? { notice: SANDBOX_NOTICE } : {}),
  };
}

function packageOutput({ source, contentDigest, archiveDigest, provenance }: ResolvedPackage) {
  return { source, contentDigest, archiveDigest, provenance };
}

function pendingOutput({ operation, revision, startedAt, holder }: PendingOperation) {
  return { operation, revision, startedAt, holder };
}
