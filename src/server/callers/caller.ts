import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ClusterCredential } from '../../services/cluster-directory.ts';

/** Who asks. */
export interface Caller {
  readonly mode: CallerMode;
  /** As the cluster knows them; for people, the record and the audit. */
  readonly name: string;
  readonly groups: readonly string[];
  /** The same for every request with the same credentials, and tells nothing of them: connections are kept by it. */
  readonly key: string;
  readonly credential: ClusterCredential;
  /** Where a browser sends what proves it by itself (a cookie): what every write has to carry in `x-appstore-csrf`. */
  readonly csrf?: string;
}

type CallerMode = 'kubeconfig' | 'token' | 'oidc' | 'impersonation';

/** The same for every request of one person or account, whatever proves it: limits are kept by it, as anybody may get themselves many tokens. */
export function personOf({ mode, name }: Caller): string {
  return `${mode} ${name}`;
}

/** Whether two requests are of one person or account, also where a token was renewed in between. */
export function sameCaller(one: Caller, other: Caller): boolean {
  return personOf(one) === personOf(other);
}

/** How a server knows who asks: one of them for its whole life. */
export interface Callers {
  readonly mode: CallerMode;
  /**
   * Undefined where the request says nothing of who asks.
   * @throws AppstoreError UNAUTHENTICATED where what it says does not count
   */
  authenticate(request: FastifyRequest): Promise<Caller | undefined>;
  /** Where a person logs in, as a path of this server; absent where there is no such page. */
  readonly login?: string;
  /** Adds the ways in and out that need no caller, such as `/login`. */
  routes?(app: FastifyInstance): void;
  /** Ends what `authenticate` goes by. */
  logout?(request: FastifyRequest, reply: FastifyReply): Promise<void>;
}
