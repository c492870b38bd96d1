import { HELM_CATALOG, LOCAL_CATALOG } from '../domain/catalog-names.ts';
import { AppstoreError } from '../domain/errors.ts';
import { isGitAddress, parseGitReference } from '../domain/git-reference.ts';
import { isCurrent } from '../domain/index-statement.ts';
import { parseOciReference } from '../domain/oci-reference.ts';
import { isCatalogName } from '../domain/reference.ts';
import { shownAddress } from '../domain/shown-address.ts';
import type { CatalogMaker, MadeCatalog, SignatureRequest } from './catalog-maker.ts';
import type {
  CatalogEntry,
  CatalogKind,
  CatalogReading,
  CatalogState,
  CatalogStore,
  CatalogVerification,
  GivenCredential,
} from './catalog-store.ts';
import { inParallel } from './parallel.ts';
import type { Catalog, Clock } from './ports.ts';

/** Hours after which what is kept of a catalog is called old. */
const maxAgeHours = 24;

export interface AddCatalogRequest extends Omit<CatalogEntry, 'kind' | 'trust'> {
  readonly credential?: GivenCredential;
}

/**
 * Adds a catalog under a name, after it was read once.
 *
 * @throws AppstoreError USAGE for a name or location that cannot be one, CATALOG_EXISTS, and what reading it throws
 */
export async function addCatalog(
  store: CatalogStore,
  { credential, ...entry }: AddCatalogRequest,
  signal: AbortSignal,
): Promise<CatalogReading & { readonly entry: CatalogEntry }> {
  checkName(entry.name);
  const kind = kindOf(entry.location);
  if (credential !== undefined) checkCredential(entry, kind);
  if ((entry.certFile === undefined) !== (entry.keyFile === undefined))
    throw usage('a client shows a certificate with its key', 'Give both --cert-file and --key-file.');
  if (entry.signedBy !== undefined && kind !== 'helm' && kind !== 'oci')
    throw usage(
      'a catalog of this kind is not signed',
      'What `appstore catalog build` and `catalog push` sign is a site (https://) or a registry (oci://).',
    );
  const whole: CatalogEntry = { ...entry, kind };
  return { entry: whole, ...(await store.add(whole, credential, signal)) };
}

/**
 * Pushes a catalog to a registry.
 *
 * @throws AppstoreError USAGE for what is no place in a registry, and what `CatalogMaker.push` throws
 */
export async function pushCatalog(
  maker: CatalogMaker,
  request: Omit<AddCatalogRequest, 'name'> & { readonly folder: string; readonly sign?: SignatureRequest },
  signal: AbortSignal,
): Promise<MadeCatalog> {
  const { credential, folder, sign, ...entry } = request;
  if (kindOf(entry.location) !== 'oci')
    throw usage(`\`${entry.location}\` is no place in a registry`, 'Write it as `oci://host/path`.');
  const target: CatalogEntry = { ...entry, name: '', kind: 'oci' };
  return maker.push(
    {
      folder,
      target,
      ...(credential === undefined ? {} : { credential }),
      ...(sign === undefined ? {} : { sign }),
    },
    signal,
  );
}

export type UpdateResult = { readonly name: string } & (
  | CatalogReading
  | {
      readonly outcome: 'failed';
      readonly error: AppstoreError;
      /** When what is kept here, and used on, was last what the server has; absent where there is nothing. */
      readonly checked?: Date;
    }
);

/**
 * Brings what is kept of catalogs up to date, of all of them unless some are named. One that cannot be read stops no other.
 *
 * @throws AppstoreError CATALOG_NOT_FOUND where a named one was not added
 */
