import type { AppReference, ResolvedPackage } from './app.ts';
import { LOCAL_CATALOG } from './catalog-names.ts';
import { AppstoreError } from './errors.ts';
import { parseGitReference } from './git-reference.ts';
import { parseHelmRange } from './helm-version.ts';
import { type OciReference, parseOciReference } from './oci-reference.ts';
import { shownAddress } from './shown-address.ts';
import { cleanLine } from './text.ts';

const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** Names that repositories have besides: told from a mistyped name by the catalog before it. */
export const CHART_NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** DNS label (RFC 1123): app names become parts of object names and label values, which end at 63 characters. */
const LONGEST_NAME = 63;

const FORMS =
  'An app is written as `name`, `catalog/name`, `name@version-or-range`, `./folder`, `./archive.tgz`, `https://host/archive.tgz`, `oci://host/path:version` or `git+https://host/repository.git#ref:folder`.';

/**
 * Reads an app reference as a person writes it: `name`, `catalog/name`, either with `@version-or-range`, or the location of one
 * package, which stands by itself: `name` is then `''`, the package has it. Locations are paths of a folder or archive (`.`,
 * `./folder`, `../x.tgz`, `/folder`), addresses of an archive (`https://...`), and repositories of a registry
 * (`oci://host/path`, with `:version`, `@range` or `@sha256:...`).
 * Folders of git repositories are named `git+https://host/repository.git#ref:folder`.
 * A path is told from a name by its start alone, never by looking at the disk, so that a folder called `postgres` in the
 * working directory cannot take the place of the catalog's app.
 *
 * @throws AppstoreError USAGE
 */
export function parseReference(text: string): AppReference {
  if (text.trim() === '') throw usage(text, 'it is empty');
  if (isLocation(text)) return { text, name: '', location: text };
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? [];
  if (scheme !== undefined) return readAddress(text, scheme.toLowerCase());

  const at = text.indexOf('@');
  const path = at < 0 ? text : text.slice(0, at);
  const range = at < 0 ? undefined : readRange(text, text.slice(at + 1));
  const parts = path.split('/');
  if (parts.length > 2) throw usage(text, 'it has more than one `/`', folderHint(path));
  const [catalog, name = ''] = parts.length === 2 ? parts : [undefined, path];
  if (catalog !== undefined && name === '') throw usage(text, 'no name follows the `/`', folderHint(path));
  if (catalog !== undefined) checkName(text, 'catalog', catalog);
  if (catalog === undefined || !CHART_NAME.test(name)) checkName(text, 'app', name);
  return {
    text,
    name,
    ...(catalog === undefined ? {} : { catalog }),
    ...(range === undefined ? {} : { range }),
  };
}

/** Writes a reference so that `parseReference` reads the same again. */
export function formatReference(reference: Omit<AppReference, 'text'>): string {
  const { location } = reference;
  if (location !== undefined)
    return reference.range === undefined ? location : `${location}@${reference.range}`;
  const catalog = reference.catalog === undefined ? '' : `${reference.catalog}/`;
  const range = reference.range === undefined ? '' : `@${reference.range}`;
  return `${catalog}${reference.name}${range}`;
}

/** What names the same app again, whatever other catalogs have; for commands that are shown. */
export function referenceTo({ catalog, name, source }: ResolvedPackage): string {
  return cleanLine(catalog === LOCAL_CATALOG ? source : `${catalog}/${name}`);
}

function readAddress(text: string, scheme: string): AppReference {
  if (scheme === 'oci') return ofOci(text, readOci(text));
  if (scheme.startsWith('git+')) {
    const read = parseGitReference(text);
    if (typeof read === 'string') throw usage(text, read, namesUser(read) ? loginHint : gitForm);
    return { text, name: '', location: text };
  }
  if (scheme !== 'https' && scheme !== 'http')
    throw usage(text, `\`${scheme}://\` is nothing to install from`);
  const url = URL.parse(text);
  if (url === null) throw usage(text, 'it is no address');
  if (url.username !== '' || url.password !== '') throw usage(text, 'a password is written in it', loginHint);
  return { text, name: '', location: text };
}

/** True where the address is refused for what stands before its host. */
function namesUser(why: string): boolean {
  return why === 'a password is written in it' || why === 'a user is written in it';
}

const registryHint = 'Write it like `oci://host/path/app:1.4.0`, and log in with `docker login`.';

const gitForm =
  'Write it like `git+https://host/repository.git#v1.2:charts/web`: a branch, tag or commit, and the folder of the app.';

const loginHint =
  'Put user and password into `~/.netrc`, or add the server as a catalog with `appstore catalog add`.';

function readOci(text: string): OciReference {
  const read = parseOciReference(text);
  if (typeof read === 'string')
    throw usage(text, read, namesUser(read) ? registryHint : 'Write it like `oci://host/path/app:1.4.0`.');
  return read;
}

/** A digest is exact and stays a part of the location; a tag or range chooses among versions. */
function ofOci(text: string, { host, repository, digest, version }: OciReference): AppReference {
  const location = `oci://${host}/${repository}`;
  if (digest !== undefined) return { text, name: '', location: `${location}@${digest}` };
  return { text, name: '', location, ...(version === undefined ? {} : { range: version }) };
}

function isLocation(text: string): boolean {
  return text === '.' || text === '..' || /^(\.{1,2})?[/\\]/.test(text);
}

function readRange(text: string, range: string): string {
  if (range.trim() === '') throw usage(text, 'no version follows the `@`');
  if (range === 'latest') {
    throw usage(text, '`latest` is not a version', 'Leave `@latest` out: the newest version is the default.');
  }
  if (parseHelmRange(range) === undefined) {
    throw usage(
      text,
      `\`${range}\` is neither a version nor a range`,
      'Write it like `1.4.0`, `1.4`, `^1.4` or `>=1.4 <2`.',
    );
  }
  return range;
}

/** True for what a catalog may be called. */
export function isCatalogName(name: string): boolean {
  return name.length <= LONGEST_NAME && NAME.test(name);
}

function checkName(text: string, what: 'app' | 'catalog', name: string): void {
  if (name.length > LONGEST_NAME) {
    throw usage(text, `the ${what} name is longer than ${LONGEST_NAME} characters`);
  }
  if (NAME.test(name)) return;
  const lower = name.toLowerCase();
  const hint = lower !== name && NAME.test(lower) ? `Names are in lower case: \`${lower}\`.` : undefined;
  throw usage(text, `\`${name}\` is not a name (lower-case letters, digits and hyphens)`, hint);
}

function folderHint(path: string): string {
  return `For a folder begin with \`./\`: \`./${path}\`. ${FORMS}`;
}

function usage(text: string, why: string, hint: string = FORMS): AppstoreError {
  return new AppstoreError('USAGE', `\`${shownAddress(text)}\` is not an app reference: ${why}.`, { hint });
}
