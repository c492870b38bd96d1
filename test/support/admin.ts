import { readFile } from 'node:fs/promises';
import { request } from 'node:https';

/** Plain requests to the API server as its administrator, past all code under test. */
export interface Admin {
  readonly server: string;
  /** Without `cert` and `key`, nobody. */
  readonly tls: { readonly ca: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

export async function readAdmin(kubeconfig: string): Promise<Admin> {
  const config = JSON.parse(await readFile(kubeconfig, 'utf8'));
  const { cluster } = config.clusters[0];
  const { user } = config.users[0];
  const decode = (text: string) => Buffer.from(text, 'base64');
  return {
    server: cluster.server,
    tls: {
      ca: decode(cluster['certificate-authority-data']),
      cert: decode(user['client-certificate-data']),
      key: decode(user['client-key-data']),
    },
  };
}

export interface AdminAnswer {
  readonly status: number;
  /** Parsed where it is JSON, else the text. */
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into whatever the server answers
  readonly body: any;
}

/** PATCH sends a merge patch. */
export function adminRequest(
  admin: Admin,
  method: string,
  path: string,
  body?: unknown,
): Promise<AdminAnswer> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  return new Promise((resolve, reject) => {
    const options = {
      method,
      ...admin.tls,
      agent: false as const,
      headers: body === undefined ? {} : { 'content-type': type },
    };
    const outgoing = request(`${admin.server}${path}`, options, async (incoming) => {
      try {
        const text = (await incoming.toArray()).join('');
        const isJson = incoming.headers['content-type']?.includes('json');
        resolve({ status: incoming.statusCode ?? 0, body: isJson ? JSON.parse(text) : text });
      } catch (error) {
        reject(error);
      }
    });
    outgoing.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}
