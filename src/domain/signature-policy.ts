import { AppstoreError } from './errors.ts';
import { type IndexStatement, isCurrent } from './index-statement.ts';
import { cleanLine } from './text.ts';

export interface Expectation {
  /** What the user calls the catalog. */
  readonly name: string;
  /** What it calls itself under its signatures; absent before the first one. */
  readonly as?: string;
  /** The newest statement that was ever believed. */
  readonly seen?: Pick<IndexStatement, 'version' | 'digest'>;
  readonly now: Date;
}

/**
 * Whether a statement by the right key is the one that is wanted now (TUF 5.4 and 5.5: rollback and freeze).
 *
 * @throws AppstoreError SIGNATURE_INVALID for another catalog's or a second index under one version, SIGNATURE_OLDER, SIGNATURE_EXPIRED
 */
export function requireWanted(statement: IndexStatement, { name, as, seen, now }: Expectation): void {
  if (as !== undefined && statement.catalog !== as)
    throw new AppstoreError(
      'SIGNATURE_INVALID',
      `the index of catalog \`${name}\` is signed as that of another catalog: ${statement.catalog} in place of ${cleanLine(as)}.`,
    );
  if (seen !== undefined && statement.version < seen.version)
    throw new AppstoreError(
      'SIGNATURE_OLDER',
      `the server of catalog \`${name}\` gives version ${statement.version} of the index, and ${seen.version} was there before.`,
    );
  if (seen !== undefined && statement.version === seen.version && statement.digest !== seen.digest)
    throw new AppstoreError(
      'SIGNATURE_INVALID',
      `catalog \`${name}\` has two indexes that are both signed as version ${seen.version}.`,
      {
        hint: 'Whoever runs it has to sign anew. Builds go on from the site that is served, one after the other.',
      },
    );
  requireCurrent(statement, name, now);
}

/** Throws SIGNATURE_EXPIRED. */
export function requireCurrent(statement: Pick<IndexStatement, 'expires'>, name: string, now: Date): void {
  if (isCurrent(statement, now)) return;
  throw new AppstoreError(
    'SIGNATURE_EXPIRED',
    `the signature over the index of catalog \`${name}\` counted until ${statement.expires}.`,
  );
}
