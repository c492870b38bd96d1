import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ServerOptions, type WebServer, webServer } from './web-server.ts';

export interface RegistryOptions extends ServerOptions {
  /** `basic`: user and password; `token`: a bearer token of a realm of its own; `none` unless told. */
  readonly auth?: 'none' | 'basic' | 'token';
  readonly username?: string;
  readonly password?: string;
  /** Refresh token that the realm takes. */
  readonly refreshToken?: string;
  /** The realm gives tokens to nobody without a login. */
  readonly privateOnly?: boolean;
  /** Takes the place of the realm's address. */
  readonly realm?: string;
  /** Tags a page. */
  readonly pageSize?: number;
  /** Changes an answer before it is sent. */
  readonly tamper?: (path: string, body: Buffer) => Buffer;
  /** Where blobs are redirected to. */
  readonly blobsAt?: string;
}

export interface TestRegistry extends WebServer {
  /** `127.0.0.1:1234` */
  readonly host: string;
  /** Adds a chart under a tag; answers the digest of its manifest. */
  push(repository: string, tag: string, archive: Uint8Array, types?: Partial<Types>): string;
  /** Requests to the realm. */
  readonly tokens: readonly {
    readonly authorization: string | undefined;
    readonly query: string;
    readonly body: string;
  }[];
}

interface Types {
  readonly config: string;
  readonly layer: string;
}

const usual: Types = {
  config: 'application/vnd.cncf.helm.config.v1+json',
  layer: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
};

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A registry of the OCI distribution spec, for reading, on this machine. */
export async function testRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const content = new Map<string, Buffer>();
  const tags = new Map<string, Map<string, string>>();
  const tokens: { authorization: string | undefined; query: string; body: string }[] = [];
  let base = '';
  const server = await webServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    if (url.pathname === '/token') return giveToken(request, response, url);
    if (!allowed(request)) return challenge(response, url);
    const [, repository = '', kind = '', reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs|tags)\/(.+)$/.exec(url.pathname) ?? [];
    if (kind === 'tags') return listTags(response, repository, url);
    if (kind === 'blobs' && options.blobsAt !== undefined)
      return void response.writeHead(307, { location: `${options.blobsAt}/${reference}` }).end();
    const digest = reference.startsWith('sha256:') ? reference : tags.get(repository)?.get(reference);
    const body = digest === undefined ? undefined : content.get(digest);
    if (url.pathname === '/v2/') response.end('{}');
    else if (body === undefined || digest === undefined) response.writeHead(404).end('{"errors":[]}');
    else
      response
        .writeHead(200, { 'docker-content-digest': digest })
        .end(options.tamper?.(url.pathname, body) ?? body);
  }, options);
  base = server.url;
  const login = `Basic ${btoa(`${options.username ?? 'ann'}:${options.password ?? 'secret'}`)}`;

  function allowed(request: IncomingMessage): boolean {
    const { authorization } = request.headers;
    if (options.auth === 'basic') return authorization === login;
    return options.auth !== 'token' || authorization === 'Bearer good';
  }

  function challenge(response: ServerResponse, url: URL): void {
    const [, repository] = /^\/v2\/(.+)\/(?:manifests|blobs|tags)\//.exec(url.pathname) ?? [];
    const realm = options.realm ?? `${base}/token`;
    const header =
      options.auth === 'basic'
        ? 'Basic realm="test"'
        : `Bearer realm="${realm}",service="test registry",scope="repository:${repository}:pull"`;
    response.writeHead(401, { 'www-authenticate': header }).end('{"errors":[]}');
  }

  async function giveToken(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    const { authorization } = request.headers;
    tokens.push({ authorization, query: url.search, body });
    const refreshed =
      options.refreshToken !== undefined &&
      new URLSearchParams(body).get('refresh_token') === options.refreshToken;
    const known = authorization === login || refreshed;
    if (options.privateOnly === true && !known) response.writeHead(401).end();
    else response.end(JSON.stringify(refreshed ? { access_token: 'good' } : { token: 'good' }));
  }

  function listTags(response: ServerResponse, repository: string, url: URL): void {
    const all = [...(tags.get(repository)?.keys() ?? [])].sort();
    if (!tags.has(repository)) return void response.writeHead(404).end('{"errors":[]}');
    const last = url.searchParams.get('last') ?? '';
    const page = all.filter((tag) => tag > last).slice(0, options.pageSize ?? 1_000);
    const more = page.length > 0 && page.at(-1) !== all.at(-1);
    const link = { link: `</v2/${repository}/tags/list?n=5&last=${page.at(-1)}>; rel="next"` };
    response.writeHead(200, more ? link : {}).end(JSON.stringify({ name: repository, tags: page }));
  }

  return {
    ...server,
    host: server.url.replace(/^https?:\/\//, ''),
    tokens,
    push(repository, tag, archive, types = {}) {
      const { config, layer } = { ...usual, ...types };
      const empty = Buffer.from('{}');
      const manifest = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          config: { mediaType: config, digest: digestOf(empty), size: empty.length },
          layers: [{ mediaType: layer, digest: digestOf(archive), size: archive.length }],
        }),
      );
      for (const bytes of [empty, Buffer.from(archive), manifest]) content.set(digestOf(bytes), bytes);
      const named = tags.get(repository) ?? new Map<string, string>();
      tags.set(repository, named.set(tag, digestOf(manifest)));
      return digestOf(manifest);
    },
  };
}
