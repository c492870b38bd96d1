import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppstoreError } from '../../domain/errors.ts';
import { isObject } from '../../domain/json.ts';
import type { ClusterCredential } from '../../services/cluster-directory.ts';
import type { Clock, Random } from '../../services/ports.ts';
import type { Caller, Callers } from './caller.ts';
import { lifetimeOf } from './id-token.ts';
import { type LiveSessions, liveSessions } from './live-sessions.ts';
import type { Issuer, LoginChecks } from './oidc-issuer.ts';
import { problemPage } from './problem-page.ts';
import type { Sealer } from './seal.ts';
import { type Session, type SessionCookies, sessionCookies } from './session-cookie.ts';

/** Whom a session stands for, and what proves it to a cluster. */
interface Identity {
  readonly name: string;
  readonly groups: readonly string[];
  readonly credential: ClusterCredential;
}

/**
 * Finds out whom a session stands for.
 * @param token Asks for the id token as it is then
 * @throws AppstoreError UNAUTHENTICATED, FORBIDDEN
 */
export type Identify = (idToken: string, token: () => Promise<string>) => Promise<Identity>;

export interface OidcDeps {
  readonly issuer: Issuer;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: Random;
  readonly identify: Identify;
  /** Callers that send a token of their own, where that is allowed too. */
  readonly bearer?: Callers;
}

export interface OidcSettings {
  readonly mode: 'oidc' | 'impersonation';
  /** `https://apps.example.org` */
  readonly publicUrl: string;
  /** Seconds after which somebody has to log in again. */
  readonly longest: number;
}

/** Where the provider sends browsers back to. */
export const callbackPath = '/login/callback';

/** A login that was begun, in a cookie of the browser that began it. */
const loginCookie = '__Host-appstore-login';
const loginPurpose = 'login';
const loginAttributes = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const;
/** Seconds that somebody has to log in. */
const loginTime = 600;

/** Logins that one address may begin in a minute: behind an ingress that is all people together. */
const mostLogins = { max: 300, timeWindow: 60_000 };

interface Login extends LoginChecks {
  readonly returnTo: string;
  readonly began: number;
}

/** Login by OpenID Connect. What is known of somebody stands sealed in their browser's cookies, and no server has to remember it. */
export function oidcCallers(deps: OidcDeps, settings: OidcSettings): Callers {
  const { sealer, clock, bearer } = deps;
  const cookies = sessionCookies(sealer);
  const sessions = liveSessions(deps.issuer, clock, settings.longest);
  const renewed = new WeakMap<FastifyRequest, Session>();
  const identities = knownIdentities(deps.identify, sessions);
  const left = (session: Session) => Math.floor(session.began + settings.longest - seconds(clock));
  return {
    mode: settings.mode,
    login: '/login',
    async authenticate(request): Promise<Caller | undefined> {
      if (request.headers.authorization !== undefined && bearer !== undefined)
        return bearer.authenticate(request);
      const given = cookies.read(request);
      if (given === undefined) return undefined;
      const session = await sessions.current(given);
      // Either may be new alone: two tokens that were made in the same second are the same.
      if (session.idToken !== given.idToken || session.refreshToken !== given.refreshToken)
        renewed.set(request, session);
      const { name, groups, credential } = await identities(session);
      const key = `session ${session.id}`;
      return { mode: settings.mode, name, groups, key, credential, csrf: session.csrf };
    },
    routes(app) {
      addLogin(app, deps, settings, cookies);
      app.addHook('onSend', async (request, reply) => {
        const session = renewed.get(request);
        if (session !== undefined) cookies.write(request, reply, session, left(session));
      });
    },
    async logout(request, reply) {
      const given = cookies.read(request);
      renewed.delete(request);
      cookies.clear(request, reply);
      if (given === undefined) return;
      const session = await sessions.current(given).catch(() => given);
      sessions.end(given);
      // The session here is over in any case: a provider that cannot be asked keeps its own.
      const next = await deps.issuer.end(session, `${settings.publicUrl}/`).catch(() => undefined);
      if (next !== undefined) void reply.header('location', next);
    },
  };
}

