import outputs from '../../docs/schema/outputs.v1.json' with { type: 'json' };
import planFile from '../../docs/schema/plan.v1.json' with { type: 'json' };
import type { JsonObject } from '../domain/json.ts';

const text = (description: string): JsonObject => ({ type: 'string', description });
const time = text('RFC 3339, UTC');
const flag = (description: string): JsonObject => ({ type: 'boolean', description });
const list = (items: JsonObject, most = 1000): JsonObject => ({ type: 'array', items, maxItems: most });
const exact = (
  properties: JsonObject,
  required: readonly string[] = Object.keys(properties),
): JsonObject => ({ type: 'object', properties, required: [...required], additionalProperties: false });

/** DNS label (RFC 1123), as namespaces, installations and catalogs are named. */
const label: JsonObject = {
  type: 'string',
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
  maxLength: 63,
};
const clusterName: JsonObject = {
  type: 'string',
  minLength: 1,
  maxLength: 253,
  description: 'name of a cluster of `/api/v1/clusters`; the one that is `default` if not given',
};
const limit: JsonObject = {
  type: 'integer',
  minimum: 1,
  maximum: 1000,
  description: 'rows of a page, 100 if not given',
};
const cursor: JsonObject = {
  type: 'string',
  maxLength: 1000,
  description: '`next` of the page before',
};
const appName: JsonObject = {
  type: 'string',
  pattern: '^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$',
  maxLength: 63,
};
/** A version or range. What looks like an address or a path is neither. */
const version: JsonObject = {
  type: 'string',
  pattern: '^[^/@\\\\\\s][^/@\\\\]*$',
  maxLength: 100,
  description: 'a version or range, like `1.4.0`, `^1.4` or `>=1.4 <2`; the newest if not given',
};

export const appParams = exact({ catalog: label, app: appName });
export const versionQuery = exact({ version }, []);
export const deploymentParams = exact({ namespace: label, name: label });
export const clusterQuery = exact({ cluster: clusterName }, []);
export const operationParams = exact({
  id: { type: 'string', pattern: '^[A-Za-z0-9_-]+$', maxLength: 2000 },
});

