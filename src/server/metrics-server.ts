import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.ts';

/** The metrics on a port of their own, which whatever leads browsers to the server does not lead to. */
export interface MetricsServer {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Answers `GET /metrics` and nothing else.
 * @throws Error of `listen`, such as EADDRINUSE
 */
export async function serveMetrics(
  metrics: Metrics,
  at: { readonly host: string; readonly port: number },
): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    if (request.url?.split('?')[0] !== '/metrics') return answer(response, 404);
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405);
    metrics.text().then(
      (text) => answer(response, 200, { type: metrics.contentType, text }),
      () => answer(response, 500),
    );
  });
  server.maxConnections = 50;
  server.setTimeout(30_000);
  await new Promise<void>((listening, refused) => {
    server.once('error', refused);
    server.listen(at.port, at.host, listening);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function answer(
  response: ServerResponse,
  status: number,
  { type, text }: { readonly type: string; readonly text: string } = { type: 'text/plain', text: '' },
): void {
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' }).end(text);
}
