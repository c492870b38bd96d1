import type { JsonObject } from '../../../domain/json.ts';
import { failure } from '../http/errors.ts';
import { digestOf } from '../opened.ts';
import { reasonIn } from './refusals.ts';
import {
  type Answer,
  busy,
  longestDocument,
  openSession,
  type RegistrySettings,
  untilPassed,
} from './session.ts';
import { manifestType } from './types.ts';

/** A blob as manifests name it. */
interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface PutManifest {
  readonly digest: string;
  readonly size: number;
  /** The registry says that it lists referrers by itself. */
  readonly listed: boolean;
}

/** A repository of a registry, for writing (OCI distribution spec 1.1, "Push"). */
export interface Uploads {
  /** Uploads a blob, unless it is there. */
  blob(mediaType: string, bytes: Uint8Array, signal: AbortSignal): Promise<Descriptor>;
  /** What a manifest will be called, before it is put. */
  describe(content: JsonObject): { readonly digest: string; readonly size: number };
  /** Puts a manifest under a tag, or its digest. */
  manifest(reference: string, content: JsonObject, signal: AbortSignal): Promise<PutManifest>;
}

interface Body {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** Answers that are no failure, besides 201. */
  readonly also?: readonly number[];
}

/** Opens a repository for writing. Its methods throw CATALOG_FORBIDDEN, CATALOG_UNREACHABLE. */
export function openUploads(settings: RegistrySettings, host: string, repository: string): Uploads {
  const session = openSession(settings, { host, repository, actions: 'pull,push' });
  const what = `oci://${host}/${repository}`;

  const put = (to: string | URL, { type, bytes, also = [] }: Body, signal: AbortSignal) => {
    const headers = { 'content-type': type, 'content-length': String(bytes.length) };
    const write = { method: 'PUT', body: bytes } as const;
    return session.ask(to, { limit: longestDocument, write, headers, also: [201, ...also] }, signal);
  };

  function requireTaken(answer: Answer, named: string): void {
    if (answer.status === 201) return;
    const why = [answer.status, reasonIn(answer.bytes)].filter((one) => one !== undefined).join(': ');
    throw failure('CATALOG_UNREACHABLE', what, answer.url, `the registry refuses ${named} (${why})`);
  }

  /** Where the registry is busy its answer is that. */
  async function upload(bytes: Uint8Array, digest: string, signal: AbortSignal): Promise<Answer> {
    const begun = await session.ask(
      `/v2/${repository}/blobs/uploads/`,
      {
        limit: longestDocument,
        write: { method: 'POST' },
        headers: { 'content-length': '0' },
        also: [202, ...busy],
      },
      signal,
    );
    if (busy.includes(begun.status)) return begun;
    const location = begun.header('location');
    if (begun.status !== 202 || location === undefined)
      throw failure('CATALOG_UNREACHABLE', what, begun.url, 'the registry takes no upload');
    const target = new URL(location, begun.url);
    target.searchParams.set('digest', digest);
    return put(target, { type: 'application/octet-stream', bytes, also: busy }, signal);
  }

  return {
    async blob(mediaType, bytes, signal) {
      const digest = digestOf(bytes);
      const descriptor = { mediaType, digest, size: bytes.length };
      const found = await session.ask(
        `/v2/${repository}/blobs/${digest}`,
        { limit: longestDocument, write: { method: 'HEAD' } },
        signal,
      );
      if (found.status === 200) return descriptor;
      // The address that a registry gives for an upload is used up by one try, so it is begun anew.
      const isBusy = ({ status }: Answer) => busy.includes(status);
      requireTaken(await untilPassed(() => upload(bytes, digest, signal), isBusy, signal), 'the upload');
      return descriptor;
    },
    describe(content) {
      const bytes = manifestBytes(content);
      return { digest: digestOf(bytes), size: bytes.length };
    },
    async manifest(reference, content, signal) {
      const bytes = manifestBytes(content);
      const type = typeof content.mediaType === 'string' ? content.mediaType : manifestType;
      const path = `/v2/${repository}/manifests/${reference}`;
      const answer = await put(path, { type, bytes }, signal);
      requireTaken(answer, 'the manifest');
      const listed = answer.header('oci-subject') !== undefined;
      return { digest: digestOf(bytes), size: bytes.length, listed };
    },
  };
}

function manifestBytes(content: JsonObject): Buffer {
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, ...content }));
}
