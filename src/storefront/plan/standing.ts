import type { RevisionList } from '../api/types.ts';

type Revision = RevisionList['items'][number];

/** How a revision stands: as the record says, and `good` for the last one that worked where a newer one failed or was cut. */
export type Standing = Revision['result'] | 'good';

/** How each of the revisions stands, the newest first as the API lists them. */
export function standings(
  revisions: readonly Pick<Revision, 'number' | 'result'>[],
): ReadonlyMap<number, Standing> {
  return new Map(
    revisions.map(({ number, result }, at) => [number, result === 'deployed' && at > 0 ? 'good' : result]),
  );
}

/** The revision to go back to where the newest failed or was cut: the last that worked. Undefined where the newest works, or none did. */
export function goodRevision(revisions: readonly Pick<Revision, 'number' | 'result'>[]): number | undefined {
  return [...standings(revisions)].find(([, standing]) => standing === 'good')?.[0];
}
