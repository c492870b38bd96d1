import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppstoreError } from '../../../domain/errors.ts';
import { isObject, type Json, type JsonObject } from '../../../domain/json.ts';
import type { CatalogEntry, GivenCredential } from '../../../services/catalog-store.ts';
import { isMissing, writeAtomically } from '../../sandbox/files.ts';
import { withLock } from '../../sandbox/lock.ts';
import { keeping } from '../keeping.ts';

/** The catalogs that a person added, and what they gave to read them. */
export interface CatalogConfig {
  readonly catalogs: readonly CatalogEntry[];
  /** By name of the catalog. Kept in a file of its own, so that the other one can be shown and shared. */
  readonly credentials: Readonly<Record<string, GivenCredential>>;
  /** Nothing may be installed that no signed catalog lists. Written into `catalogs.json` by hand or by who sets up the machine. */
  readonly requireSigned?: boolean;
}

const files = { catalogs: 'catalogs.json', credentials: 'credentials.json' } as const;

const formatVersion = 1;

/**
 * Reads the catalogs of a configuration folder; none where there is no file.
 *
 * @throws AppstoreError CATALOG_INVALID where a file is damaged or of a newer format
 */
export async function readConfig(folder: string): Promise<CatalogConfig> {
  const [{ catalogs, requireSigned }, { credentials }] = await Promise.all([
    readFormat(join(folder, files.catalogs)),
    readFormat(join(folder, files.credentials)),
  ]);
  // A policy that cannot be understood must not be taken for none.
  if (requireSigned !== undefined && typeof requireSigned !== 'boolean')
    throw damaged(join(folder, files.catalogs), '`requireSigned` is neither true nor false');
  const all: readonly unknown[] = Array.isArray(catalogs) ? catalogs : [];
  const listed = all.filter(isEntry);
  return {
    catalogs: listed,
    credentials: credentialsOf(credentials),
    ...(requireSigned === undefined ? {} : { requireSigned }),
  };
}

/**
 * Changes the configuration while nobody else does: read, changed, and written in one step each, under a lock that ends with its
 * process.
 *
 * @throws AppstoreError FILE_UNWRITABLE, and what `change` throws
 */
export async function changeConfig(
  folder: string,
  signal: AbortSignal,
  change: (config: CatalogConfig) => CatalogConfig,
): Promise<void> {
  await keeping(folder, 'XDG_CONFIG_HOME', async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await withLock(folder, 'catalogs', { signal, onWait: () => {} }, async () => {
      const { credentials, ...shown } = change(await readConfig(folder));
      await writeAtomically(join(folder, files.credentials), asText({ credentials }));
      await writeAtomically(join(folder, files.catalogs), asText(shown));
    });
  });
}

function asText(content: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ formatVersion, ...content }, null, 2)}\n`;
}

async function readFormat(file: string): Promise<JsonObject> {
  const content = await readJsonFile(file);
  if (content === undefined) return {};
  if (!isObject(content) || typeof content.formatVersion !== 'number')
    throw damaged(file, 'it has no `formatVersion`');
  if (content.formatVersion > formatVersion)
    throw new AppstoreError('CATALOG_INVALID', `${file} was written by a newer version of appstore.`, {
      hint: 'Use that version or a newer one.',
    });
  return content;
}

async function readJsonFile(file: string): Promise<Json | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Json;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw damaged(file, error instanceof Error ? error.message : String(error), error);
  }
}

function damaged(file: string, why: string, cause?: unknown): AppstoreError {
  return new AppstoreError('CATALOG_INVALID', `${file} cannot be read: ${why}`, {
    hint: 'Correct the file, or delete it and add the catalogs again.',
    cause,
  });
}

function isEntry(value: unknown): value is CatalogEntry {
  return (
    isObject(value) && [value.name, value.kind, value.location].every((text) => typeof text === 'string')
  );
}

function credentialsOf(value: Json | undefined): Readonly<Record<string, GivenCredential>> {
  const all = isObject(value) ? Object.entries(value) : [];
  return Object.fromEntries(
    all.filter((entry): entry is [string, GivenCredential] => isCredential(entry[1])),
  );
}

function isCredential(value: unknown): value is GivenCredential {
  if (!isObject(value)) return false;
  if (value.kind === 'bearer') return typeof value.token === 'string';
  return value.kind === 'basic' && typeof value.username === 'string' && typeof value.password === 'string';
}
