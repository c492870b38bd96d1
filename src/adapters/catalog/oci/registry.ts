import { AppstoreError } from '../../../domain/errors.ts';
import { isObject, type Json, type JsonObject } from '../../../domain/json.ts';
import { failure } from '../http/errors.ts';
import { digestOf } from '../opened.ts';
import { type Answer, longestDocument, openSession, type RegistrySettings, type Session } from './session.ts';

/** A repository of a registry, for reading (OCI distribution spec 1.1). */
export interface Repository {
  /** All tags; undefined where there is no such repository. */
  tags(signal?: AbortSignal): Promise<readonly string[] | undefined>;
  /** A manifest by tag or digest, with its digest; undefined where there is none. */
  manifest(
    reference: string,
    signal?: AbortSignal,
  ): Promise<{ readonly digest: string; readonly content: JsonObject } | undefined>;
  /** A blob, checked against its digest and size. */
  blob(blob: { readonly digest: string; readonly size: number }, signal?: AbortSignal): Promise<Buffer>;
}

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
].join(', ');

const mostPages = 200;

/** Opens a repository. Nothing is asked before one of its methods is called; they throw as `readHttp` does, and DIGEST_MISMATCH. */
export function openRepository(settings: RegistrySettings, host: string, repository: string): Repository {
  const what = `oci://${host}/${repository}`;
  const { ask }: Session = openSession(settings, { host, repository, actions: 'pull' });
  return {
    tags: (signal) => readTags(what, (path) => ask(path, { limit: longestDocument }, signal), repository),
    manifest: async (reference, signal) => {
      const headers = { accept: manifestTypes };
      const answer = await ask(
        `/v2/${repository}/manifests/${reference}`,
        { limit: longestDocument, headers },
        signal,
      );
      return answer.status === 404 ? undefined : readManifest(what, reference, answer);
    },
    blob: async ({ digest, size }, signal) => {
      const answer = await ask(`/v2/${repository}/blobs/${digest}`, { limit: size }, signal);
      if (answer.status === 404)
        throw failure('CATALOG_UNREACHABLE', what, answer.url, 'a part of it is not there');
      requireDigest(what, digest, answer.bytes);
      return answer.bytes;
    },
  };
}

/** Pages follow one another by the Link header (RFC 8288), which may lead to no other server. */
async function readTags(
  what: string,
  ask: (path: string) => Promise<Answer>,
  repository: string,
): Promise<readonly string[] | undefined> {
  const tags: string[] = [];
  let path = `/v2/${repository}/tags/list?n=1000`;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await ask(path);
    if (answer.status === 404) return undefined;
    const list = parse(what, answer).tags;
    if (Array.isArray(list)) tags.push(...list.filter((tag) => typeof tag === 'string'));
    const next = /<([^>]*)>\s*;\s*rel="?next"?/i.exec(answer.header('link') ?? '')?.[1];
    if (next === undefined) return tags;
    const url = URL.parse(next, answer.url.href);
    if (url?.origin !== answer.url.origin)
      throw failure('CATALOG_UNREACHABLE', what, answer.url, 'its list of tags goes on at another server');
    path = `${url.pathname}${url.search}`;
  }
  throw failure(
    'CATALOG_INVALID',
    what,
    new URL(`oci://${what.slice(6)}`),
    `its list of tags has more than ${mostPages} pages`,
  );
}

function readManifest(what: string, reference: string, answer: Answer) {
  const told = reference.startsWith('sha256:') ? reference : answer.header('docker-content-digest');
  if (told?.startsWith('sha256:') === true) requireDigest(what, told, answer.bytes);
  return { digest: digestOf(answer.bytes), content: parse(what, answer) };
}

function requireDigest(what: string, digest: string, bytes: Uint8Array): void {
  const found = digestOf(bytes);
  if (found === digest) return;
  throw new AppstoreError('DIGEST_MISMATCH', `${what}: the registry gave ${found} for ${digest}.`);
}

function parse(what: string, answer: Answer): JsonObject {
  try {
    const value: Json = JSON.parse(answer.bytes.toString('utf8'));
    if (isObject(value)) return value;
  } catch {
    // told below
  }
  throw failure('CATALOG_INVALID', what, answer.url, 'it does not answer as a registry does (no JSON)', {
    hint: 'Check the address: is there a registry at this host?',
  });
}