export const appListQuery = exact(
  {
    q: { type: 'string', maxLength: 200, description: 'words that every app has to match' },
    category: { type: 'string', maxLength: 63 },
    limit,
    cursor,
  },
  [],
);
/** `deploymentListQuery`, as it arrives. */
export interface DeploymentListQuery {
  readonly cluster?: string;
  readonly namespace?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

export const deploymentListQuery = exact({ cluster: clusterName, namespace: label, limit, cursor }, []);

const optional = (properties: JsonObject): JsonObject => exact(properties, []);
const revisionNumber: JsonObject = { type: 'integer', minimum: 1, maximum: 1e9 };

export const outdatedQuery = optional({ cluster: clusterName, namespace: label });
export const revisionQuery = optional({
  cluster: clusterName,
  revision: { ...revisionNumber, description: 'the newest if not given' },
});
export const logsQuery = optional({
  cluster: clusterName,
  object: { type: 'string', maxLength: 300, description: '`Kind/name`; all of them if not given' },
  container: { type: 'string', maxLength: 63 },
  tail: {
    type: 'integer',
    minimum: 0,
    maximum: 10_000,
    description: 'lines of each container, 100 if not given',
  },
  sinceSeconds: { type: 'integer', minimum: 1, maximum: 1e9 },
  previous: { type: 'boolean', description: 'of the run before the last restart' },
});
export const credentialsQuery = optional({
  cluster: clusterName,
  key: { type: 'string', maxLength: 500, description: 'whose value is shown; names alone if not given' },
});
export const streamQuery = optional({
  after: {
    type: 'integer',
    minimum: 0,
    description: 'number of the last event that was seen, as `Last-Event-ID`',
  },
});

const whole = (most: number, description: string): JsonObject => ({
  type: 'integer',
  minimum: 1,
  maximum: most,
  description,
});

const dryRun = flag('true: says what would be done, and writes nothing');
const planDigest: JsonObject = {
  type: 'string',
  pattern: '^sha256:[0-9a-f]{64}$',
  description:
    '`planDigest` of the dry run that was agreed to: where the plan is another by now, PLAN_MOVED and nothing is written',
};
const names = (description: string): JsonObject => ({
  ...list({ type: 'string', minLength: 1, maxLength: 500 }, 200),
  description,
});

/** What everything that works on a deployment may say. */
const doing: JsonObject = {
  dryRun,
  planDigest,
  wait: flag(
    'false: answers are done when everything is written, whether or not it is ready; true if not given',
  ),
  timeoutSeconds: whole(24 * 3600, 'for the whole operation; 300 if not given'),
  waitForLockSeconds: whole(3600, 'to wait for another operation on the deployment; not at all if not given'),
  allowClusterScope: flag('objects outside the namespace, and RBAC, may be written from the record'),
};
const confirm = flag(
  'the yes to deleting (`--yes` of the command line): without it CONFIRMATION_NEEDED where something is deleted',
);
const hooks = flag('false: no hook of the app runs');

/** What installs, upgrades and rollbacks may say besides. */
const changing: JsonObject = {
  ...doing,
  confirm,
  hooks,
  failAfterSeconds: whole(24 * 3600, 'how long evidence of a failure has to last before waiting ends'),
  keep: whole(100, 'revisions that are kept; 10 if not given'),
  undoOnFailure: flag('after a failure go back to what was before'),
  take: names('fields of other managers that become ours, as `Kind/name:.path`'),
  yield: names('fields that are left to other managers, as `Kind/name:.path`'),
  adopt: names('existing objects that become part of the app, as `Kind/name`; `*`: all'),
  replace: names('objects that may be deleted and made anew, as `Kind/name`'),
  replaceData: flag('also volumes may be deleted and made anew'),
};

const given: JsonObject = {
  values: {
    type: 'object',
    description: "the app's values; its schema is at `/api/v1/apps/{catalog}/{app}/schema`",
  },
  secretRefs: {
    ...list(
      exact({
        path: text('path in the values, as `--set` writes it'),
        secret: text('name of a Secret in the namespace'),
        key: text('key in it'),
      }),
      200,
    ),
    description: 'values that are read from Secrets of the cluster',
  },
  patches: {
    ...list({ type: 'object' }, 200),
    description: 'changes to what the app renders (docs/values.md)',
  },
  imageRegistry: text('registry (and path) that stands in for that of every image'),
  imagePullSecrets: names('names of Secrets that images are pulled with'),
};

const app: JsonObject = {
  type: 'string',
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?/[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$',
  maxLength: 127,
  description: '`catalog/name`: apps come from the catalogs of the server alone',
};

const deployFields: JsonObject = {
  app,
  version,
  name: { ...label, description: 'name of the deployment; that of the app if not given' },
  namespace: label,
  cluster: clusterName,
  createNamespace: flag('make the namespace where it is not there'),
  ...given,
  ...changing,
};
const upgradeFields: JsonObject = {
  app: { ...app, description: 'only where its catalog is not known: what was taken over from Helm' },
  version,
  ...given,
  resetValues: flag('forget the stored values instead of putting the given ones over them'),
  ...changing,
};

export const deployBody = exact(deployFields, ['app', 'namespace']);
export const upgradeBody = exact(upgradeFields, []);
export const rollbackBody = exact(
  {
    revision: { ...revisionNumber, description: 'the one before the current one if not given' },
    undo: flag('only from an operation that failed or was cut, back to what is deployed'),
    ...changing,
  },
  [],
);
export const removeBody = exact(
  {
    ...doing,
    confirm,
    hooks,
    purgeData: flag('volumes and generated secrets go too'),
    purgeCrds: flag('CustomResourceDefinitions go too, and with them every object of their kinds'),
    deleteNamespace: flag('the namespace goes too, if an install made it and nothing else is in it'),
  },
  [],
);
export const repairBody = exact(
  { ...doing, only: names('`Kind/name` or `Kind/name:.field`; all if not given') },
  [],
);
const plan: JsonObject = {
  type: 'object',
  description: 'a plan, as `/api/v1/plans` or `appstore plan --out` made it',
};
export const planBody = exact(
  {
    ...deployFields,
    operation: { enum: ['install', 'upgrade', 'rollback'] },
    resetValues: flag('forget the stored values instead of putting the given ones over them'),
    revision: { ...revisionNumber, description: 'of a rollback' },
    undo: flag('of a rollback: only from an operation that failed or was cut'),
    requireApproval: flag('it may only be carried out when somebody has approved it'),
  },
  ['operation', 'namespace'],
);
export const showBody = exact({ plan });
export const approveBody = exact({ plan, cluster: clusterName }, ['plan']);
export const keptPlanParams = exact({
  namespace: label,
  id: { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?\\.[0-9a-f]{10}$', maxLength: 100 },
});
export const rejectBody = exact({ reason: { type: 'string', maxLength: 1000, description: 'why' } }, []);
export const nothingBody = exact({});
export const applyBody = exact(
  { plan, cluster: clusterName, values: { type: 'object' }, ...doing, confirm, hooks },
  ['plan'],
);
export const resumeBody = exact(
  {
    timeoutSeconds: doing.timeoutSeconds,
    waitForLockSeconds: doing.waitForLockSeconds,
    wait: doing.wait,
    allowClusterScope: doing.allowClusterScope,
    confirm,
  } as JsonObject,
  [],
);

/** Header of everything that begins an operation. */
export const keyHeader: JsonObject = {
  type: 'object',
  properties: {
    'idempotency-key': {
      type: 'string',
      minLength: 16,
      maxLength: 200,
      description:
        'random, like a UUID: the same request sent again with it is the same operation. Needed unless `dryRun`',
    },
  },
};

/** A plan that waits, as a list tells of it. */
const keptPlan: JsonObject = {
  id: text('name of it in its namespace'),
  cluster: { type: 'string' },
  namespace: { type: 'string' },
  name: text('of the deployment'),
  operation: text('`install`, `upgrade` or `rollback`'),
  app: { type: 'string' },
  version: { type: 'string' },
  made: exact({ at: time, by: { type: 'string' } }),
  state: {
    enum: ['waiting', 'approved', 'rejected', 'free'],
    description: 'free: it asks for no approval. In a list, what whoever wrote it says',
  },
  rejection: exact({ by: { type: 'string' }, at: time, reason: { type: 'string' } }),
};
const ofKeptPlan = Object.keys(keptPlan).filter((name) => name !== 'rejection');

/** What the API has beside what the command line writes. */
const own: JsonObject = {
  Session: exact(
    {
      apiVersion: { const: 'appstore.dev/v1' },
      kind: { const: 'Session' },
      caller: exact({
        name: text('as the cluster knows them'),
        groups: list({ type: 'string' }),
        mode: { enum: ['kubeconfig', 'token', 'oidc', 'impersonation'] },
      }),
      csrf: text(
        'what writes send in `x-appstore-csrf`; absent where the caller sends a token with each request',
      ),
      approves: flag('this server signs approvals of plans'),
      clusters: list({ type: 'string' }),
      defaultCluster: { type: 'string' },
      simulated: flag('the default cluster is a sandbox: no container runs there'),
      sandboxes: list({ type: 'string', description: 'a cluster that is a sandbox' }),
      version: text('of appstore'),
      languages: list({ type: 'string' }),
    },
    [
      'apiVersion',
      'kind',
      'caller',
      'approves',
      'clusters',
      'simulated',
      'sandboxes',
      'version',
      'languages',
    ],
  ),
  ClusterList: exact({
    apiVersion: { const: 'appstore.dev/v1' },
    kind: { const: 'ClusterList' },
    items: list(
      exact({
        name: { type: 'string' },
        server: text('address of its API server'),
        default: flag('stands for none'),
        simulated: flag('a sandbox: no container runs there'),
      }),
    ),
  }),
  KeptPlan: exact(
    {
      apiVersion: { const: 'appstore.dev/v1' },
      kind: { const: 'KeptPlan' },
      ...keptPlan,
      requireApproval: { type: 'boolean' },
      approvals: {
        ...list(
          exact({
            by: { type: 'string' },
            at: time,
            own: flag('of whoever asks: it does not count when they carry it out'),
          }),
        ),
        description: 'those that hold: signed by a key that this server trusts, over just this plan',
      },
      plan: { $ref: '#/components/schemas/PlanFile' },
    },
    ['apiVersion', 'kind', ...ofKeptPlan, 'requireApproval', 'approvals', 'plan'],
  ),
  KeptPlanList: exact(
    {
      apiVersion: { const: 'appstore.dev/v1' },
      kind: { const: 'KeptPlanList' },
      items: list(exact(keptPlan, ofKeptPlan)),
      total: { type: 'integer', minimum: 0 },
      next: { type: 'string', description: 'cursor of the next page' },
      limitedTo: text('the only namespace that the caller may look into'),
    },
    ['apiVersion', 'kind', 'items', 'total'],
  ),
  CategoryList: exact({
    apiVersion: { const: 'appstore.dev/v1' },
    kind: { const: 'CategoryList' },
    items: list(exact({ name: { type: 'string' }, apps: { type: 'integer', minimum: 1 } })),
  }),
  VersionList: exact({
    apiVersion: { const: 'appstore.dev/v1' },
    kind: { const: 'VersionList' },
    items: list(
      exact({ version: { type: 'string' }, appVersion: { type: 'string' }, yanked: { type: 'string' } }, [
        'version',
        'appVersion',
      ]),
      100_000,
    ),
  }),
  LogLines: exact({
    apiVersion: { const: 'appstore.dev/v1' },
    kind: { const: 'LogLines' },
    items: list(
      exact({
        namespace: { type: 'string' },
        pod: { type: 'string' },
        container: { type: 'string' },
        text: { type: 'string' },
      }),
      1_000_000,
    ),
    problems: list({ $ref: '#/components/schemas/Problem' }),
  }),
  JsonSchema: { type: 'object', description: 'JSON Schema (2020-12) of the values of an app' },
  Operation: exact(
    {
      apiVersion: { const: 'appstore.dev/v1' },
      kind: { const: 'Operation' },
      id: { type: 'string' },
      cluster: { type: 'string' },
      namespace: { type: 'string' },
      name: { type: 'string' },
      operation: { enum: ['install', 'upgrade', 'rollback', 'remove', 'adopt', 'return', 'repair'] },
      state: {
        enum: ['running', 'done', 'failed', 'interrupted'],
        description: 'interrupted: nobody is at it any more; `resume` goes on with it',
      },
      startedAt: { type: 'string', description: 'RFC 3339, UTC; empty where it is not known any more' },
      stopping: flag('it was asked to stop, and is about to'),
      finishedAt: time,
      by: text('who began it or works on it; empty where it is not known any more'),
      revision: { type: 'integer', minimum: 0 },
      result: {
        description: 'what came of it, where this replica carried it out',
        oneOf: ['Change', 'Removal', 'Repair'].map((name) => ({ $ref: `#/components/schemas/${name}` })),
      },
      problem: { $ref: '#/components/schemas/ProblemDetails' },
    },
    ['apiVersion', 'kind', 'id', 'cluster', 'namespace', 'name', 'operation', 'state', 'startedAt', 'by'],
  ),
  ProblemDetails: exact(
    {
      type: text('where the code is explained'),
      title: text('what the code means'),
      status: { type: 'integer', minimum: 400, maximum: 599 },
      detail: text('what happened'),
      code: {
        type: 'string',
        pattern: '^[A-Z][A-Z_]+$',
        description: 'a code of docs/errors.md; there may be new ones',
      },
      category: {
        enum: [
          'failed',
          'input',
          'pending',
          'not-found',
          'conflict',
          'unhealthy',
          'forbidden',
          'interrupted',
        ],
      },
      hint: text('what to do'),
      problems: list({ $ref: '#/components/schemas/Problem' }),
      instance: text('id of the request, for whoever reads the log'),
      login: text('where a person logs in; with UNAUTHENTICATED'),
      plan: { description: 'the plan as it is now; with PLAN_MOVED', $ref: '#/components/schemas/Plan' },
      planDigest: text('of that plan'),
    },
    ['type', 'title', 'status', 'detail', 'code', 'category', 'hint', 'problems'],
  ),
  ErrorCode: exact({
    code: { type: 'string' },
    category: { type: 'string' },
    status: { type: 'integer' },
    meaning: { type: 'string' },
    fix: { type: 'string' },
  }),
  Health: exact({ status: { enum: ['ok', 'stopping'] } }),
};

/** The document of a plan, as the command line writes it. */
function planFileSchema(): JsonObject {
  const { $schema: _dialect, title: _title, ...schema } = planFile as unknown as JsonObject;
  return schema;
}

/** A list with what a page says besides. */
function paged(schema: JsonObject): JsonObject {
  const properties = schema.properties as JsonObject;
  const more = {
    total: { type: 'integer', minimum: 0 },
    next: { type: 'string', description: 'cursor of the next page' },
  };
  return {
    ...schema,
    properties: { ...properties, ...more },
    required: [...(schema.required as string[]), 'total'],
  };
}

/** What lives in a cluster, with its name. */
function located(schema: JsonObject): JsonObject {
  const cluster = text('name of the cluster that it lives in');
  return {
    ...schema,
    properties: { ...(schema.properties as JsonObject), cluster },
    required: [...(schema.required as string[]), 'cluster'],
  };
}

/** A dry run with what pins it. */
function pinned(schema: JsonObject): JsonObject {
  return { ...schema, properties: { ...(schema.properties as JsonObject), planDigest } };
}

/** The schemas of the document: those of the command line's outputs as they stand, and those of the API alone. */
export function components(): JsonObject {
  const shared = JSON.parse(JSON.stringify(outputs.$defs).replaceAll('#/$defs/', '#/components/schemas/'));
  return {
    ...shared,
    ...own,
    PlanFile: planFileSchema(),
    AppList: paged(shared.AppList),
    InstallationList: located(paged(shared.InstallationList)),
    InstallationStatus: located(shared.InstallationStatus),
    Change: pinned(shared.Change),
    Removal: pinned(shared.Removal),
    Repair: pinned(shared.Repair),
  };
}

export const errorParams = exact({ code: { type: 'string', pattern: '^[A-Z][A-Z_]*$', maxLength: 64 } });
