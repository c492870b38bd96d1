import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { webServer } from './web-server.ts';

/** A registry of the OCI distribution spec in memory, for writing too. `before` may hold an answer back, for as long as it takes. */
export async function writableRegistry(
  before: (request: IncomingMessage) => Promise<void> = async () => {},
): Promise<{ readonly host: string; readonly tags: (repository: string) => readonly string[] }> {
  const blobs = new Map<string, Buffer>();
  const tags = new Map<string, Map<string, Buffer>>();
  const server = await webServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    await before(request);
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
    response.writeHead(200, kind === 'manifests' ? { 'docker-content-digest': name } : {});
    response.end(request.method === 'HEAD' ? undefined : found);
  });
  return {
    host: `127.0.0.1:${server.port}`,
    tags: (repository) => [...(tags.get(repository)?.keys() ?? [])],
  };
}
