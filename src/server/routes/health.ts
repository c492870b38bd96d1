import { type ErrorCode, errorCodes } from '../../domain/error-codes.ts';
import { AppstoreError } from '../../domain/errors.ts';
import { statusOf } from '../problems.ts';
import { errorParams } from '../schemas.ts';
import type { Route } from './route.ts';

const tag = 'Server';

/** What needs no caller. */
export const healthRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/healthz',
    id: 'isAlive',
    tag,
    summary: 'Whether the server is alive',
    public: true,
    answers: { 200: { description: 'it is', schema: 'Health' } },
    handle: async () => ({ status: 'ok' }),
  },
  {
    method: 'GET',
    path: '/readyz',
    id: 'isReady',
    tag,
    summary: 'Whether it takes requests: not while it ends, nor without its catalogs',
    public: true,
    answers: {
      200: { description: 'it does', schema: 'Health' },
      503: { description: 'it does not', schema: 'Health' },
    },
    async handle(_request, reply, { shelf, stopped }) {
      if (stopped.aborted) return reply.code(503).send({ status: 'stopping' });
      await shelf.deps();
      return { status: 'ok' };
    },
  },
  {
    method: 'GET',
    path: '/metrics',
    id: 'readMetrics',
    tag,
    summary: 'Numbers for Prometheus: nothing of them names a caller or a deployment',
    public: true,
    answers: { 200: { description: 'the text format of Prometheus', type: 'text/plain' } },
    async handle(_request, reply, { metrics }) {
      void reply.type(metrics.contentType);
      return metrics.text();
    },
  },
  {
    method: 'GET',
    path: '/api/v1/openapi.json',
    id: 'getDescription',
    tag,
    summary: 'This description',
    public: true,
    answers: { 200: { description: 'OpenAPI 3.1', schema: 'JsonSchema' } },
    handle: async (_request, _reply, { document }) => document(),
  },
  {
    method: 'GET',
    path: '/api/v1/errors/{code}',
    id: 'getError',
    tag,
    summary: 'What an error code means: the `type` of every problem',
    public: true,
    params: errorParams,
    answers: { 200: { description: 'meaning and fix', schema: 'ErrorCode' } },
    async handle(request) {
      const { code } = request.params as { readonly code: ErrorCode };
      if (!Object.hasOwn(errorCodes, code))
        throw new AppstoreError('ROUTE_NOT_FOUND', 'there is no such code');
      const { category, meaning, fix } = errorCodes[code];
      return { code, category, status: statusOf(new AppstoreError(code, '')), meaning, fix };
    },
  },
];
