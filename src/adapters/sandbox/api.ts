import { Agent, request } from 'node:https';
import type { JsonObject } from '../../domain/json.ts';
import type { KeyedCertificate } from './certificates.ts';

interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

/** A few plain requests to the API server of a sandbox, as its administrator. */
export interface SandboxApi {
  /** Throws where nothing answers, or somebody else does: the certificate is checked. */
  get(path: string, signal: AbortSignal): Promise<ApiAnswer>;
  post(path: string, object: JsonObject, signal: AbortSignal): Promise<ApiAnswer>;
  close(): void;
}

export function sandboxApi(server: string, authority: string, credentials: KeyedCertificate): SandboxApi {
  const agent = new Agent({
    keepAlive: true,
    ca: authority,
    cert: credentials.certificate,
    key: credentials.key,
  });
  const send = (method: string, path: string, signal: AbortSignal, body?: string) =>
    new Promise<ApiAnswer>((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      const outgoing = request(`${server}${path}`, { method, agent, headers, signal }, (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') }),
        );
      });
      outgoing.on('error', reject).end(body);
    });
  return {
    get: (path, signal) => send('GET', path, signal),
    post: (path, object, signal) => send('POST', path, signal, JSON.stringify(object)),
    close: () => agent.destroy(),
  };
}
