import type { ResolvedPackage } from '../domain/app.ts';
import type { RecordsFor } from '../domain/plan.ts';
import type { RevisionHead } from '../domain/release.ts';
import { sameOptions } from './options.ts';
import type { Prepared } from './prepared.ts';

/**
 * Why the change makes a revision whatever the objects are; undefined where the newest one is deployed and was made from just this
 * package and these options (NEEDS row 23).
 */
export function recordsFor({ record, stored, options, package: wanted }: Prepared): RecordsFor | undefined {
  if (record === undefined || stored === undefined)
    return record?.pending === undefined ? 'first' : 'unfinished';
  if (record.pending !== undefined) return 'unfinished';
  if (record.state !== 'deployed') return 'failed';
  if (isFrom(stored, { package: wanted.resolved, options })) return undefined;
  return isSamePackage(stored.package, wanted.resolved) ? 'options' : 'package';
}

/** True where a revision was made from just this package, of this catalog, and these options. */
export function isFrom(
  stored: Pick<RevisionHead, 'package' | 'options'>,
  wanted: Pick<RevisionHead, 'package' | 'options'>,
): boolean {
  return isSamePackage(stored.package, wanted.package) && sameOptions(stored.options, wanted.options);
}

function isSamePackage(stored: ResolvedPackage, wanted: ResolvedPackage): boolean {
  return stored.contentDigest === wanted.contentDigest && stored.catalog === wanted.catalog;
}
