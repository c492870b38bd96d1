import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppstoreError } from '../../domain/errors.ts';
import { isObject } from '../../domain/json.ts';
import type { Sealer } from './seal.ts';

/** Somebody who is logged in. All of it is in the browser's cookie: any replica that has the key can read it. */
export interface Session {
  /** The same from login to logout, whatever is renewed meanwhile. */
  readonly id: string;
  /** Seconds of the epoch at which it began. */
  readonly began: number;
  /** What a write has to carry besides the cookie. */
  readonly csrf: string;
  /** Of the identity provider; what clusters are shown. */
  readonly idToken: string;
  readonly refreshToken?: string;
}

/** Cookies of this server: of a host alone, over TLS alone, out of the reach of scripts (RFC 6265bis 4.1.3.2). */
const name = '__Host-appstore';
/** Characters of one cookie: browsers take 4096 bytes with its name and attributes. */
const partLength = 3500;
/** Parts of a session at most: together with all else, headers of requests end at 32 kB. */
const mostParts = 6;
const purpose = 'session';

const attributes = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const;

/** Sessions in cookies. */
export interface SessionCookies {
  /** Undefined where there is none, or one that was not sealed by this server's keys. */
  read(request: FastifyRequest): Session | undefined;
  /** @param seconds How long the browser keeps it */
  write(request: FastifyRequest, reply: FastifyReply, session: Session, seconds: number): void;
  clear(request: FastifyRequest, reply: FastifyReply): void;
}

export function sessionCookies(sealer: Sealer): SessionCookies {
  return {
    read({ cookies }) {
      const parts = cookieNames.map((one) => cookies[one]);
      const end = parts.indexOf(undefined);
      const sealed = (end === -1 ? parts : parts.slice(0, end)).join('');
      return sealed === '' ? undefined : asSession(sealer.open(purpose, sealed));
    },
    write(request, reply, session, seconds) {
      const parts = split(sealer.seal(purpose, session));
      for (const [at, one] of cookieNames.entries()) {
        const value = parts[at];
        if (value !== undefined) reply.setCookie(one, value, { ...attributes, maxAge: seconds });
        // A part of a longer session that was there before would be read as one of this.
        else if (request.cookies[one] !== undefined) reply.clearCookie(one, attributes);
      }
    },
    clear(request, reply) {
      for (const one of cookieNames)
        if (request.cookies[one] !== undefined) reply.clearCookie(one, attributes);
    },
  };
}

const cookieNames: readonly string[] = Array.from({ length: mostParts }, (_, at) =>
  at === 0 ? name : `${name}-${at}`,
);

function split(text: string): readonly string[] {
  const parts = text.match(new RegExp(`.{1,${partLength}}`, 'g')) ?? [];
  if (parts.length <= mostParts) return parts;
  throw new AppstoreError('LOGIN_FAILED', 'the tokens of the identity provider are too large for cookies', {
    hint: 'Whoever runs the provider can have it put fewer groups into the tokens of this client.',
  });
}

function asSession(opened: unknown): Session | undefined {
  if (!isObject(opened)) return undefined;
  const { id, began, csrf, idToken, refreshToken } = opened;
  if (typeof id !== 'string' || typeof began !== 'number') return undefined;
  if (typeof csrf !== 'string' || typeof idToken !== 'string') return undefined;
  return {
    ...{ id, began, csrf, idToken },
    ...(typeof refreshToken === 'string' ? { refreshToken } : {}),
  };
}
