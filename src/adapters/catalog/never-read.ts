import { AppstoreError } from '../../domain/errors.ts';

/** Nobody knows what a catalog has of which nothing is kept here. */
export function neverRead(name: string): AppstoreError {
  return new AppstoreError(
    'CATALOG_INVALID',
    `catalog \`${name}\` was never read on this machine, or what was kept of it is gone.`,
    {
      hint: `Read it with \`appstore catalog update ${name}\`, or remove it with \`appstore catalog remove ${name}\`.`,
    },
  );
}
