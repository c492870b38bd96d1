import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type WebServer, webServer } from './web-server.ts';

export interface WritableRegistry extends Pick<WebServer, 'asked'> {
  /** `127.0.0.1:1234` */
  readonly host: string;
  tags(repository: string): readonly string[];
}

/**
 * A registry of the OCI distribution spec in memory, for writing too. Conditional requests are answered as by CNCF Distribution.
 *
 * @param before may hold an answer back, for as long as it takes, or answer with a status
 */
export async function writableRegistry(
  before: (request: IncomingMessage) => Promise<number | undefined> = async () => undefined,
): Promise<WritableRegistry> {
  const blobs = new Map<string, Buffer>();
  const tags = new Map<string, Map<string, Buffer>>();
  const server = await webServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const refusal = await before(request);
    if (typeof refusal === 'number') return void response.writeHead(refusal).end('{}');
    const url = new URL(request.url ?? '', 'http://x');
    const [, repository = '', kind = '', reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs|tags)\/(.*)$/.exec(url.pathname) ?? [];
    const digest = url.searchParams.get('digest') ?? '';
    if (url.pathname === '/v2/') return void response.end('{}');
    if (request.method === 'POST')
      return void response.writeHead(202, { location: `/v2/${repository}/blobs/uploads/1` }).end();
    if (request.method === 'PUT' && kind === 'blobs') blobs.set(digest, body);
    if (request.method === 'PUT' && kind === 'manifests')
      tags.set(repository, (tags.get(repository) ?? new Map<string, Buffer>()).set(reference, body));
    if (request.method === 'PUT') return void response.writeHead(201).end();
    const found =
      kind === 'tags'
        ? Buffer.from(JSON.stringify({ tags: [...(tags.get(repository)?.keys() ?? [])] }))
        : kind === 'blobs'
          ? blobs.get(reference)
          : tags.get(repository)?.get(reference);
    if (found === undefined) return void response.writeHead(404).end('{}');
    const name = `sha256:${createHash('sha256').update(found).digest('hex')}`;
    if (kind === 'manifests' && request.headers['if-none-match'] === `"${name}"`)
      return void response.writeHead(304).end();
    response.writeHead(200, kind === 'manifests' ? { 'docker-content-digest': name } : {});
    response.end(request.method === 'HEAD' ? undefined : found);
  });
  return {
    asked: server.asked,
    host: `127.0.0.1:${server.port}`,
    tags: (repository) => [...(tags.get(repository)?.keys() ?? [])],
  };
}
