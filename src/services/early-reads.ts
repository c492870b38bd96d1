import { begun } from '../domain/begun.ts';
import type { KubeObject } from '../domain/objects.ts';
import { applySetId } from '../domain/ownership.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { askAhead, type KnownAccess } from './check-access.ts';
import { namespaceReady } from './namespace.ts';
import { autoscalerTypes, liveAutoscalers } from './replicas.ts';
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
  /** The rights that a rollback takes, whatever of what is recorded it deletes. */
  readonly rights?: Promise<KnownAccess>;
}

/**
 * Begins to read what the plan will ask for, while the package is opened and rendered. Not to be begun before a question to the
 * user: the answer may take so long that what was read is not true any more.
 * @param scaling What was asked already of the kinds of autoscalers that the cluster serves.
 */
export function startReads(
  { cluster }: Pick<ClusterDeps, 'cluster'>,
  request: Pick<ChangeRequest, 'operation' | 'namespace' | 'name' | 'createNamespace'>,
  record: Promise<InstallationRecord | undefined>,
  signal: AbortSignal,
  scaling = autoscalerTypes(cluster, signal),
): EarlyReads {
  const { namespace, name, createNamespace } = request;
  const recorded = async (): Promise<Survey> => {
    const inventory = (await record)?.inventory ?? [];
    const options = { applySetId: applySetId(namespace, name), signal };
    return inventory.length === 0 ? new Map() : survey(cluster, inventory, options);
  };
  // Nearly every rollback writes; of an upgrade it is not known yet.
  const rights = async (): Promise<KnownAccess> => {
    const inventory = (await record)?.inventory ?? [];
    const deletions = inventory.map((ref) => ({ ref, action: 'delete', checked: 'schema' }) as const);
    return askAhead(cluster, request, deletions, { namespaceExists: true }, signal);
  };
  return {
    ready: begun(namespaceReady(cluster, namespace, createNamespace, signal)),
    clusterUid: begun(cluster.uid(signal)),
    autoscalers: begun(liveAutoscalers(cluster, namespace, signal, scaling)),
    recorded: begun(recorded()),
    ...(request.operation === 'rollback' ? { rights: begun(rights()) } : {}),
  };
}
