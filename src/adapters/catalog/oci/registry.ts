import { AppstoreError } from '../../../domain/errors.ts';
import { isObject, type Json, type JsonObject } from '../../../domain/json.ts';
import { isLoopback } from '../../kubernetes/proxy.ts';
import { type HttpAnswer, type HttpQuestion, readHttp } from '../http/client.ts';
import { failure, speaksNoTls } from '../http/errors.ts';
import type { Reach } from '../http/reach.ts';
import type { HttpSettings } from '../http/settings.ts';
import { digestOf } from '../opened.ts';
import { authorize } from './authorize.ts';
import { parseChallenge } from './challenge.ts';
import type { RegistryLogin } from './docker-config.ts';

export interface RegistrySettings {
  /** Its own credentials are not used: a registry says itself what it wants. */
  readonly http: HttpSettings;
  /** Asked when a registry wants to know who asks. */
  readonly login: (host: string) => Promise<RegistryLogin | undefined>;
  /** True where the registry is asked over plain HTTP; on this machine that is tried by itself. */
  readonly plainHttp?: boolean;
  /** Where the reference came from; absent where a person wrote it. */
  readonly from?: Reach;
}

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

type Answer = HttpAnswer & { readonly bytes: Buffer };

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
].join(', ');

/** Bytes of a manifest: registries end at 4 MiB. A page of a thousand tags has a tenth of it. */
const longestDocument = 4 * 1024 * 1024;
const mostPages = 200;

/** Opens a repository. Nothing is asked before one of its methods is called; they throw as `readHttp` does, and DIGEST_MISMATCH. */
export function openRepository(settings: RegistrySettings, host: string, repository: string): Repository {
  const what = `oci://${host}/${repository}`;
  let authorization: string | undefined;
  let base: Promise<URL> | undefined;
  const ask = async (
    path: string,
    question: Pick<HttpQuestion, 'limit' | 'headers'>,
    signal?: AbortSignal,
  ) => {
    base ??= baseOf(settings, host, what, signal);
    const url = new URL(path, await base);
    const send = () =>
      readHttp(
        { ...settings.http, credentials: async () => undefined },
        {
          ...question,
          what,
          url,
          also: [401, 404],
          ...(authorization === undefined ? {} : { authorization }),
          ...(settings.from === undefined ? {} : { from: settings.from }),
          ...(signal === undefined ? {} : { signal }),
        },
      );
    const first = await send();
    if (first.status !== 401) return first;
    authorization = await answerTo(settings, { host, repository, what, url }, first, signal);
    const second = await send();
    if (second.status !== 401) return second;
    throw failure('CATALOG_FORBIDDEN', what, url, 'the registry does not accept the credentials', {
      hint: `Log in anew with \`docker login ${host}\` or \`helm registry login ${host}\`; the repository may be another one, too.`,
    });
  };
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

/** By TLS, unless plain HTTP was asked for; on this machine whichever it speaks. */
async function baseOf(
  settings: RegistrySettings,
  host: string,
  what: string,
  signal?: AbortSignal,
): Promise<URL> {
  const api = host === 'docker.io' ? 'registry-1.docker.io' : host;
  const [secure, plain] = [new URL(`https://${api}/`), new URL(`http://${api}/`)];
  if (settings.plainHttp === true) return plain;
  if (!isLoopback(secure.hostname.replace(/^\[|\]$/g, ''))) return secure;
  try {
    const question = { what, url: new URL('/v2/', secure), limit: longestDocument, also: [401, 404] };
    await readHttp(
      { ...settings.http, credentials: async () => undefined },
      {
        ...question,
        ...(signal === undefined ? {} : { signal }),
        ...(settings.from === undefined ? {} : { from: settings.from }),
      },
    );
    return secure;
  } catch (error) {
    if (speaksNoTls(error)) return plain;
    throw error;
  }
}

async function answerTo(
  settings: RegistrySettings,
  asked: { readonly host: string; readonly repository: string; readonly what: string; readonly url: URL },
  answer: Answer,
  signal?: AbortSignal,
): Promise<string> {
  const challenge = parseChallenge(answer.header('www-authenticate'));
  if (challenge === undefined)
    throw failure(
      'CATALOG_FORBIDDEN',
      asked.what,
      asked.url,
      'the server answers 401, and not how to log in',
    );
  return authorize({
    http: { ...settings.http, credentials: async () => undefined },
    what: asked.what,
    registry: new URL('/', asked.url),
    repository: asked.repository,
    challenge,
    login: await settings.login(asked.host),
    reach: answer.reach,
    ...(signal === undefined ? {} : { signal }),
  });
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
