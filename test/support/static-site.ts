import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

export interface StaticSite {
  /** `http://127.0.0.1:1234` */
  readonly url: string;
  /** Paths, in order; a test may empty it. */
  readonly asked: string[];
  close(): void;
}

/** What browsers insist on. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

/** The files of a folder as any web server serves them, on this machine. */
export async function staticSite(folder: string): Promise<StaticSite> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    readFile(join(folder, decodeURIComponent(request.url ?? ''))).then(
      (body) => {
        const type = types[extname(request.url ?? '')];
        if (type !== undefined) response.setHeader('content-type', type);
        response.end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
