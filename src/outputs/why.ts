import { LOCAL_CATALOG } from '../domain/catalog-names.ts';
import { causeCodes } from '../domain/causes.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import { type Fix, fixFor } from '../domain/fixes.ts';
import type { CauseCode } from '../domain/health.ts';
import { SANDBOX_NOTICE } from '../domain/sandbox.ts';
import type { WhyReport } from '../services/requests.ts';
import { apiVersion } from './api-version.ts';
import { installationOutput } from './installations.ts';
import type { Simulation } from './simulation.ts';

/** Why an installation is not healthy, or was not: cause, evidence, and what to try. */
export function whyOutput(report: WhyReport, { simulated }: Simulation) {
  const { diagnosis } = report;
  return {
    apiVersion,
    kind: 'Diagnosis' as const,
    installation: installationOutput(report.record),
    source: report.source,
    revision: report.revision,
    ...(report.health === undefined ? {} : { health: report.health }),
    ...(diagnosis === undefined ? {} : diagnosisOutput(diagnosis, report)),
    findings: diagnosis?.findings ?? [],
    ...(report.failed === undefined ? {} : { failed: report.failed }),
    problems: report.problems,
    ...(simulated ? { notice: SANDBOX_NOTICE } : {}),
  };
}

function diagnosisOutput(diagnosis: Diagnosis, report: WhyReport) {
  const { at, cause, message } = diagnosis;
  return { at, cause, meaning: meaningOf(cause), message, fix: fixOf(diagnosis, report) };
}

/** The meaning of a cause; `''` for one of a later version. */
export function meaningOf(cause: CauseCode): string {
  return Object.hasOwn(causeCodes, cause) ? causeCodes[cause].meaning : '';
}

/** What to try against a cause, with the names of this installation put in. */
export function fixOf({ cause, findings }: Diagnosis, { record }: WhyReport): Fix {
  const first = findings.find((finding) => finding.cause === cause);
  const objects = first === undefined ? [] : [first.ref, ...first.affects];
  const { name, namespace, catalog } = record;
  const located = catalog === LOCAL_CATALOG;
  return fixFor(cause, { name, namespace, app: `${catalog}/${record.app}`, located, objects });
}
