import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonObject } from '../../domain/json.ts';
import type { Services } from '../services.ts';

/** A part of the API as data: what is registered and what is documented are the same. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** As OpenAPI writes it: `/api/v1/apps/{catalog}/{app}`. */
  readonly path: string;
  /** Name of the operation in the document. */
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: JsonObject;
  readonly query?: JsonObject;
  readonly headers?: JsonObject;
  readonly body?: JsonObject;
  /** What it answers, by status; problems are added by themselves. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Needs no caller. */
  readonly public?: true;
  /** Begins something in a cluster: what it is called in the audit. */
  readonly write?: string;
  /** Bytes of a body, where they may be more than usual. */
  readonly bodyLimit?: number;
  /** Not packed: a stream that has to arrive at once. */
  readonly streams?: true;
  /** Never kept anywhere. */
  readonly secret?: true;
  handle(request: FastifyRequest, reply: FastifyReply, services: Services): Promise<unknown>;
}

/** One answer of a route. */
export interface Answer {
  readonly description: string;
  /** Name of a schema among the components; absent where the body is not JSON or there is none. */
  readonly schema?: string;
  /** Media type; `application/json` with a schema, none without. */
  readonly type?: string;
  readonly headers?: readonly string[];
}

/** A path as the router writes it. */
export function routerPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}