/** Asked once a token, at the same time by many. */
function knownIdentities(
  identify: Identify,
  sessions: LiveSessions,
): (session: Session) => Promise<Identity> {
  const known = new Map<string, { readonly idToken: string; readonly identity: Promise<Identity> }>();
  return (session) => {
    const found = known.get(session.id);
    if (found?.idToken === session.idToken) return found.identity;
    const identity = identify(session.idToken, async () => (await sessions.current(session)).idToken);
    const entry = { idToken: session.idToken, identity };
    known.set(session.id, entry);
    if (known.size > mostKnown) known.delete(known.keys().next().value ?? '');
    identity.catch(() => {
      if (known.get(session.id) === entry) known.delete(session.id);
    });
    return identity;
  };
}

const mostKnown = 1000;

function addLogin(
  app: FastifyInstance,
  deps: OidcDeps,
  settings: OidcSettings,
  cookies: SessionCookies,
): void {
  const { issuer, sealer, clock, random } = deps;
  const secret = () => Buffer.from(random.bytes(32)).toString('base64url');
  const config = { public: true, rateLimit: mostLogins };
  const answering = (work: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>) => {
    return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      void reply.header('cache-control', 'no-store');
      try {
        return await work(request, reply);
      } catch (error) {
        reply.clearCookie(loginCookie, loginAttributes);
        return problemPage(request, reply, error);
      }
    };
  };
  app.get(
    '/login',
    { config },
    answering(async (request, reply) => {
      const checks = { state: secret(), nonce: secret(), verifier: secret() };
      const { return: wanted } = request.query as { return?: unknown };
      const login: Login = {
        ...checks,
        returnTo: ownPath(wanted, settings.publicUrl),
        began: seconds(clock),
      };
      const next = await issuer.begin(checks);
      reply.setCookie(loginCookie, sealer.seal(loginPurpose, login), {
        ...loginAttributes,
        maxAge: loginTime,
      });
      return reply.redirect(next, 303);
    }),
  );
  app.get(
    callbackPath,
    { config },
    answering(async (request, reply) => {
      const login = asLogin(sealer.open(loginPurpose, request.cookies[loginCookie] ?? ''));
      if (login === undefined || login.began + loginTime < seconds(clock))
        throw new AppstoreError('LOGIN_FAILED', 'this browser began no login, or too long ago');
      // By the address that is known, not by the one that the request names.
      const answer = new URL(request.url, settings.publicUrl);
      const tokens = await issuer.finish(answer, login);
      if (lifetimeOf(tokens.idToken).to <= seconds(clock))
        throw new AppstoreError('LOGIN_FAILED', 'the identity provider gave an id token that has ended');
      const session: Session = { id: secret(), csrf: secret(), began: seconds(clock), ...tokens };
      reply.clearCookie(loginCookie, loginAttributes);
      cookies.write(request, reply, session, settings.longest);
      return reply.redirect(login.returnTo, 303);
    }),
  );
}

/** Where somebody goes after the login: a path of this server and nothing else, else its first page. */
export function ownPath(wanted: unknown, publicUrl: string): string {
  if (typeof wanted !== 'string' || !/^\/(?![/\\])[^\\\s]*$/.test(wanted)) return '/';
  const url = URL.parse(wanted, publicUrl);
  if (url === null || url.origin !== new URL(publicUrl).origin || url.pathname.startsWith('//')) return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}

function asLogin(opened: unknown): Login | undefined {
  if (!isObject(opened)) return undefined;
  const { state, nonce, verifier, returnTo, began } = opened;
  if (typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string')
    return undefined;
  return typeof returnTo === 'string' && typeof began === 'number'
    ? { state, nonce, verifier, returnTo, began }
    : undefined;
}

function seconds(clock: Clock): number {
  return Math.floor(clock.now().getTime() / 1000);
}
