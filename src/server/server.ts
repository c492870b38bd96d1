import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import etag from '@fastify/etag';
import rateLimit from '@fastify/rate-limit';
import Ajv from 'ajv/dist/2020.js';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { AppstoreError } from '../domain/errors.ts';
import { planOutput } from '../outputs/plan.ts';
import { auditOf, writeAudit } from './audit.ts';
import { personOf } from './callers/caller.ts';
import { createMetrics } from './metrics.ts';
import { openApi } from './openapi.ts';
import { PlanMoved } from './operations/carry-out.ts';
import { type LiveOperation, operationRegistry } from './operations/registry.ts';
import { isPageVisit } from './page-visit.ts';
import { planDigest } from './plan-digest.ts';
import type { Patience, Platform, ServerSettings } from './platform.ts';
import { clusterPool } from './pool.ts';
import { problemOf } from './problems.ts';
import { publicSource } from './public-source.ts';
import { catalogRoutes } from './routes/catalog.ts';
import { clusterRoutes } from './routes/clusters.ts';
import { deployRoutes } from './routes/deploy.ts';
import { deploymentRoutes } from './routes/deployments.ts';
import { healthRoutes } from './routes/health.ts';
import { keptPlanRoutes } from './routes/kept-plans.ts';
import { operationRoutes } from './routes/operations.ts';
import { planRoutes } from './routes/plans.ts';
import { type Route, routerPath } from './routes/route.ts';
import { checkCsrf, checkOrigin, securityHeaders } from './security.ts';
import { knownCaller, type Services, setCaller } from './services.ts';
import { createShelf } from './shelf.ts';
import { addStorefront, type ShowPage } from './static.ts';

/** Everything that the API is made of. */
const allRoutes: readonly Route[] = [
  ...healthRoutes,
  ...clusterRoutes,
  ...catalogRoutes,
  ...deployRoutes,
  ...deploymentRoutes,
  ...operationRoutes,
  ...planRoutes,
  ...keptPlanRoutes,
];

/** A server that is ready to listen. */
export interface AppServer {
  readonly app: FastifyInstance;
  readonly services: Services;
  /** Begins nothing new, lets operations end or interrupts them after the grace time, then closes everything. */
  stop(): Promise<void>;
}

/** Bytes of a body, and of all headers, unless a route says otherwise. */
const bodyLimit = 1024 * 1024;
const headerLimit = 32 * 1024;
const usualPatience: Patience = { headers: 15_000, request: 60_000, silence: 5 * 60_000, look: 5000 };
/** Connections at once: more would take the memory from who is served. */
const mostConnections = 5000;
/** Tries to log in, a minute, from one address. */
const refusalsPerMinute = 60;

/** Makes the server. Nothing is listened to and no cluster is asked yet. */
export async function buildServer(platform: Platform, settings: ServerSettings): Promise<AppServer> {
  const patience = settings.patience ?? usualPatience;
  const app = fastify({
    bodyLimit,
    requestTimeout: patience.request,
    connectionTimeout: patience.silence,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    return503OnClosing: false,
    genReqId: () => Buffer.from(platform.random.bytes(9)).toString('base64url'),
    http: {
      headersTimeout: patience.headers,
      maxHeaderSize: headerLimit,
      connectionsCheckingInterval: patience.look,
    },
    routerOptions: { maxParamLength: 2000, ignoreTrailingSlash: false },
    logger:
      settings.log === undefined
        ? false
        : {
            level: settings.logLevel ?? 'info',
            stream: settings.log,
            base: { service: 'appstore' },
            // Of requests and answers nothing is logged but what is named where it is: headers and bodies hold secrets.
            serializers: { req: () => ({}), res: () => ({}), err: errorForLog },
          },
  });
  app.server.maxConnections = mostConnections;
  const stopping = new AbortController();
  const metrics = createMetrics();
  const pool = clusterPool(platform);
  const routes = allRoutes.filter(({ path }) => path !== '/metrics' || settings.metricsApart !== true);
  const document = openApi(routes, platform.version);
  const services: Services = {
    platform,
    settings,
    shelf: createShelf(() => platform.browse(), platform.clock),
    pool,
    metrics,
    operations: operationRegistry(platform.clock, (operation) => tellEnd(app, services, operation)),
    stopped: stopping.signal,
    document: () => document,
  };
  metrics.gauge('appstore_operations_running', 'Operations that this replica carries out', () =>
    services.operations.running(),
  );
  metrics.gauge('appstore_cluster_connections', 'Connections to clusters that are kept, one a caller', () =>
    pool.size(),
  );
  useSchemas(app);
  await app.register(cookie);
  await app.register(rateLimit, { global: false });
  await app.register(etag, { weak: true });
  await app.register(compress, { global: true, threshold: 1024, encodings: ['br', 'gzip', 'identity'] });
  answerErrors(app, services);
  guard(app, services);
  platform.callers.routes?.(app);
  for (const route of routes) addRoute(app, services, route);
  answerUnknown(
    app,
    settings.storefront === undefined ? undefined : await addStorefront(app, settings.storefront),
  );
  return {
    app,
    services,
    async stop() {
      stopping.abort();
      await services.operations.stop(settings.grace);
      await app.close();
      await pool.close();
      metrics.close();
    },
  };
}

