import type { KubeObject, ObjectRef } from './objects.ts';
import { indexName, ownershipKeys } from './ownership.ts';
import { cleanLine } from './text.ts';

/** Whoever may edit the namespace may edit a Lease: whatever it says, nobody waits longer than this for a dead holder. */
const longestDuration = 300;

/** Seconds that a Lease lasts without being renewed, unless told otherwise. */
export const defaultLockSeconds = 15;

/** A lock on an installation as its Lease says (coordination.k8s.io/v1). */
export interface LeaseState {
  /** For people; `''` where it was let go of. */
  readonly holder: string;
  /** Milliseconds without renewal after which it counts as abandoned. */
  readonly duration: number;
  /** When the holder took it, by the holder's clock; for people, never to judge by. */
  readonly since: string;
  /** Another text whenever somebody wrote the Lease. */
  readonly version: string;
  readonly object: KubeObject;
}

/** The Lease of an installation. */
export function leaseRef({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): ObjectRef {
  return { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', namespace, name: indexName(name) };
}

interface NewLease {
  readonly namespace: string;
  readonly name: string;
  readonly holder: string;
  /** Whole seconds. */
  readonly seconds: number;
  readonly now: Date;
  /** The abandoned Lease that this one takes the place of. */
  readonly previous?: LeaseState;
}

/** A Lease that says who holds an installation from now on. */
export function newLease({ namespace, name, holder, seconds, now, previous }: NewLease): KubeObject {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: indexName(name),
      namespace,
      labels: { [ownershipKeys.installation]: name, [ownershipKeys.managedBy]: 'appstore' },
      ...(previous?.object.metadata.resourceVersion === undefined
        ? {}
        : { resourceVersion: previous.object.metadata.resourceVersion }),
    },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: seconds,
      acquireTime: microTime(now),
      renewTime: microTime(now),
      leaseTransitions: previous === undefined ? 0 : nextTransition(previous.object.spec?.leaseTransitions),
    },
  };
}

/** One more; the field holds 32 bits, and a number that somebody put at its end must not keep the lock from being taken. */
function nextTransition(before: unknown): number {
  const count = Number(before);
  return Number.isInteger(count) && count >= 0 && count < 2 ** 31 - 1 ? count + 1 : 1;
}

/** The same Lease, renewed. */
export function renewedLease(lease: KubeObject, now: Date): KubeObject {
  return { ...lease, spec: { ...lease.spec, renewTime: microTime(now) } };
}

/** Reads a Lease that anybody may have written. */
export function readLease(object: KubeObject): LeaseState {
  const { holderIdentity, leaseDurationSeconds, acquireTime, renewTime } = object.spec ?? {};
  const seconds = Number(leaseDurationSeconds);
  const bounded = seconds >= 1 ? Math.min(seconds, longestDuration) : defaultLockSeconds;
  return {
    holder: typeof holderIdentity === 'string' ? holderIdentity : '',
    duration: bounded * 1000,
    since: typeof acquireTime === 'string' ? cleanLine(acquireTime, 40) : '',
    version: JSON.stringify([
      object.metadata.uid,
      object.metadata.resourceVersion,
      holderIdentity,
      renewTime,
    ]),
    object,
  };
}

/** MicroTime of Kubernetes: RFC 3339 with six digits of a second. */
function microTime(time: Date): string {
  return `${time.toISOString().slice(0, -1)}000Z`;
}
