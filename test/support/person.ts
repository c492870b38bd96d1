import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** Where it was asked. */
  readonly url: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into whatever the server answers
  json(): any;
}

interface PageRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A browser as far as logging in needs one: cookies by host, and redirects. */
export interface Person {
  /** Cookies by host; a test may look at them, take them and change them. */
  readonly jar: Map<string, Map<string, string>>;
  /** One request. */
  send(url: string, request?: PageRequest): Promise<PageAnswer>;
  /** The same, and on to wherever it leads. */
  follow(url: string, request?: PageRequest): Promise<PageAnswer>;
  /** Logs in by the form of `identity-provider.ts`; answers the page behind it. */
  logIn(url: string, name: string): Promise<PageAnswer>;
}

/**
 * @param hosts Where a host really is, as what stands before a server leads there: `{'apps.example.test': 'http://127.0.0.1:1234'}`
 * @param ca Of servers with TLS
 */
export function person(hosts: ReadonlyMap<string, string>, ca?: string): Person {
  const jar: Person['jar'] = new Map();
  const send: Person['send'] = async (address, { method = 'GET', headers = {}, body } = {}) => {
    const url = new URL(address);
    const real = new URL(`${url.pathname}${url.search}`, hosts.get(url.host) ?? url.origin);
    const cookies = [...(jar.get(url.host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
    const sent = { host: url.host, ...(cookies === '' ? {} : { cookie: cookies }), ...headers };
    const answer = await ask(real, { method, headers: sent, ...(body === undefined ? {} : { body }) }, ca);
    keep(jar, url.host, answer.headers['set-cookie']);
    return { ...answer, url: address, json: () => JSON.parse(answer.text) };
  };
  const follow: Person['follow'] = async (address, request) => {
    let answer = await send(address, request);
    for (let step = 0; step < 20 && answer.status >= 300 && answer.status < 400; step += 1)
      answer = await send(new URL(String(answer.headers.location), answer.url).href);
    return answer;
  };
  const logIn: Person['logIn'] = async (address, name) => {
    const form = await follow(address);
    const action = /action="([^"]+)"/.exec(form.text)?.[1];
    if (action === undefined)
      throw new Error(`no form at ${form.url}: ${form.status} ${form.text.slice(0, 500)}`);
    const body = new URLSearchParams({ name, password: name }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return follow(new URL(action, form.url).href, { method: 'POST', headers, body });
  };
  return { jar, send, follow, logIn };
}

function keep(jar: Person['jar'], host: string, set: PageAnswer['headers'][string]): void {
  const cookies = jar.get(host) ?? new Map<string, string>();
  jar.set(host, cookies);
  for (const line of typeof set === 'string' ? [set] : (set ?? [])) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === '' || /;\s*max-age=0(;|$)/i.test(line) || /expires=Thu, 01 Jan 1970/i.test(line))
      cookies.delete(name);
    else cookies.set(name, value);
  }
}

function ask(url: URL, { method, headers, body }: PageRequest, ca: string | undefined) {
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise<Pick<PageAnswer, 'status' | 'headers' | 'text'>>((resolve, reject) => {
    const outgoing = send(
      url,
      { method, headers, agent: false, ...(ca === undefined ? {} : { ca }) },
      (incoming) => {
        incoming
          .toArray()
          .then(
            (parts) =>
              resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: parts.join('') }),
            reject,
          );
      },
    );
    outgoing.on('error', reject).end(body);
  });
}