/** JSON Schema 2020-12, as the document says it. Only schemas of our own are compiled: those of packages never are. */
function useSchemas(app: FastifyInstance): void {
  const options = { strict: false, validateFormats: false, allErrors: false } as const;
  const exact = new Ajv.default(options);
  // Queries, headers and paths are texts.
  const texts = new Ajv.default({ ...options, coerceTypes: true });
  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'body' ? exact : texts).compile(schema));
  app.setReplySerializer((data) => JSON.stringify(data, withoutFolders));
}

/** Of a package that lies in a folder of the server nothing is said but the folder's name. */
function withoutFolders(this: object, key: string, value: unknown): unknown {
  const isSource = key === 'source' && typeof value === 'string' && 'contentDigest' in this;
  return isSource ? publicSource(value) : value;
}

function addRoute(app: FastifyInstance, services: Services, route: Route): void {
  const { params, query, headers, body } = route;
  app.route({
    method: route.method,
    url: routerPath(route.path),
    ...(route.bodyLimit === undefined ? {} : { bodyLimit: route.bodyLimit }),
    ...(route.streams === true || route.secret === true ? { compress: false } : {}),
    schema: {
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { querystring: query }),
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body }),
    },
    config: { public: route.public === true, route },
    handler: (request, reply) => {
      const cacheable = route.method === 'GET' && route.secret !== true && route.streams !== true;
      if (cacheable) void reply.header('cache-control', 'private, no-cache');
      return route.handle(request, reply, services);
    },
  });
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Needs no caller. */
    public?: boolean;
    route?: Route;
  }
}

/** Who asks, from where, how often: before anything of a request is read. */
function guard(app: FastifyInstance, { platform, settings, metrics, stopped }: Services): void {
  const { requestsPerMinute } = settings;
  const isSecure = () => settings.origins().some((origin) => origin.startsWith('https:'));
  const ofCaller = app.createRateLimit({
    max: requestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => {
      const caller = knownCaller(request);
      return caller === undefined ? '' : personOf(caller);
    },
  });
  const ofAddress = app.createRateLimit({ max: refusalsPerMinute, timeWindow: 60_000 });
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    const { config } = request.routeOptions;
    // Probes come by the address of the pod.
    if (config.route?.tag !== 'Server' || config.route.path.startsWith('/api/'))
      checkOrigin(request, settings.origins());
    if (config.public === true || (request.is404 && isPageVisit(request))) return;
    const caller = await platform.callers.authenticate(request).catch(async (error: unknown) => {
      await limit(ofAddress, request, reply);
      throw error;
    });
    if (caller === undefined) {
      await limit(ofAddress, request, reply);
      throw new AppstoreError('UNAUTHENTICATED', 'nobody is logged in', {
        hint:
          platform.callers.login === undefined
            ? 'Send a token, or open the link that the server printed.'
            : 'Log in.',
      });
    }
    setCaller(request, caller);
    await limit(ofCaller, request, reply);
    if (request.method !== 'GET' && request.method !== 'HEAD') checkCsrf(request, caller);
    if (stopped.aborted && config.route?.write !== undefined)
      throw new AppstoreError('SERVER_STOPPING', 'the server is about to end');
  });
  app.addHook('onSend', async (_request, reply) => securityHeaders(reply, isSecure()));
  app.addHook('onResponse', async (request, reply) => {
    const { route } = request.routeOptions.config;
    const name = route?.path ?? request.routeOptions.url ?? '(none)';
    metrics.request(name, request.method, reply.statusCode, reply.elapsedTime / 1000);
    const caller = knownCaller(request);
    request.log.debug(
      {
        id: request.id,
        method: request.method,
        route: name,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'answered',
    );
    const { entry } = auditOf(request);
    const barred = [401, 403, 429].includes(reply.statusCode);
    if (route?.write !== undefined && reply.statusCode >= 400 && (entry !== undefined || barred)) {
      const base = { operation: route.write, ...(entry ?? {}), id: request.id };
      return writeAudit(app.log, caller, { ...base, result: 'refused', ...codeOf(request) });
    }
    if (entry !== undefined) writeAudit(app.log, caller, { ...entry, id: request.id });
  });
}

