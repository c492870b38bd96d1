import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { AppstoreError } from '../../domain/errors.ts';
import type { ClusterCredential } from '../../services/cluster-directory.ts';
import type { Clock } from '../../services/ports.ts';
import type { Caller, Callers } from './caller.ts';
import { anybody, type WhoIs } from './who-is.ts';

/** How long it is believed whose a token is, milliseconds. Every request to a cluster is checked by the cluster all the same. */
const believed = 60_000;
/** Tokens that are remembered at once. */
const mostKnown = 1000;
/** Longest token, characters: those of identity providers have some thousand. */
const longestToken = 16 * 1024;

interface Known {
  readonly caller: Caller;
  readonly until: number;
}

/** `Authorization: Bearer`: the token goes to the cluster with every request, and the server has no rights of its own. */
export function bearerCallers(clock: Clock, whoIs: WhoIs): Callers {
  const known = new Map<string, Known>();
  const asking = new Map<string, Promise<Caller>>();
  const ask = async (key: string, token: string, askers: readonly string[]): Promise<Caller> => {
    const credential: ClusterCredential = { kind: 'token', token: async () => token };
    const { name, groups } = await whoIs(credential, askers);
    const caller: Caller = { mode: 'token', name, groups, key, credential };
    if (known.size >= mostKnown) known.delete(known.keys().next().value ?? '');
    known.set(key, { caller, until: clock.monotonic() + believed });
    return caller;
  };
  return {
    mode: 'token',
    async authenticate(request) {
      const token = tokenOf(request);
      if (token === undefined) return undefined;
      const key = createHash('sha256').update(token).digest('base64url');
      const found = known.get(key);
      if (found !== undefined && found.until > clock.monotonic()) return found.caller;
      known.delete(key);
      const askers = found === undefined ? [request.ip, anybody] : [];
      const answer = asking.get(key) ?? ask(key, token, askers).finally(() => asking.delete(key));
      asking.set(key, answer);
      return answer;
    },
  };
}

function tokenOf({ headers }: FastifyRequest): string | undefined {
  const { authorization } = headers;
  if (authorization === undefined) return undefined;
  const [, token = ''] = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(authorization) ?? [];
  if (token !== '' && token.length <= longestToken) return token;
  throw new AppstoreError('UNAUTHENTICATED', 'the header `Authorization` holds no bearer token', {
    hint: 'Send `Authorization: Bearer TOKEN` with the token that the cluster knows you by.',
  });
}
