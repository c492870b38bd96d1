import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { AppstoreError } from '../../domain/errors.ts';
import type { Random } from '../../services/ports.ts';
import { isPageVisit } from '../page-visit.ts';
import type { Caller, Callers } from './caller.ts';

/** A caller on the machine of the server: whoever started it. */
export interface LoopbackCallers extends Callers {
  /** A path that logs in whoever opens it first. */
  newLink(): string;
}

interface Session {
  readonly csrf: string;
}

/**
 * One-time links that are exchanged for a cookie. Nobody else on the machine can read the link from the terminal; what a browser knows
 * afterwards lasts as long as the server.
 * @param name Of the person, for records
 * @param tell A new link for the terminal, as a path: somebody came without a session, and every link that was told is used. One waits at
 *   most, so whoever comes again and again cannot fill the terminal.
 */
export function loopbackCallers(
  { random }: { readonly random: Random },
  options: { readonly name: string; readonly cookie: string; readonly tell: (link: string) => void },
): LoopbackCallers {
  const links = new Set<string>();
  const sessions = new Map<string, Session>();
  const secret = () => Buffer.from(random.bytes(32)).toString('base64url');
  const sessionOf = (request: FastifyRequest): Session | undefined => {
    const value = request.cookies[options.cookie];
    return value === undefined ? undefined : sessions.get(digest(value));
  };
  const begin = (): string => {
    const value = secret();
    sessions.set(digest(value), { csrf: secret() });
    return value;
  };
  const newLink = (): string => {
    const once = secret();
    links.add(digest(once));
    return `/login?once=${once}`;
  };
  return {
    mode: 'kubeconfig',
    newLink,
    async authenticate(request): Promise<Caller | undefined> {
      const session = sessionOf(request);
      if (session === undefined) {
        if (links.size === 0) options.tell(newLink());
        return undefined;
      }
      const { name } = options;
      return {
        mode: 'kubeconfig',
        name,
        groups: [],
        key: 'kubeconfig',
        credential: { kind: 'own' },
        csrf: session.csrf,
      };
    },
    routes(app) {
      app.get('/login', { config: { public: true } }, async (request, reply) => {
        const { once } = request.query as { once?: unknown };
        const known = typeof once === 'string' && takeLink(links, once);
        // The page that nobody is signed in to tells a person what to do.
        if (!known && sessionOf(request) === undefined && !isPageVisit(request))
          throw new AppstoreError(
            'UNAUTHENTICATED',
            'this link was used already, or is not one of this server',
            {
              hint: 'Open the last link that the server printed, or stop it and start `appstore serve` again.',
            },
          );
        if (known)
          reply.setCookie(options.cookie, begin(), { path: '/', httpOnly: true, sameSite: 'strict' });
        return reply.header('cache-control', 'no-store').redirect('/', 303);
      });
    },
    async logout(request, reply) {
      const value = request.cookies[options.cookie];
      if (value !== undefined) sessions.delete(digest(value));
      reply.clearCookie(options.cookie, { path: '/' });
    },
  };
}

/** Takes a link out of those that count; false where it is none. */
function takeLink(links: Set<string>, once: string): boolean {
  const asked = Buffer.from(digest(once));
  for (const link of links) if (timingSafeEqual(Buffer.from(link), asked)) return links.delete(link);
  return false;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