/** Why requests were refused, for the audit. */
const refusals = new WeakMap<FastifyRequest, string>();

function codeOf(request: FastifyRequest): { readonly code?: string } {
  const code = refusals.get(request);
  return code === undefined ? {} : { code };
}

type Limit = ReturnType<FastifyInstance['createRateLimit']>;

async function limit(check: Limit, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const state = await check(request);
  if (state.isAllowed || !state.isExceeded) return;
  void reply.header('retry-after', String(state.ttlInSeconds));
  throw new AppstoreError('RATE_LIMITED', 'this is more than the server gives to one caller');
}

/** Every error is a problem; of those that nobody foresaw the log alone has the text. */
function answerErrors(app: FastifyInstance, services: Services): void {
  app.setErrorHandler(async (thrown: FastifyError, request, reply) => {
    const error = asKnown(thrown);
    const problem = problemOf(error, request.id);
    refusals.set(request, problem.code);
    if (isGone(request, error)) request.log.debug({ id: request.id }, 'the caller went away');
    else if (problem.status >= 500 && problem.status !== 503)
      request.log.error({ err: error, id: request.id, route: request.routeOptions.url }, 'failed');
    if (problem.status === 401 && services.platform.callers.mode === 'token')
      void reply.header('www-authenticate', 'Bearer');
    const { login } = services.platform.callers;
    return reply
      .code(problem.status)
      .header('cache-control', 'no-store')
      .type('application/problem+json')
      .send(
        JSON.stringify({
          ...problem,
          ...(problem.status === 401 && login !== undefined ? { login } : {}),
          ...(error instanceof PlanMoved
            ? { plan: planOutput(error.plan), planDigest: planDigest(error.plan) }
            : {}),
        }),
      );
  });
}

/** Who leaves a page cuts what it asked for: that is no failure. */
function isGone({ signal }: FastifyRequest, error: unknown): boolean {
  return signal.aborted && error instanceof Error && error.name === 'AbortError';
}

/** A person who comes to an address that there is not sees a page that says so; a program gets a problem. */
function answerUnknown(app: FastifyInstance, showPage: ShowPage | undefined): void {
  app.setNotFoundHandler(async (request, reply) => {
    if (showPage === undefined || !isPageVisit(request))
      throw new AppstoreError('ROUTE_NOT_FOUND', 'there is nothing at this address');
    return showPage(request, reply.code(404));
  });
}

/** What the library found wrong with a request, in our words. */
function asKnown(thrown: FastifyError): unknown {
  if (thrown instanceof AppstoreError) return thrown;
  if (thrown.validation !== undefined) {
    const place = thrown.validationContext ?? 'request';
    const problems = thrown.validation.slice(0, 20).map(({ instancePath, message, params }) => ({
      at: `${place}${instancePath}`,
      message: `${message ?? 'is not as described'}${extraOf(params)}`,
    }));
    return new AppstoreError('REQUEST_INVALID', `${problems[0]?.at} ${problems[0]?.message}`, { problems });
  }
  const status = thrown.statusCode ?? 500;
  if (status < 400 || status >= 500) return thrown;
  return new AppstoreError('REQUEST_INVALID', words[thrown.code] ?? 'the request cannot be read', {
    cause: thrown,
  });
}

const words: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'the body is larger than the server takes',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'the body has to be `application/json`',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'the body is empty: send `{}` where there is nothing to say',
  FST_ERR_CTP_INVALID_JSON_BODY: 'the body is no JSON',
};

function extraOf(params: Record<string, unknown>): string {
  const { additionalProperty } = params;
  return typeof additionalProperty === 'string' ? `: \`${additionalProperty.slice(0, 100)}\`` : '';
}

/** What is logged of an error. Its causes may hold what was sent. */
function errorForLog(error: Error): { type: string; message: string; stack: string } {
  return { type: error.name, message: error.message, stack: error.stack ?? '' };
}

/** The second line of the audit of an operation: what came of it. */
function tellEnd(app: FastifyInstance, { metrics }: Services, operation: LiveOperation): void {
  const { cluster, namespace, name, operation: kind, state, problem } = operation.facts();
  metrics.operation(kind, state);
  writeAudit(app.log, operation.caller, {
    ...{ operation: kind, cluster, namespace, name, result: state, id: operation.id },
    ...(problem === undefined ? {} : { code: problem.code }),
  });
}
