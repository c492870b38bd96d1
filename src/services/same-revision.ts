import { sameOptions } from './options.ts';
import type { Prepared } from './prepare.ts';

/** True where the newest revision is deployed and was made from just this package and these options. */
export function isSameRevision(prepared: Prepared): boolean {
  const { record, stored } = prepared;
  return (
    record !== undefined &&
    stored !== undefined &&
    record.state === 'deployed' &&
    record.pending === undefined &&
    stored.package.contentDigest === prepared.package.resolved.contentDigest &&
    stored.package.catalog === prepared.package.resolved.catalog &&
    sameOptions(stored.options, prepared.options)
  );
}
