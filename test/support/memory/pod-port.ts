import { once } from 'node:events';
import { createServer } from 'node:net';

/** Listens on a loopback port and answers each connection as a small web server in a pod would. */
export async function openPodPort(
  port: number,
  options: { readonly localPort?: number; readonly signal: AbortSignal; onError(error: Error): void },
): Promise<{ readonly port: number }> {
  const body = `port ${port} of the pod\n`;
  const server = createServer((socket) => {
    socket.on('error', (error) => options.onError(error));
    socket.once('data', () => {
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
    });
  });
  server.listen(options.localPort ?? 0, '127.0.0.1');
  await once(server, 'listening');
  options.signal.addEventListener('abort', () => server.close(), { once: true });
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0 };
}
