import { createServer } from 'node:net';

/** Finds a port for a server. */
export type FindPort = () => Promise<number>;

/** A port of 127.0.0.1 that was free a moment ago. Another program may take it before it is used. */
export async function freePort(): Promise<number> {
  const { port, close } = await listen();
  await close();
  return port;
}

function listen(): Promise<{ port: number; close(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve({ port, close: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
