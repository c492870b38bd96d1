import type { ObjectMeta } from '../../../domain/objects.ts';
import {
  type InstallationState,
  type InstallationSummary,
  installationStates,
  type PendingOperation,
  type RevisionResult,
  recordFormatVersion,
  stateOfOperation,
} from '../../../domain/release.ts';
import { annotations, installationOf } from './names.ts';
import { word } from './text.ts';

/** The state that `list` shows: of the operation under way, else of the newest result. */
export function stateOf(
  pending: PendingOperation | undefined,
  result: RevisionResult | undefined,
): InstallationState {
  if (pending !== undefined) return stateOfOperation[pending.operation];
  return result === 'deployed' ? 'deployed' : 'failed';
}

/** Writes the annotations that a list is made from. */
export function summaryAnnotations(
  summary: Omit<InstallationSummary, 'name' | 'namespace'>,
): Record<string, string> {
  return {
    [annotations.format]: String(summary.formatVersion),
    [annotations.catalog]: summary.catalog,
    [annotations.app]: summary.app,
    [annotations.version]: summary.version,
    [annotations.appVersion]: summary.appVersion,
    [annotations.revision]: String(summary.revision),
    [annotations.state]: summary.state,
    [annotations.updatedAt]: summary.updatedAt,
  };
}

/**
 * Reads a summary from metadata alone; undefined where the name is not that of an index. Anybody may have edited it: what
 * cannot be read is empty, so that one damaged index never hides the others.
 */
export function readSummary(metadata: ObjectMeta): InstallationSummary | undefined {
  const name = installationOf(metadata.name);
  if (name === undefined) return undefined;
  const text = (key: string) => word(metadata.annotations?.[key] ?? '');
  const count = (key: string) => (/^\d{1,9}$/.test(text(key)) ? Number(text(key)) : 0);
  return {
    name,
    namespace: metadata.namespace ?? '',
    catalog: text(annotations.catalog),
    app: text(annotations.app),
    version: text(annotations.version),
    appVersion: text(annotations.appVersion),
    revision: count(annotations.revision),
    state: installationStates.find((state) => state === text(annotations.state)) ?? 'failed',
    updatedAt: text(annotations.updatedAt),
    formatVersion: count(annotations.format) || recordFormatVersion,
  };
}
