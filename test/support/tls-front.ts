import { request } from 'node:http';
import { testAuthority, webServer } from './web-server.ts';

/** What ends TLS before a server, as an Ingress does: hands everything on as it is. Answers its port. */
export async function tlsFront(target: string): Promise<number> {
  const { key, certificate } = testAuthority().issue('server');
  const { port } = await webServer(
    (incoming, outgoing) => {
      const { method = 'GET', headers, url = '/' } = incoming;
      const onward = request(new URL(url, target), { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.once('error', () => outgoing.destroy());
      outgoing.once('close', () => onward.destroy());
      incoming.pipe(onward);
    },
    { tls: { key, certificate } },
  );
  return port;
}
