import type { RevisionHead } from '../domain/release.ts';
import { sameOptions } from './options.ts';
import type { Prepared } from './prepared.ts';

/** True where the newest revision is deployed and was made from just this package and these options. */
export function isSameRevision(prepared: Prepared): boolean {
  const { record, stored, options } = prepared;
  return (
    record !== undefined &&
    stored !== undefined &&
    record.state === 'deployed' &&
    record.pending === undefined &&
    isFrom(stored, { package: prepared.package.resolved, options })
  );
}

/** True where a revision was made from just this package, of this catalog, and these options. */
export function isFrom(
  stored: Pick<RevisionHead, 'package' | 'options'>,
  wanted: Pick<RevisionHead, 'package' | 'options'>,
): boolean {
  return (
    stored.package.contentDigest === wanted.package.contentDigest &&
    stored.package.catalog === wanted.package.catalog &&
    sameOptions(stored.options, wanted.options)
  );
}
