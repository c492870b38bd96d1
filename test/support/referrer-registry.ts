import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type WebServer, webServer } from './web-server.ts';

interface Manifest {
  readonly type: string;
  readonly body: Buffer;
}

export interface ReferrerRegistry extends WebServer {
  /** `127.0.0.1:1234` */
  readonly host: string;
  /** Manifests by `repository@digest` and `repository:tag`. A test may change them. */
  readonly manifests: Map<string, Manifest>;
  readonly blobs: Map<string, Buffer>;
}

/** A registry that can be pushed to; with the API for referrers (OCI distribution spec 1.1) or, as older ones, without. */
export async function referrerRegistry(options: { readonly referrers: boolean }): Promise<ReferrerRegistry> {
  const manifests = new Map<string, Manifest>();
  const blobs = new Map<string, Buffer>();
  const server = await webServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://registry');
    const [, repository = '', kind = '', reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs|referrers)\/(.+)$/.exec(url.pathname) ?? [];
    if (url.pathname === '/v2/') return void response.end('{}');
    if (kind === 'blobs') return answerBlob(request, response, url, reference);
    if (kind === 'manifests' && request.method === 'PUT')
      return put(request, response, repository, reference);
    if (kind === 'manifests') return give(response, repository, reference);
    if (kind === 'referrers' && options.referrers) return list(response, repository, reference);
    response.writeHead(404).end('{"errors":[]}');
  });

  async function answerBlob(request: IncomingMessage, response: ServerResponse, url: URL, reference: string) {
    if (request.method === 'POST')
      return void response.writeHead(202, { location: `${url.pathname.replace(/\/$/, '')}/1` }).end();
    if (request.method === 'PUT') {
      blobs.set(url.searchParams.get('digest') ?? '', Buffer.concat(await request.toArray()));
      return void response.writeHead(201).end();
    }
    const blob = blobs.get(reference);
    if (blob === undefined) response.writeHead(404).end();
    else response.writeHead(200).end(request.method === 'HEAD' ? undefined : blob);
  }

  async function put(
    request: IncomingMessage,
    response: ServerResponse,
    repository: string,
    reference: string,
  ) {
    const body = Buffer.concat(await request.toArray());
    const manifest = { type: request.headers['content-type'] ?? '', body };
    const digest = digestOf(body);
    if (reference.startsWith('sha256:') && reference !== digest) return void response.writeHead(400).end();
    manifests.set(`${repository}@${digest}`, manifest);
    if (!reference.startsWith('sha256:')) manifests.set(`${repository}:${reference}`, manifest);
    const { subject } = JSON.parse(body.toString());
    const told = options.referrers && subject !== undefined ? { 'oci-subject': subject.digest } : {};
    response.writeHead(201, told).end();
  }

  function give(response: ServerResponse, repository: string, reference: string) {
    const found = manifests.get(`${repository}${reference.startsWith('sha256:') ? '@' : ':'}${reference}`);
    if (found === undefined) return void response.writeHead(404).end('{"errors":[]}');
    response.writeHead(200, { 'content-type': found.type }).end(found.body);
  }

  function list(response: ServerResponse, repository: string, digest: string) {
    const all = [...manifests].filter(
      ([at, { body }]) =>
        at.startsWith(`${repository}@`) && JSON.parse(body.toString()).subject?.digest === digest,
    );
    const items = all.map(([, { type, body }]) => ({
      mediaType: type,
      digest: digestOf(body),
      size: body.length,
      artifactType: JSON.parse(body.toString()).artifactType,
    }));
    response.writeHead(200).end(JSON.stringify({ schemaVersion: 2, manifests: items }));
  }

  return { ...server, host: `127.0.0.1:${server.port}`, manifests, blobs };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
