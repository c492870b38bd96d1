import { AppstoreError } from '../../domain/errors.ts';
import type { ServeOptions } from '../../server/context.ts';
import type { Cli } from '../cli.ts';
import type { Options } from '../options.ts';
import { printResult } from '../views/print.ts';
import { serverView } from '../views/server.ts';

/** Port, requests a minute and milliseconds unless told. */
const usualPort = 7080;
const usualRate = 1200;
const usualGrace = 25_000;
/** Between two readings of the catalogs, where the server is for many. */
const usualRefresh = 60 * 60_000;

/** `appstore serve` */
export async function run(cli: Cli): Promise<undefined> {
  const { io, options, context } = cli;
  const { kubeconfig, context: kubeContext, clusterFile, publicUrl, approvalKey } = options;
  const auth = options.auth ?? 'kubeconfig';
  const serving = await context.serve({
    auth,
    // On a machine of somebody, `appstore catalog update` is theirs to say.
    catalogRefresh: options.catalogRefresh ?? (auth === 'kubeconfig' ? 0 : usualRefresh),
    listen: options.listen ?? '127.0.0.1',
    port: options.port ?? usualPort,
    clusters: options.cluster ?? [],
    approvedBy: options.approvedBy ?? [],
    requestsPerMinute: options.rateLimit ?? usualRate,
    grace: options.grace ?? usualGrace,
    newLink: (again) => void printResult(cli, serverView(again)).catch(() => undefined),
    log: { write: (line) => void io.stderr.write(line) },
    logLevel: options.logLevel ?? (options.quiet === true ? 'warn' : 'info'),
    ...(options.metricsPort === undefined ? {} : { metricsPort: options.metricsPort }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(kubeContext === undefined ? {} : { context: kubeContext }),
    ...(clusterFile === undefined ? {} : { clusterFile }),
    ...(approvalKey === undefined ? {} : { approvalKey }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...loginOf(options),
  });
  try {
    await printResult(cli, serverView(serving));
    await aborted(io.signal);
  } finally {
    await serving.stop();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}

/** What is said of logging in. @throws AppstoreError USAGE where it is said to a server that nobody logs in to */
function loginOf(options: Options): Pick<ServeOptions, 'oidc'> {
  const { auth, impersonate, sessionKeyFile = [], sessionTime } = options;
  const given = {
    issuer: options.oidcIssuer,
    clientId: options.oidcClientId,
    clientSecretFile: options.oidcClientSecretFile,
    scopes: options.oidcScopes,
    caFile: options.oidcCaFile,
    allowFile: options.impersonateAllow,
    usernameClaim: options.oidcUsernameClaim,
    usernamePrefix: options.oidcUsernamePrefix,
    groupsClaim: options.oidcGroupsClaim,
    groupsPrefix: options.oidcGroupsPrefix,
  };
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  if (auth === 'oidc')
    return {
      oidc: {
        ...Object.fromEntries(said),
        ...(sessionTime === undefined ? {} : { sessionTime }),
        sessionKeyFiles: sessionKeyFile,
        impersonate: impersonate === true,
      },
    };
  if (said.length === 0 && sessionKeyFile.length === 0 && impersonate !== true && sessionTime === undefined)
    return {};
  throw new AppstoreError(
    'USAGE',
    'flags for logging in are given, and nobody logs in: `--auth oidc` is missing',
  );
}
