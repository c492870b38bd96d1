import type { EventReport } from '../services/installation-events.ts';
import { apiVersion } from './api-version.ts';
import { installationOutput } from './installations.ts';

/** The events of an installation, the newest last. */
export function eventsOutput({ record, events, problems }: EventReport) {
  return {
    apiVersion,
    kind: 'EventList' as const,
    installation: installationOutput(record),
    items: events.map(({ about, warning, reason, message, count, at }) => ({
      ref: about,
      type: warning ? ('Warning' as const) : ('Normal' as const),
      ...{ reason, message, count, at },
    })),
    problems,
  };
}
