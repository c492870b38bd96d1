import { request } from 'node:https';

/** Longest answer that is read, bytes, and milliseconds for all of it. */
const mostBytes = 1024 * 1024;
const patience = 15_000;

/** What is asked of an identity provider. */
export interface HttpsRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * A request over TLS with a certificate authority of one's own, answered as `fetch` does; `fetch` itself takes none. Nothing is sent in the
 * clear, redirects are not followed, and answers have a bound.
 * @param ca PEM; the authorities of Node where absent
 */
export function httpsFetch(
  ca: string | undefined,
): (url: string, asked: HttpsRequest, signal?: AbortSignal) => Promise<Response> {
  return async (url, { method, headers, body }, signal) => {
    if (!url.startsWith('https://')) throw new Error(`${url}: not https`);
    const bound = AbortSignal.timeout(patience);
    const options = {
      ...{ method, headers: { ...headers }, agent: false as const },
      signal: signal === undefined ? bound : AbortSignal.any([signal, bound]),
      ...(ca === undefined ? {} : { ca }),
    };
    return new Promise<Response>((resolve, reject) => {
      const outgoing = request(url, options, (incoming) => {
        const parts: Buffer[] = [];
        let length = 0;
        incoming.on('data', (part: Buffer) => {
          parts.push(part);
          length += part.length;
          if (length > mostBytes) outgoing.destroy(new Error(`${url}: the answer is too long`));
        });
        incoming.once('error', reject);
        incoming.once('end', () => {
          const { statusCode: status = 0, headers: said } = incoming;
          const type = said['content-type'];
          // Those without a body may not be given one.
          const content = status === 204 || status === 304 ? null : Buffer.concat(parts);
          resolve(
            new Response(content, { status, headers: type === undefined ? {} : { 'content-type': type } }),
          );
        });
      });
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  };
}
