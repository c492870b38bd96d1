import type { KubeObject } from '../domain/objects.ts';
import { applySetId } from '../domain/ownership.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { namespaceReady } from './namespace.ts';
import { liveAutoscalers } from './replicas.ts';
import type { ChangeRequest, ClusterDeps } from './requests.ts';
import { type Survey, survey } from './survey.ts';

/** What the plan needs to know of the cluster whatever is rendered. Every failure is told to whoever awaits it. */
export interface EarlyReads {
  /** See `namespaceReady`. */
  readonly ready: Promise<boolean>;
  readonly clusterUid: Promise<string>;
  /** The autoscalers in the namespace of the installation. */
  readonly autoscalers: Promise<readonly KubeObject[]>;
  /** Live metadata of what is recorded. */
  readonly recorded: Promise<Survey>;
}

/**
 * Begins to read what the plan will ask for, while the package is opened and rendered. Not to be begun before a question to the
 * user: the answer may take so long that what was read is not true any more.
 */
export function startReads(
  { cluster }: Pick<ClusterDeps, 'cluster'>,
  request: Pick<ChangeRequest, 'namespace' | 'name' | 'createNamespace'>,
  record: Promise<InstallationRecord | undefined>,
  signal: AbortSignal,
): EarlyReads {
  const { namespace, name, createNamespace } = request;
  const recorded = async (): Promise<Survey> => {
    const inventory = (await record)?.inventory ?? [];
    const options = { applySetId: applySetId(namespace, name), signal };
    return inventory.length === 0 ? new Map() : survey(cluster, inventory, options);
  };
  return {
    ready: begun(namespaceReady(cluster, namespace, createNamespace, signal)),
    clusterUid: begun(cluster.uid(signal)),
    autoscalers: begun(liveAutoscalers(cluster, namespace, signal)),
    recorded: begun(recorded()),
  };
}

/** A promise that may fail before anybody waits for it, or without that anybody ever does. */
export function begun<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
