import type { KubeObject, ObjectRef } from './objects.ts';
import { parseApiVersion } from './objects.ts';
import { fieldsAt, lineOf, numberOr } from './status-of.ts';

/** What a Kubernetes Event (core/v1) says, on one line each, safe to show. */
export interface ClusterEvent {
  readonly about: ObjectRef;
  readonly uid: string;
  readonly warning: boolean;
  readonly reason: string;
  readonly message: string;
  /** How often it was seen. */
  readonly count: number;
  /** Last time it was seen, RFC 3339; `''` where it does not say. */
  readonly at: string;
}

/** Reads an Event; whatever is missing is empty. */
export function readEvent(event: KubeObject): ClusterEvent {
  const about = fieldsAt(event, 'involvedObject');
  const series = fieldsAt(event, 'series');
  return {
    about: {
      ...parseApiVersion(lineOf(about.apiVersion)),
      kind: lineOf(about.kind),
      namespace: lineOf(about.namespace),
      name: lineOf(about.name),
    },
    uid: lineOf(about.uid),
    warning: event.type === 'Warning',
    reason: lineOf(event.reason),
    message: lineOf(event.message),
    count: numberOr(series.count, numberOr(event.count, 1)),
    at: lineOf(series.lastObservedTime) || lineOf(event.lastTimestamp) || lineOf(event.eventTime),
  };
}

/** An event in words: `Reason: message`. */
export function eventText(event: ClusterEvent): string {
  return event.message === '' ? event.reason : `${event.reason}: ${event.message}`;
}
