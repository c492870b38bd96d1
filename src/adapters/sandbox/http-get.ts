import { Agent as HttpAgent, get as httpGet, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, get as httpsGet } from 'node:https';

export interface GetOptions {
  readonly signal: AbortSignal;
  /** HTTPS_PROXY and the like are read from it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until an answer has to begin, and between two pieces of it. */
  readonly patience: number;
}

const REDIRECTS = 5;

/** Begins to read a URL, over redirects. Throws with a reason in words where there is no answer, or one other than 200. */
export async function httpAnswer(url: string, options: GetOptions): Promise<IncomingMessage> {
  let current = url;
  for (let hop = 0; hop <= REDIRECTS; hop += 1) {
    const answer = await ask(current, options);
    if (answer.statusCode === 200) return answer;
    answer.resume();
    const { location } = answer.headers;
    const redirected = location !== undefined && [301, 302, 303, 307, 308].includes(answer.statusCode ?? 0);
    if (!redirected) throw new Error(`${current} answers ${answer.statusCode}`);
    current = new URL(location, current).href;
  }
  throw new Error(`${url}: more than ${REDIRECTS} redirects`);
}

/** Reads a URL to the end as text. */
export async function httpText(url: string, options: GetOptions): Promise<string> {
  const answer = await httpAnswer(url, options);
  return Buffer.concat(await answer.toArray()).toString('utf8');
}

function ask(url: string, { signal, environment, patience }: GetOptions): Promise<IncomingMessage> {
  const headers = { 'user-agent': 'appstore' }; // api.github.com refuses requests without one
  const secure = url.startsWith('https:');
  const proxyEnv = { ...environment };
  const agent = secure ? new HttpsAgent({ proxyEnv }) : new HttpAgent({ proxyEnv });
  const get = secure ? httpsGet : httpGet;
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, headers, signal }, resolve);
    request.setTimeout(patience, () => request.destroy(new Error('no answer')));
    // Name resolution and connecting are not covered by the timeout of a socket that does not exist yet.
    const connecting = setTimeout(() => request.destroy(new Error('no connection')), patience);
    request.once('response', () => clearTimeout(connecting));
    request.once('error', (error) => {
      clearTimeout(connecting);
      reject(new Error(`${url}: ${error.message}`, { cause: error }));
    });
  });
}
