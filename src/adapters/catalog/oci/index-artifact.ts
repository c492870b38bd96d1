import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isObject, type JsonObject, objectsIn } from '../../../domain/json.ts';
import { parseOciReference } from '../../../domain/oci-reference.ts';
import { IndexRefused } from '../helm/sections.ts';
import { type FoundManifest, isDigest, openRepository, type Repository } from './registry.ts';
import type { RegistrySettings } from './session.ts';
import { indexArtifact } from './types.ts';

/** Bytes of an index as it is packed, and unpacked. */
const longest = { packed: 64 * 1024 * 1024, unpacked: 256 * 1024 * 1024 } as const;

/** The index of a catalog in a registry, before it is downloaded. */
export interface FoundIndex {
  /** Of the manifest: it is another one whenever the index is. */
  readonly digest: string;
  /** Tags of the pushes that are in it (publish-index.ts). */
  readonly pushes: readonly string[];
  /** Downloads it. Throws IndexRefused, DIGEST_MISMATCH and what asking throws. */
  read(): AsyncIterable<Uint8Array>;
}

/** Where the index of a catalog lies. */
export interface IndexPlace {
  /** `oci://host/path` */
  readonly location: string;
  readonly registry: RegistrySettings;
}

/** The parts of `oci://host/path`, below which the repositories of the apps lie. */
export function placeOf(location: string): { readonly host: string; readonly path: string } {
  const read = parseOciReference(`${location.replace(/\/+$/, '')}/app`);
  if (typeof read === 'string') throw new IndexRefused(`is at no address of a registry: ${read}`);
  return { host: read.host, path: read.repository.split('/').slice(0, -1).join('/') };
}

/** The repository of an app, or of the index, of a catalog. */
export function repositoryIn(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}

/** Host and name of the repository of the index. */
export function indexRepository(location: string): readonly [host: string, repository: string] {
  const { host, path } = placeOf(location);
  return [host, repositoryIn(path, indexArtifact.repository)];
}

/** Asks a registry whether there is an index under a tag, that of all unless told. Undefined where there is none. */
export async function findIndex(
  settings: RegistrySettings,
  location: string,
  signal: AbortSignal,
  tag: string = indexArtifact.tag,
): Promise<FoundIndex | undefined> {
  const repository = openRepository(settings, ...indexRepository(location));
  const manifest = await repository.manifest(tag, signal);
  return manifest === undefined ? undefined : readFound(repository, manifest, signal);
}

/** The same of the index of all, unless it is the one of the digest that is known: then `unchanged`. */
export async function findNewIndex(
  settings: RegistrySettings,
  location: string,
  known: string,
  signal: AbortSignal,
): Promise<FoundIndex | 'unchanged' | undefined> {
  const repository = openRepository(settings, ...indexRepository(location));
  const manifest = await repository.newManifest(indexArtifact.tag, known, signal);
  return typeof manifest === 'object' ? readFound(repository, manifest, signal) : manifest;
}

function readFound(repository: Repository, manifest: FoundManifest, signal: AbortSignal): FoundIndex {
  const layer = objectsIn(manifest.content.layers).find(
    ({ mediaType }) => mediaType === indexArtifact.content,
  );
  const { digest, size } = layer ?? {};
  if (!isDigest(digest) || typeof size !== 'number') throw new IndexRefused('is no index of a catalog');
  if (!(size >= 0 && size <= longest.packed))
    throw new IndexRefused(`has ${size} bytes; at most ${longest.packed} are read`);
  return {
    digest: manifest.digest,
    pushes: pushesIn(manifest.content),
    async *read() {
      yield* unpacked(await repository.blob({ digest, size }, signal));
    },
  };
}

function pushesIn({ annotations }: JsonObject): readonly string[] {
  const text = isObject(annotations) ? annotations[indexArtifact.pushes] : undefined;
  return typeof text === 'string' ? text.split(' ') : [];
}

async function* unpacked(packed: Buffer): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  const gunzip = Readable.from([packed]).pipe(createGunzip());
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > longest.unpacked) throw new IndexRefused(`unpacks to more than ${longest.unpacked} bytes`);
      yield chunk;
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw code.startsWith('Z_') ? new IndexRefused('is damaged or cut off') : error;
  }
}
