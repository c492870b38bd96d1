import { timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppstoreError } from '../domain/errors.ts';
import type { Caller } from './callers/caller.ts';

/** What pages of this server may do: only what comes from it, and nothing may put them into a frame. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const headers: readonly (readonly [string, string])[] = [
  ['content-security-policy', contentSecurityPolicy],
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=()'],
];

/** Sets what every answer carries; a route that says something stricter is left. */
export function securityHeaders(reply: FastifyReply, secure: boolean): void {
  for (const [name, value] of headers) if (!reply.hasHeader(name)) void reply.header(name, value);
  if (secure) void reply.header('strict-transport-security', 'max-age=31536000');
  if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
}

/**
 * Refuses what comes under another name than ours (a name that a stranger's DNS lets point here) or from a page of another origin. Without
 * origins of its own a server is for programs that send a token: no browser does that by itself.
 * @throws AppstoreError REQUEST_REFUSED
 */
export function checkOrigin({ method, headers: sent }: FastifyRequest, origins: readonly string[]): void {
  const { host = '', origin, 'sec-fetch-site': site } = sent;
  if (origins.length > 0 && !origins.some((one) => new URL(one).host === host.toLowerCase()))
    throw new AppstoreError('REQUEST_REFUSED', 'the server does not answer to this name');
  if (origin !== undefined && !origins.includes(origin))
    throw new AppstoreError('REQUEST_REFUSED', 'the request comes from a page of another origin');
  const foreign = site === 'cross-site' || site === 'same-site';
  if (origins.length > 0 && origin === undefined && foreign && !isVisit(method, sent))
    throw new AppstoreError('REQUEST_REFUSED', 'the request comes from a page of another origin');
}

/** A link that somebody followed to here, or an identity provider that sends them back: it shows a page, to nobody but them. */
function isVisit(
  method: string,
  { 'sec-fetch-mode': mode, 'sec-fetch-dest': to }: FastifyRequest['headers'],
): boolean {
  return method === 'GET' && mode === 'navigate' && to === 'document';
}

/**
 * A write whose proof a browser sends by itself has to carry what only a page of ours can know.
 * @throws AppstoreError REQUEST_REFUSED
 */
export function checkCsrf({ headers: sent }: FastifyRequest, { csrf }: Caller): void {
  if (csrf === undefined) return;
  const given = sent['x-appstore-csrf'];
  if (typeof given === 'string' && sameText(given, csrf)) return;
  throw new AppstoreError(
    'REQUEST_REFUSED',
    'the header `x-appstore-csrf` is missing or is not that of this session',
    {
      hint: '`/api/v1/session` tells it to pages of this server.',
    },
  );
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
