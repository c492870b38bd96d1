import { AppstoreError } from '../../../domain/errors.ts';
import { isObject, type Json, type JsonObject, objectsIn } from '../../../domain/json.ts';
import { failure } from '../http/errors.ts';
import { digestOf } from '../opened.ts';
import { type Answer, longestDocument, openSession, type RegistrySettings, type Session } from './session.ts';
import { listType } from './types.ts';

/** A repository of a registry, for reading (OCI distribution spec 1.1). */
export interface Repository {
  /** All tags; undefined where there is no such repository. */
  tags(signal?: AbortSignal): Promise<readonly string[] | undefined>;
  /** A manifest by tag or digest, with its digest; undefined where there is none. */
  manifest(reference: string, signal?: AbortSignal): Promise<FoundManifest | undefined>;
  /** The same of a tag, unless it is the one of the digest that is known: then `unchanged`. One conditional request. */
  newManifest(
    tag: string,
    known: string,
    signal?: AbortSignal,
  ): Promise<FoundManifest | 'unchanged' | undefined>;
  /** Digests of the manifests of a type that refer to another one. */
  referrers(subject: string, artifactType: string, signal?: AbortSignal): Promise<readonly string[]>;
  /** A blob, checked against its digest and size. */
  blob(blob: { readonly digest: string; readonly size: number }, signal?: AbortSignal): Promise<Buffer>;
}

export interface FoundManifest {
  readonly digest: string;
  readonly content: JsonObject;
}

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  listType,
].join(', ');

const mostPages = 200;

/** Opens a repository. Nothing is asked before one of its methods is called; they throw as `readHttp` does, and DIGEST_MISMATCH. */
export function openRepository(settings: RegistrySettings, host: string, repository: string): Repository {
  const what = `oci://${host}/${repository}`;
  const { ask }: Session = openSession(settings, { host, repository, actions: 'pull' });
  const askManifest = (reference: string, known: string | undefined, signal?: AbortSignal) =>
    ask(
      `/v2/${repository}/manifests/${reference}`,
      {
        limit: longestDocument,
        headers: {
          accept: manifestTypes,
          ...(known === undefined ? {} : { 'if-none-match': `"${known}"` }),
        },
        ...(known === undefined ? {} : { also: [304] }),
      },
      signal,
    );
  const manifest = async (reference: string, signal?: AbortSignal) => {
    const answer = await askManifest(reference, undefined, signal);
    return answer.status === 404 ? undefined : readManifest(what, reference, answer);
  };
  return {
    tags: (signal) => readTags(what, (path) => ask(path, { limit: longestDocument }, signal), repository),
    manifest,
    newManifest: async (tag, known, signal) => {
      const answer = await askManifest(tag, known, signal);
      if (answer.status === 404) return undefined;
      const found = answer.status === 304 ? undefined : readManifest(what, tag, answer);
      return found === undefined || found.digest === known ? 'unchanged' : found;
    },
    referrers: async (subject, artifactType, signal) => {
      const type = encodeURIComponent(artifactType);
      const answer = await ask(
        `/v2/${repository}/referrers/${subject}?artifactType=${type}`,
        { limit: longestDocument, headers: { accept: listType } },
        signal,
      );
      const list =
        answer.status === 200
          ? parse(what, answer)
          : (await manifest(referrersTag(subject), signal))?.content;
      // Registries need not heed the type that is asked for.
      const fitting = objectsIn(list?.manifests).filter((one) => one.artifactType === artifactType);
      return fitting.map(({ digest }) => digest).filter(isDigest);
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

/** The tag that stands in for a list of referrers where a registry has none: `sha256:ab` -> `sha256-ab`. */
export function referrersTag(subject: string): string {
  return subject.replace(':', '-');
}

/** True for the digest of a blob or manifest. */
export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value);
}

function readManifest(what: string, reference: string, answer: Answer): FoundManifest {
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
