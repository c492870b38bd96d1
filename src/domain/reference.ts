import { validRange } from 'semver';
import type { AppReference } from './app.ts';
import { AppstoreError } from './errors.ts';

/** The catalog name of packages that are opened by location (`./folder`). No configured catalog may have it. */
export const LOCAL_CATALOG = 'local';

const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** DNS label (RFC 1123): app names become parts of object names and label values, which end at 63 characters. */
const LONGEST_NAME = 63;

const FORMS = 'An app is written as `name`, `catalog/name`, `name@version-or-range` or `./folder`.';

/**
 * Reads an app reference as a person writes it: `name`, `catalog/name`, either with `@version-or-range`, or the path of one
 * package (`.`, `./folder`, `../folder`, `/folder`), which stands by itself: `name` is then `''`, app.yaml has it.
 * A path is told from a name by its start alone, never by looking at the disk, so that a folder called `postgres` in the
 * working directory cannot take the place of the catalog's app.
 *
 * @throws AppstoreError USAGE
 */
export function parseReference(text: string): AppReference {
  if (text.trim() === '') throw usage(text, 'it is empty');
  if (isLocation(text)) return { text, name: '', location: text };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw usage(text, 'addresses are not something to install from');

  const at = text.indexOf('@');
  const path = at < 0 ? text : text.slice(0, at);
  const range = at < 0 ? undefined : readRange(text, text.slice(at + 1));
  const parts = path.split('/');
  if (parts.length > 2) throw usage(text, 'it has more than one `/`', folderHint(path));
  const [catalog, name = ''] = parts.length === 2 ? parts : [undefined, path];
  if (catalog !== undefined && name === '') throw usage(text, 'no name follows the `/`', folderHint(path));
  if (catalog !== undefined) checkName(text, 'catalog', catalog);
  checkName(text, 'app', name);
  return {
    text,
    name,
    ...(catalog === undefined ? {} : { catalog }),
    ...(range === undefined ? {} : { range }),
  };
}

/** Writes a reference so that `parseReference` reads the same again. */
export function formatReference(reference: Omit<AppReference, 'text'>): string {
  if (reference.location !== undefined) return reference.location;
  const catalog = reference.catalog === undefined ? '' : `${reference.catalog}/`;
  const range = reference.range === undefined ? '' : `@${reference.range}`;
  return `${catalog}${reference.name}${range}`;
}

function isLocation(text: string): boolean {
  return text === '.' || text === '..' || /^(\.{1,2})?[/\\]/.test(text);
}

function readRange(text: string, range: string): string {
  if (range.trim() === '') throw usage(text, 'no version follows the `@`');
  if (range === 'latest') {
    throw usage(text, '`latest` is not a version', 'Leave `@latest` out: the newest version is the default.');
  }
  if (validRange(range) === null) {
    throw usage(
      text,
      `\`${range}\` is neither a version nor a range`,
      'Write it like `1.4.0`, `1.4`, `^1.4` or `>=1.4 <2`.',
    );
  }
  return range;
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
  return new AppstoreError('USAGE', `\`${text}\` is not an app reference: ${why}.`, { hint });
}
