import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import type { DownloadSites } from '../../src/adapters/sandbox/downloads.ts';

export const sha256 = (content: Buffer | string): string =>
  createHash('sha256').update(content).digest('hex');

export interface Page {
  readonly status?: number;
  readonly body?: Buffer | string;
  readonly location?: string;
  /** Breaks the connection after so many bytes. */
  readonly breakAfter?: number;
}

/** A web server of releases on this machine; `pages` may be changed while it runs. */
export async function releaseServer(
  pages: Map<string, Page>,
): Promise<{ sites: DownloadSites; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const page = pages.get(path) ?? { status: 404, body: 'not here' };
    const body = Buffer.from(page.body ?? '');
    const location = page.location === undefined ? {} : { location: page.location };
    response.writeHead(page.status ?? 200, { 'content-length': body.length, ...location });
    if (page.breakAfter === undefined) response.end(body);
    else response.write(body.subarray(0, page.breakAfter), () => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const address = server.address();
  const base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const sites = {
    kubernetes: `${base}/k8s`,
    etcd: `${base}/etcd`,
    kwok: `${base}/kwok`,
    kwokReleases: `${base}/api`,
  };
  return { sites, asked };
}

/** A .tar.gz of files, in the form of POSIX ustar. */
export function tarGz(files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(Buffer.byteLength(content).toString(8).padStart(11, '0'), 124);
    header.write('ustar', 257);
    const padding = (512 - (Buffer.byteLength(content) % 512)) % 512;
    return [header, Buffer.from(content), Buffer.alloc(padding)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}
