import { once } from 'node:events';
import type { Socket } from 'node:net';

/** Answers of RFC 1928 6. */
const REPLIES: readonly string[] = [
  'succeeded',
  'general failure',
  'not allowed by its rules',
  'network unreachable',
  'host unreachable',
  'connection refused',
  'time to live expired',
  'command not supported',
  'address type not supported',
];

/** Asks a SOCKS5 proxy (RFC 1928, user and password as in RFC 1929) for a connection to the target. */
export async function socks5(
  socket: Socket,
  proxy: URL,
  target: { readonly host: string; readonly port: number },
  deadline: AbortSignal,
): Promise<void> {
  const withUser = proxy.username !== '';
  socket.write(Buffer.from(withUser ? [5, 2, 0, 2] : [5, 1, 0]));
  const [, method] = await read(socket, 2, deadline);
  if (method === 2 && withUser) await logIn(socket, proxy, deadline);
  else if (method !== 0) throw new Error('the SOCKS proxy wants another kind of login');
  const host = Buffer.from(target.host);
  socket.write(
    Buffer.concat([
      Buffer.from([5, 1, 0, 3, host.length]),
      host,
      Buffer.from([target.port >> 8, target.port & 255]),
    ]),
  );
  const [, reply = 1, , kind] = await read(socket, 4, deadline);
  if (reply !== 0) throw new Error(`the SOCKS proxy refused: ${REPLIES[reply] ?? `answer ${reply}`}`);
  const length = kind === 1 ? 4 : kind === 4 ? 16 : ((await read(socket, 1, deadline))[0] ?? 0);
  await read(socket, length + 2, deadline);
}

async function logIn(socket: Socket, proxy: URL, deadline: AbortSignal): Promise<void> {
  const user = Buffer.from(decodeURIComponent(proxy.username));
  const password = Buffer.from(decodeURIComponent(proxy.password));
  socket.write(
    Buffer.concat([Buffer.from([1, user.length]), user, Buffer.from([password.length]), password]),
  );
  const [, result] = await read(socket, 2, deadline);
  if (result !== 0) throw new Error('the SOCKS proxy does not accept the user and password of proxy-url');
}

/** Exactly so many bytes: what follows belongs to TLS. */
async function read(socket: Socket, count: number, deadline: AbortSignal): Promise<Buffer> {
  for (;;) {
    const chunk: Buffer | null = socket.read(count);
    if (chunk !== null && chunk.length === count) return chunk;
    if (socket.readableEnded || socket.destroyed) throw new Error('the SOCKS proxy closed the connection');
    await once(socket, 'readable', { signal: deadline });
  }
}
