import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

interface Gate {
  /** `localhost:1234`: asked in the place of the server behind it. */
  readonly host: string;
  /** How many were held together. */
  readonly waited: number;
  close(): Promise<void>;
}

/**
 * Stands before a server on this machine and holds the first requests of a kind until a number of them is there, so that all of these
 * have asked before any of them hears an answer. The ones behind them pass.
 */
export async function gate(
  host: string,
  count: number,
  isHeld: (asked: { readonly method: string; readonly path: string }) => boolean,
): Promise<Gate> {
  const held: (() => void)[] = [];
  const server = createServer((incoming, response) => {
    const pass = () => forward(host, incoming, response);
    const { method = '', url: path = '' } = incoming;
    if (held.length === count || !isHeld({ method, path })) return pass();
    held.push(pass);
    if (held.length === count) for (const one of held) one();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    host: `localhost:${port}`,
    get waited() {
      return held.length;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** The answer is read whole before it is told: what it tells of is done. Its host stays, so that places lie behind the gate, too. */
function forward(host: string, incoming: IncomingMessage, response: ServerResponse): void {
  const { method, url: path, headers } = incoming;
  const [, port = ''] = host.split(':');
  const onward = request({ host: '127.0.0.1', port, method, path, headers }, async (answer) => {
    const body = Buffer.concat(await answer.toArray());
    response.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
  });
  onward.on('error', () => response.destroy());
  incoming.pipe(onward);
}
