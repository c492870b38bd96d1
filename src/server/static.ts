import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppstoreError } from '../domain/errors.ts';

/** A file of the storefront, as it is and packed, where that is smaller. */
interface StaticFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly br?: Buffer;
  readonly gzip?: Buffer;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Addresses of pages: whichever is opened, the same document looks at where it is. */
const pages = ['/', '/apps/*', '/mine', '/mine/*', '/plans', '/plans/*', '/operations/*'] as const;

/**
 * What the storefront's pages may do: run and show files of this server, and ask it. No text may become HTML or a script, whatever a
 * mistake in a page would make of it.
 */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** Kept for ever: whatever is changed gets another name. */
const forever = 'public, max-age=31536000, immutable';

/** Answers with the document of the storefront, which looks at where it is. */
export type ShowPage = (request: FastifyRequest, reply: FastifyReply) => Buffer;

/**
 * Adds the built storefront: its document at the address of every page, its files below `/assets/`. All of it is read now and kept: it is
 * small, and no request names a file of the disk. It needs no caller: nothing of anybody is in it.
 *
 * @param folder `dist/storefront`
 * @returns what answers at addresses where there is no page
 * @throws Error where it was not built
 */
export async function addStorefront(app: FastifyInstance, folder: string): Promise<ShowPage> {
  const files = await readStorefront(folder);
  const document = files.get('index.html');
  if (document === undefined) throw new Error(`${folder} has no index.html`);
  const open = { config: { public: true }, compress: false } as const;
  const showPage: ShowPage = (request, reply) => {
    void reply.header('content-security-policy', pagePolicy).header('cache-control', 'no-cache');
    return send(request, reply, document);
  };
  for (const path of pages) app.get(path, open, async (request, reply) => showPage(request, reply));
  const icon = [...files].find(([name]) => name.startsWith('icon-'))?.[1];
  // Browsers ask for it by themselves where what they show names no icon, as JSON does not.
  if (icon !== undefined)
    app.get('/favicon.ico', open, async (request, reply) => {
      void reply.header('cache-control', 'public, max-age=86400');
      return send(request, reply, icon);
    });
  app.get('/assets/:name', open, async (request, reply) => {
    const { name } = request.params as { readonly name: string };
    const file = name === 'index.html' ? undefined : files.get(name);
    // A page of an earlier version may ask for a file of its own.
    if (file === undefined) throw new AppstoreError('ROUTE_NOT_FOUND', 'there is no such file');
    void reply.header('cache-control', forever);
    return send(request, reply, file);
  });
  return showPage;
}

function send(request: FastifyRequest, reply: FastifyReply, file: StaticFile): Buffer {
  const accepted = String(request.headers['accept-encoding'] ?? '');
  const packed = (['br', 'gzip'] as const).find(
    (encoding) => file[encoding] !== undefined && accepts(accepted, encoding),
  );
  void reply.type(file.type).header('vary', 'accept-encoding');
  if (packed !== undefined) void reply.header('content-encoding', packed);
  return (packed === undefined ? undefined : file[packed]) ?? file.plain;
}

/** `br;q=0` says that it is not wanted. */
function accepts(header: string, encoding: string): boolean {
  const found = header.split(',').find((part) => part.trim().split(';')[0]?.trim() === encoding);
  return found !== undefined && !/;\s*q=0(\.0*)?\s*$/.test(found);
}

async function readStorefront(folder: string): Promise<ReadonlyMap<string, StaticFile>> {
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as {
    readonly files: readonly { readonly name: string }[];
  };
  const read = await Promise.all(manifest.files.map(({ name }) => readStatic(folder, name)));
  return new Map(read);
}

async function readStatic(folder: string, name: string): Promise<[string, StaticFile]> {
  const path = join(folder, name);
  const [plain, br, gzip] = await Promise.all([
    readFile(path),
    readIfThere(`${path}.br`),
    readIfThere(`${path}.gz`),
  ]);
  return [
    name,
    {
      type: types[extname(name)] ?? 'application/octet-stream',
      plain,
      ...(br === undefined ? {} : { br }),
      ...(gzip === undefined ? {} : { gzip }),
    },
  ];
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
