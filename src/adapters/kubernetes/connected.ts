import type { Socket } from 'node:net';

/** Waits until a socket is there. */
export function connected<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  deadline: AbortSignal,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      socket.destroy();
      reject(error);
    };
    const abort = () => fail(deadline.reason);
    if (deadline.aborted) return abort();
    const closed = () => fail(Object.assign(new Error('closed by the other side'), { code: 'ECONNRESET' }));
    deadline.addEventListener('abort', abort, { once: true });
    socket.once('error', fail);
    socket.once('close', closed);
    // Whoever takes the socket looks at `errored`: with TLS 1.3 a refusal can come before anybody listens, and an error that
    // nobody hears ends the process.
    socket.on('error', () => undefined);
    socket.once(event, () => {
      deadline.removeEventListener('abort', abort);
      socket.off('error', fail);
      socket.off('close', closed);
      resolve(socket);
    });
  });
}
