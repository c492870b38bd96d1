import { lookup as systemLookup } from 'node:dns/promises';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { proxyFor } from '../../kubernetes/proxy.ts';
import { mayLead, type Reach, reachOf } from './reach.ts';
import type { HttpSettings } from './settings.ts';

/** Leads further inside than where the address came from. */
export class TooFarInside extends Error {}

export interface OneRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Addresses further inside are not connected to. Anything may be where it is absent: a person named the address. */
  readonly from?: Reach;
  /** Sent by POST where it is there. */
  readonly form?: string;
  /** A GET where it is absent and there is no form. */
  readonly method?: 'HEAD' | 'POST' | 'PUT';
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
}

export interface OneAnswer {
  readonly message: IncomingMessage;
  /** Of the server that answered; `public` through a proxy, which alone knows. */
  readonly reach: Reach;
}

/** Sends one request and answers its head. Follows nothing. Throws what Node throws, and TooFarInside. */
export async function sendRequest(settings: HttpSettings, request: OneRequest): Promise<OneAnswer> {
  const { url, from, signal } = request;
  const proxy = proxyFor(url, undefined, settings.environment);
  const judge = settings.network?.reachOf ?? reachOf;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const literal = isIP(host) === 0 ? undefined : judge(host);
  if (literal !== undefined) requireWithin(from, literal, host);
  let reached: Reach = literal ?? 'public';
  const lookup = checkedLookup(settings, (address) => {
    reached = judge(address);
    requireWithin(from, reached, address);
  });
  const secure = url.protocol === 'https:';
  const send = secure ? httpsRequest : httpRequest;
  const tls = secure ? tlsOptions(settings, url) : {};
  const proxyEnv = proxy === undefined ? undefined : { HTTP_PROXY: proxy.href, HTTPS_PROXY: proxy.href };
  const agentOptions = proxyEnv === undefined ? {} : { proxyEnv };
  const agent = secure ? new HttpsAgent({ ...agentOptions, ...tls }) : new HttpAgent(agentOptions);
  const message = await new Promise<IncomingMessage>((answered, failed) => {
    const { form } = request;
    const type = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const headers = { ...request.headers, ...type };
    const method = request.method ?? (form === undefined ? 'GET' : 'POST');
    const options = { method, headers, agent, signal, ...tls, ...(proxy === undefined ? { lookup } : {}) };
    send(url, options, answered)
      .on('error', failed)
      .end(form ?? request.body);
  });
  return { message, reach: reached };
}

function tlsOptions({ ca, certificate }: HttpSettings, { host }: URL) {
  return {
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    // Who this is concerns no other host.
    ...(certificate?.host === host ? { cert: certificate.cert, key: certificate.key } : {}),
  };
}

/** Checked where the name is resolved for this very connection: a second answer of the name server cannot be another one. */
function checkedLookup(settings: HttpSettings, check: (address: string) => void): LookupFunction {
  const resolve = settings.network?.resolve ?? ((host) => systemLookup(host, { all: true }));
  return (host, options, done) => {
    resolve(host).then(
      (addresses) => {
        try {
          for (const { address } of addresses) check(address);
        } catch (error) {
          done(error as Error, '', 0);
          return;
        }
        const [first] = addresses;
        if (options.all === true) done(null, [...addresses]);
        else done(null, first?.address ?? '', first?.family);
      },
      (error: Error) => done(error as NodeJS.ErrnoException, '', 0),
    );
  };
}

function requireWithin(from: Reach | undefined, to: Reach, address: string): void {
  if (from !== undefined && !mayLead(from, to)) throw new TooFarInside(address);
}
