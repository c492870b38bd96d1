import { type Icon, iconOf } from '../domain/icon.ts';
import { parseReference } from '../domain/reference.ts';
import type { SearchQuery } from '../domain/search.ts';
import { type FoundApps, openApp, readPackage, searchApps, showApp } from '../services/browse.ts';
import type { Clock } from '../services/ports.ts';
import type { AppDetails, BrowseDeps } from '../services/requests.ts';

/** How long an answer of the catalogs counts, milliseconds: an operator's change is seen after that. */
const fresh = 15_000;
const mostSearches = 500;
const mostApps = 200;

/** The catalogs of the server, read once for many callers. */
export interface Shelf {
  deps(): Promise<BrowseDeps>;
  search(query: SearchQuery): Promise<FoundApps>;
  show(reference: string): Promise<AppDetails>;
  /** The reason where there is one that cannot be shown; undefined where there is none. */
  icon(reference: string): Promise<Icon | string | undefined>;
}

/** Answers of one reading of the catalogs. */
interface Reading {
  readonly deps: Promise<BrowseDeps>;
  readonly until: number;
  readonly searches: Map<string, Promise<FoundApps>>;
  readonly apps: Map<string, Promise<AppDetails>>;
  readonly icons: Map<string, Promise<Icon | string | undefined>>;
}

/** Who comes at the same time is answered by the same reading; what failed is asked anew by the next one. */
export function createShelf(open: () => Promise<BrowseDeps>, clock: Clock): Shelf {
  let reading: Reading | undefined;
  const current = (): Reading => {
    if (reading !== undefined && reading.until > clock.monotonic()) return reading;
    const deps = open();
    const made: Reading = {
      deps,
      until: clock.monotonic() + fresh,
      searches: new Map(),
      apps: new Map(),
      icons: new Map(),
    };
    deps.catch(() => {
      if (reading === made) reading = undefined;
    });
    reading = made;
    return made;
  };
  return {
    deps: () => current().deps,
    search(query) {
      const { deps, searches } = current();
      const key = JSON.stringify([query.text, query.category]);
      return kept(searches, key, mostSearches, async () => searchApps(await deps, query));
    },
    show(reference) {
      const { deps, apps } = current();
      return kept(apps, reference, mostApps, async () => showApp(await deps, parseReference(reference)));
    },
    icon(reference) {
      const { deps, icons } = current();
      return kept(icons, reference, mostApps, async () => {
        const opened = await openApp(await deps, parseReference(reference));
        const { description } = await readPackage(await deps, opened);
        return iconOf(description.metadata.icon, opened.files);
      });
    },
  };
}

/** The answer that is kept, or a new one; the oldest goes where there are too many. */
function kept<T>(
  answers: Map<string, Promise<T>>,
  key: string,
  most: number,
  make: () => Promise<T>,
): Promise<T> {
  const found = answers.get(key);
  if (found !== undefined) return found;
  if (answers.size >= most) answers.delete(answers.keys().next().value ?? '');
  const made = make();
  answers.set(key, made);
  made.catch(() => answers.delete(key));
  return made;
}