export async function updateCatalogs(
  store: CatalogStore,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly UpdateResult[]> {
  return inParallel(await added(store, names), 4, (state) => updateOne(store, state, signal));
}

async function added(store: CatalogStore, names: readonly string[]): Promise<readonly CatalogState[]> {
  const all = await store.list();
  const unknown = names.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new AppstoreError(
      'CATALOG_NOT_FOUND',
      `no catalog \`${unknown}\` was added. There is: ${all.map(({ name }) => name).join(', ') || 'none'}.`,
    );
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

async function updateOne(
  store: CatalogStore,
  { name, checked }: CatalogState,
  signal: AbortSignal,
): Promise<UpdateResult> {
  try {
    return { name, ...(await store.update(name, signal)) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppstoreError)) throw error;
    return { name, outcome: 'failed', error, ...(checked === undefined ? {} : { checked }) };
  }
}

/** Catalogs of which what is kept here is older than a day, with the hours since. Asks no server. */
export async function staleCatalogs(
  catalogs: readonly Catalog[],
  clock: Pick<Clock, 'now'>,
): Promise<readonly { readonly name: string; readonly hours: number }[]> {
  const now = clock.now().getTime();
  const all = await Promise.all(
    catalogs.map(async (catalog) => {
      const checked = await catalog.lastChecked?.();
      return {
        name: catalog.name,
        hours: checked === undefined ? 0 : Math.floor((now - checked.getTime()) / 3_600_000),
      };
    }),
  );
  return all.filter(({ hours }) => hours >= maxAgeHours);
}

/** Catalogs with a signature that counts no more. Asks no server. */
export async function expiredCatalogs(
  catalogs: readonly Catalog[],
  clock: Pick<Clock, 'now'>,
): Promise<readonly { readonly name: string; readonly expired: Date }[]> {
  const all = await Promise.all(
    catalogs.map(async ({ name, signedFor }) => ({ name, signed: await signedFor?.() })),
  );
  return all.flatMap(({ name, signed }) =>
    signed === undefined || isCurrent(signed, clock.now())
      ? []
      : [{ name, expired: new Date(signed.expires) }],
  );
}

/**
 * Checks the signatures of catalogs, of all of them unless some are named.
 *
 * @throws AppstoreError CATALOG_NOT_FOUND where a named one was not added
 */
export async function verifyCatalogs(
  store: CatalogStore,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly CatalogVerification[]> {
  return inParallel(await added(store, names), 4, ({ name }) => store.verify(name, signal));
}

function checkName(name: string): void {
  if (!isCatalogName(name))
    throw usage(
      `\`${name}\` is no name of a catalog`,
      'Use lower-case letters, digits and hyphens, at most 63.',
    );
  if (name === LOCAL_CATALOG || name === HELM_CATALOG || name === 'builtin')
    throw usage(`\`${name}\` is a catalog of the program itself`, 'Choose another name.');
}

function kindOf(location: string): CatalogKind {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(location) ?? [];
  if (scheme === undefined) return 'folder';
  if (scheme.toLowerCase() === 'oci') {
    const bare = location.replace(/\/+$/, '');
    const own = parseOciReference(bare);
    if (typeof own !== 'string' && (own.version ?? own.digest) !== undefined)
      throw usage(`\`${shownAddress(location)}\`: a version is written in it`, forms);
    // The repositories of its apps lie below it; a host alone is a location, too.
    const below = parseOciReference(`${bare}/app`);
    if (typeof below === 'string') throw usage(`\`${shownAddress(location)}\`: ${below}`, formsFor(location));
    return 'oci';
  }
  if (isGitAddress(location)) {
    const read = parseGitReference(location);
    if (typeof read === 'string') throw usage(`\`${shownAddress(location)}\`: ${read}`, formsFor(location));
    return 'git';
  }
  const url = URL.parse(location);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw usage(`\`${shownAddress(location)}\` is no location of a catalog`, forms);
  if (url.username !== '' || url.password !== '')
    throw usage('a password is written in the address', loginHint);
  return 'helm';
}

const forms =
  'A catalog is a folder (`./apps`), a site or a Helm repository (`https://host/path`), a registry (`oci://host/path`), or a git repository (`git+https://host/repository.git#ref:folder`).';

const loginHint = 'Give it with --username NAME --password-stdin.';

/** What to do where a location cannot be read: an address with something before its host needs another way to log in. */
function formsFor(location: string): string {
  const isSsh = /^git\+ssh:/i.test(location);
  if (shownAddress(location) === location) return forms;
  return isSsh ? 'ssh uses the keys of its agent.' : loginHint;
}

function checkCredential(entry: Omit<CatalogEntry, 'kind'>, kind: CatalogKind): void {
  if (kind === 'folder') throw usage('a folder takes no credentials', forms);
  if (kind === 'git' && !/^git\+https?:/i.test(entry.location))
    throw usage(
      'a repository that is read over ssh or git://, or from disk, takes no password',
      'ssh uses the keys of its agent.',
    );
  const url = URL.parse(entry.location.replace(/^git\+/i, ''));
  const here = url !== null && /^(localhost|127\.|\[::1\])/.test(url.hostname);
  if (kind !== 'oci' && url?.protocol === 'http:' && !here && entry.plainHttp !== true)
    throw usage(
      'everybody on the way could read the credentials',
      'Use https, or add --plain-http if you trust the network.',
    );
}

function usage(message: string, hint: string): AppstoreError {
  return new AppstoreError('USAGE', message, { hint });
}
