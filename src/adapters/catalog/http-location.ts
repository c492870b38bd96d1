import { LOCAL_CATALOG } from '../../domain/catalog-names.ts';
import { AppstoreError } from '../../domain/errors.ts';
import { openArchive } from './archive/open-archive.ts';
import { readHttp } from './http/client.ts';
import { addressOf } from './http/errors.ts';
import type { HttpSettings } from './http/settings.ts';
import type { LocationKind } from './location.ts';
import { longestArchive } from './package-files.ts';

/** Archives on a web server: `https://host/x-1.2.3.tgz`. */
export function httpLocation(http: HttpSettings): LocationKind {
  return {
    takes: (location) => /^https?:\/\//i.test(location),
    async read({ location, text }, signal) {
      const url = URL.parse(location);
      if (url === null) throw new AppstoreError('USAGE', `\`${text}\` is no address`);
      const { bytes } = await readHttp(http, {
        what: 'the archive',
        url,
        limit: longestArchive,
        ...(signal === undefined ? {} : { signal }),
      });
      return openArchive(bytes, { catalog: LOCAL_CATALOG, source: addressOf(url) });
    },
  };
}
