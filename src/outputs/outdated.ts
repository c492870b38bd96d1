import type { OutdatedReport } from '../services/requests.ts';
import { apiVersion } from './api-version.ts';
import { installationOutput } from './installations.ts';

/** Installations that have a newer version, and those of which it cannot be said. */
export function outdatedOutput({ items, unknown, limitedTo }: OutdatedReport) {
  return {
    apiVersion,
    kind: 'OutdatedList' as const,
    items: items.map(({ installation, latest }) => ({ ...installationOutput(installation), latest })),
    unknown: unknown.map(({ installation, reason }) => ({ ...installationOutput(installation), reason })),
    ...(limitedTo === undefined ? {} : { limitedTo }),
  };
}
