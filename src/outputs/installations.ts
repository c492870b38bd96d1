import type { InstallationSummary } from '../domain/release.ts';
import type { MixedList } from '../services/list-with-helm.ts';
import type { HistoryReport, InstallationList } from '../services/requests.ts';
import { apiVersion } from './api-version.ts';

/** What a list says of an installation, or of a release of Helm. */
export interface ListedInstallation extends Omit<InstallationSummary, 'state' | 'formatVersion'> {
  readonly state: string;
  readonly manager?: string;
}

/** What every output says of an installation. */
export function installationOutput(item: ListedInstallation) {
  const { name, namespace, catalog, app, version, appVersion, revision, state, updatedAt } = item;
  return { name, namespace, catalog, app, version, appVersion, revision, state, updatedAt };
}

/** Installations. */
export function installationListOutput({ items, limitedTo }: InstallationList) {
  return {
    apiVersion,
    kind: 'InstallationList' as const,
    items: items.map(installationOutput),
    ...(limitedTo === undefined ? {} : { limitedTo }),
  };
}

/** Installations and Helm's own releases in one list, by namespace and name, each with who manages it. */
export function withReleases(list: MixedList): readonly ListedInstallation[] {
  return [
    ...list.items.map((item) => ({ ...item, manager: 'appstore' })),
    ...list.releases.map((item) => ({ ...item, catalog: '', manager: 'helm' })),
  ].sort((a, b) => a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name));
}

/** Installations and Helm's own releases. */
export function mixedListOutput(list: MixedList) {
  return {
    apiVersion,
    kind: 'InstallationList' as const,
    items: withReleases(list).map((item) => ({ manager: item.manager, ...installationOutput(item) })),
    ...(list.limitedTo === undefined ? {} : { limitedTo: list.limitedTo }),
    problems: list.problems,
  };
}

/** The revisions of an installation, newest first. */
export function historyOutput({ record, revisions }: HistoryReport) {
  return {
    apiVersion,
    kind: 'RevisionList' as const,
    installation: installationOutput(record),
    items: revisions,
  };
}
