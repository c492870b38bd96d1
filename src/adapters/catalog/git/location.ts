import { LOCAL_CATALOG } from '../../../domain/catalog-names.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import {
  formatGitReference,
  type GitReference,
  isGitAddress,
  parseGitReference,
} from '../../../domain/git-reference.ts';
import type { LocationKind } from '../location.ts';
import { checkedMetadata } from '../metadata.ts';
import { packageOf } from '../opened.ts';
import { readPackageFolder } from '../read-folder.ts';
import { type CheckoutSettings, checkOut } from './checkout.ts';

/** Packages in a repository: `git+https://host/repository.git#v1.2:charts/web`. What is recorded of it is the commit. */
export function gitLocation(settings: (address: string) => Promise<CheckoutSettings>): LocationKind {
  return {
    takes: isGitAddress,
    async read({ location, text }, signal) {
      const reference = readGitReference(location, text);
      const { commit, folder } = await checkOut(reference, await settings(reference.url), signal);
      const source = formatGitReference({ ...reference, ref: commit });
      if ((await checkedMetadata(folder, source)) === undefined) throw noPackage(source);
      return packageOf(await readPackageFolder(folder, source, signal), { catalog: LOCAL_CATALOG, source });
    },
  };
}

/** Throws USAGE. */
function readGitReference(location: string, text: string): GitReference {
  const reference = parseGitReference(location);
  if (typeof reference === 'string') throw new AppstoreError('USAGE', `\`${text}\`: ${reference}`);
  return reference;
}

function noPackage(source: string): AppstoreError {
  return new AppstoreError(
    'APP_NOT_FOUND',
    `${source} holds no app: there is no app.yaml or Chart.yaml in it.`,
    {
      hint: 'Name the folder that it lies in: `#ref:charts/web`. A repository of many apps is a catalog: `appstore catalog add NAME git+https://...`.',
    },
  );
}
