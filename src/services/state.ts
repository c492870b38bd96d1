import { AppstoreError } from '../domain/errors.ts';
import { requireInstallationName, requireNamespaceName } from '../domain/names.ts';
import type { InstallationRecord } from '../domain/release.ts';
import type { ChangeRequest, InstallationName } from './requests.ts';

/** Throws NAME_INVALID where a name or namespace is none that Kubernetes accepts, before anything is asked of the cluster. */
export function checkTarget({ namespace, name }: InstallationName): void {
  requireInstallationName(name);
  requireNamespaceName(namespace);
}

/** The number of the newest revision that there is; 0 where there is none. */
export function newestRevision(record: InstallationRecord | undefined): number {
  return (record?.revisions ?? []).reduce(
    (newest, revision) => Math.max(newest, revision.number),
    record?.revision ?? 0,
  );
}

/**
 * Whether the operation fits what the record says. An install goes on with one that failed or was cut, and is refused where one
 * is complete; an upgrade needs an installation; nothing is built on one that is being removed.
 */
export function checkState(request: ChangeRequest, record: InstallationRecord | undefined): void {
  const where = `${request.name} in namespace ${request.namespace}`;
  if (record === undefined) {
    if (request.operation === 'install') return;
    throw new AppstoreError('INSTALLATION_NOT_FOUND', `nothing is installed as ${where}`, {
      hint: 'Look with `appstore list -A --helm`; install it first, or take it over from Helm with `appstore adopt`.',
    });
  }
  if (record.state === 'removing') {
    throw new AppstoreError('OPERATION_RUNNING', `${where} is being removed`, {
      hint: `Finish with \`appstore remove ${request.name} -n ${request.namespace}\`, then install again.`,
    });
  }
  requireOwner(record);
  if (request.operation === 'install' && wasDeployed(record)) {
    throw new AppstoreError(
      'ALREADY_INSTALLED',
      `${where} is installed already (${record.app} ${record.version})`,
      {
        hint: `Change it with \`appstore upgrade ${request.name} -n ${request.namespace}\`, or install under another name.`,
      },
    );
  }
}

/**
 * Throws OPERATION_RUNNING where an installation is just being taken over from Helm or given back: until that is finished, nothing
 * else may be done to it.
 */
export function requireOwner({ name, namespace, state }: InstallationRecord): void {
  if (state !== 'adopting' && state !== 'returning') return;
  const where = `${name} in namespace ${namespace}`;
  const [what, goOn] =
    state === 'adopting' ? ['taken over from Helm', 'adopt'] : ['given back to Helm', 'adopt --back'];
  throw new AppstoreError('OPERATION_RUNNING', `${where} is being ${what}`, {
    hint: `Finish with \`appstore ${goOn} ${name} -n ${namespace}\`.`,
  });
}

/** True where a change of it is an upgrade; an install that failed or was cut is gone on with by another install. */
export function isInstalled(record: InstallationRecord | undefined): boolean {
  return record !== undefined && wasDeployed(record);
}

/** True once any revision was deployed: from then on only an upgrade changes the installation. */
function wasDeployed(record: InstallationRecord): boolean {
  return record.revisions.some(
    (revision) => revision.result === 'deployed' || revision.result === 'superseded',
  );
}
