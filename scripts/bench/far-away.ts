import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';

interface FarAway {
  /** A kubeconfig that leads there. */
  readonly kubeconfig: string;
  close(): void;
}

/**
 * A way as long as a network's to the server of a kubeconfig: whatever goes over it arrives later, in either direction. Connecting itself
 * takes no longer: that is answered on this machine.
 *
 * @param milliseconds There and back.
 * @param folder Where the kubeconfig of that way is written.
 */
export async function farAway(kubeconfig: string, milliseconds: number, folder: string): Promise<FarAway> {
  const text = await readFile(kubeconfig, 'utf8');
  const [address = ''] = /https:\/\/[\w.:-]+/.exec(text) ?? [];
  const server = new URL(address);
  const sockets = new Set<Socket>();
  const carry = (from: Socket, to: Socket): void => {
    sockets.add(from);
    const later = (what: () => void) => setTimeout(what, milliseconds / 2);
    from.setNoDelay(true);
    from.on('data', (chunk) => later(() => to.write(chunk)));
    from.on('end', () => later(() => to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => sockets.delete(from));
  };
  const way = createServer((near) => {
    const far = connect(Number(server.port), server.hostname);
    carry(near, far);
    carry(far, near);
  });
  await new Promise<void>((listening) => way.listen(0, '127.0.0.1', listening));
  const { port } = way.address() as AddressInfo;
  const target = join(folder, 'far-away.kubeconfig');
  await writeFile(target, text.replace(server.origin, `https://127.0.0.1:${port}`), { mode: 0o600 });
  return {
    kubeconfig: target,
    close() {
      way.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
