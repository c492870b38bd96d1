import { expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { cli, cliError, cliJson, packageFolder } from '../support/cli.ts';
import { eventually, freshNamespace, kube, kubeAnswer, userKubeconfig } from '../support/sandbox.ts';
import { type Sick, sickApp } from '../support/sick-app.ts';
import { tinyApp } from '../support/tiny-app.ts';

/** What `why -o json` answers, as far as tests look at it. */
interface Why {
  readonly cause?: string;
  readonly message?: string;
  readonly health?: string;
  readonly source: string;
  readonly fix?: { readonly text: string; readonly commands: readonly string[] };
  readonly findings: readonly {
    readonly ref: { readonly kind: string; readonly name: string };
    readonly cause: string;
    readonly reason: string;
    readonly evidence: readonly { readonly source: string; readonly text: string }[];
    readonly affects: readonly { readonly kind: string; readonly name: string }[];
  }[];
  readonly failed?: { readonly number: number; readonly cause?: string };
  readonly problems: readonly { readonly message: string }[];
}

/** Installs it without waiting, and asks why until the cause is there. */
async function whyOf(namespace: string, sick: Sick, cause: string): Promise<Why> {
  const folder = await packageFolder(sickApp(sick));
  await cliJson(['install', folder, 'web', '-n', namespace, '--no-wait']);
  let found: Why | undefined;
  await eventually(async () => {
    found = (await cliJson(['why', 'web', '-n', namespace])) as Why;
    return found.cause === cause;
  }).catch(() => undefined);
  expect(found?.cause, JSON.stringify(found, null, 1)).toBe(cause);
  return found as Why;
}

interface Row {
  readonly sick: Sick;
  readonly cause: string;
  /** Kind of what is at the root, and what is told of it. */
  readonly root: string;
  readonly reason: RegExp;
  readonly evidence?: RegExp;
  readonly command: RegExp;
}

const rows: Readonly<Record<string, Row>> = {
  'an image that is not there': {
    sick: { behaviour: 'image-pull-not-found' },
    cause: 'IMAGE_PULL_NOT_FOUND',
    root: 'Pod',
    reason: /registry\.example\/team\/app:1\.2.*not found/,
    evidence: /event .*Failed/,
    command: /appstore images builtin|appstore images/,
  },
  'an image that may not be pulled': {
    sick: { behaviour: 'image-pull-auth' },
    cause: 'IMAGE_PULL_AUTH',
    root: 'Pod',
    reason: /authorization failed/,
    command: /--image-pull-secret/,
  },
  'a registry that is not reached': {
    sick: { behaviour: 'image-pull-network' },
    cause: 'IMAGE_PULL_NETWORK',
    root: 'Pod',
    reason: /no such host/,
    command: /--image-registry/,
  },
  'an image name that is none': {
    sick: { behaviour: 'image-name-invalid' },
    cause: 'IMAGE_NAME_INVALID',
    root: 'Pod',
    reason: /invalid reference format/,
    command: /appstore get web manifest/,
  },
  'a Secret that is missing': {
    sick: { behaviour: 'config-missing' },
    cause: 'CONFIG_INVALID',
    root: 'Pod',
    reason: /secret "absent" not found/,
    command: /kubectl get configmaps,secrets/,
  },
  'a command that is missing': {
    sick: { behaviour: 'command-missing' },
    cause: 'CONFIG_INVALID',
    root: 'Pod',
    reason: /executable file not found/,
    command: /appstore upgrade web .*--set/,
  },
  'a container that keeps ending': {
    sick: { behaviour: 'crash-loop' },
    cause: 'CRASH_LOOP',
    root: 'Pod',
    reason: /container web keeps ending .*exit code 1/,
    evidence: /log /,
    command: /logs/,
  },
  'an init container that keeps ending': {
    sick: { behaviour: 'init-crash-loop' },
    cause: 'CRASH_LOOP',
    root: 'Pod',
    reason: /container prepare keeps ending/,
    command: /logs/,
  },
  'a container that uses too much memory': {
    sick: { behaviour: 'oom' },
    cause: 'OOM_KILLED',
    root: 'Pod',
    reason: /more memory than its limit/,
    command: /appstore values/,
  },
  'a probe that fails': {
    sick: { behaviour: 'never-ready' },
    cause: 'PROBE_FAILING',
    root: 'Pod',
    reason: /Readiness probe failed: HTTP probe failed with statuscode: 503/,
    evidence: /event Unhealthy/,
    command: /logs/,
  },
  'more CPU than there is': {
    sick: { requests: { cpu: '10000' } },
    cause: 'UNSCHEDULABLE_CPU',
    root: 'Pod',
    reason: /Insufficient cpu.*asks for 10k CPU; of 2 nodes sandbox-\d has most left: .* of 256 CPU/,
    evidence: /nodes asks for 10k CPU/,
    command: /kubectl describe nodes/,
  },
  'more memory than there is': {
    sick: { requests: { memory: '100Ti' } },
    cause: 'UNSCHEDULABLE_MEMORY',
    root: 'Pod',
    reason: /Insufficient memory.*asks for 100Ti memory; of 2 nodes .* of 1Ti memory/,
    command: /kubectl describe nodes/,
  },
  'no node that it may run on': {
    sick: { nodeSelector: { disk: 'none' } },
    cause: 'UNSCHEDULABLE',
    root: 'Pod',
    reason: /didn't match Pod's node affinity\/selector/,
    command: /kubectl get nodes --show-labels/,
  },
  'a Deployment that is slower than it says': {
    sick: { behaviour: 'slow', delay: '10m', progressDeadlineSeconds: 1 },
    cause: 'PROGRESS_DEADLINE',
    root: 'Deployment',
    reason: /has timed out progressing/,
    evidence: /condition Progressing=False/,
    command: /appstore status web/,
  },
  'a container that is still being made': {
    sick: { behaviour: 'slow', delay: '10m' },
    cause: 'NOT_READY',
    root: 'Deployment',
    reason: /0\/1 available/,
    command: /appstore events web/,
  },
  'a storage class that is not there': {
    sick: { claim: 'absent' },
    cause: 'VOLUME_UNBOUND',
    root: 'PersistentVolumeClaim',
    reason: /storage class absent.*"absent" not found/,
    evidence: /event ProvisioningFailed/,
    command: /kubectl get storageclass/,
  },
  'a Job that failed': {
    sick: { kind: 'Job', behaviour: 'job-failed' },
    cause: 'JOB_FAILED',
    root: 'Job',
    reason: /backoff limit/,
    evidence: /log /,
    command: /logs/,
  },
};

test.each(Object.entries(rows))('why names cause, evidence and fix: %s (row 5)', async (_name, row) => {
  const namespace = await freshNamespace();
  const found = await whyOf(namespace, row.sick, row.cause);
  const [root] = found.findings;
  expect(root?.ref.kind).toBe(row.root);
  expect(root?.reason).toMatch(row.reason);
  const evidence = root?.evidence.map(({ source, text }) => `${source} ${text}`).join('\n');
  if (row.evidence !== undefined) expect(evidence).toMatch(row.evidence);
  expect(found.fix?.commands.join('\n')).toMatch(row.command);
  expect(found.fix?.commands.join('\n')).not.toMatch(/<\w+>/);
  expect(JSON.stringify([root?.ref, root?.affects])).toContain(`"${row.sick.kind ?? 'Deployment'}"`);
});

test('why: a quota that leaves no room for the pods (row 5)', async () => {
  const namespace = await freshNamespace();
  const folder = await packageFolder(sickApp({ kind: 'StatefulSet' }));
  await cliJson(['install', folder, 'web', '-n', namespace]);
  // The plan adds up and would refuse: the quota comes after it.
  const hard = { 'requests.cpu': '5m' };
  await kube('POST', `/api/v1/namespaces/${namespace}/resourcequotas`, {
    metadata: { name: 'small' },
    spec: { hard },
  });
  await eventually(async () => {
    const quota = await kube('GET', `/api/v1/namespaces/${namespace}/resourcequotas/small`);
    return quota.status?.hard !== undefined;
  });
  await kube('DELETE', `/api/v1/namespaces/${namespace}/pods/web-0`);
  let found: Why | undefined;
  await eventually(async () => {
    found = (await cliJson(['why', 'web', '-n', namespace])) as Why;
    return found.cause === 'QUOTA_EXCEEDED';
  });
  expect(found?.findings[0]).toMatchObject({
    ref: { kind: 'StatefulSet', name: 'web' },
    reason: expect.stringMatching(/exceeded quota: small, requested: requests.cpu=10m/),
  });
  expect(found?.fix?.commands).toContain(`kubectl describe resourcequota -n ${namespace}`);
});

test('why: a policy that refuses the pods (row 5)', async () => {
  const namespace = await freshNamespace({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  const found = await whyOf(namespace, {}, 'ADMISSION_DENIED');
  expect(found.findings[0]).toMatchObject({
    ref: { kind: 'Deployment', name: 'web' },
    reason: expect.stringContaining('violates PodSecurity "restricted'),
  });
});

test('why: where all is well it says so; what is missing is told, and --exit-code is 6 only then', async () => {
  const namespace = await freshNamespace();
  const folder = await packageFolder(sickApp({}));
  await cliJson(['install', folder, 'web', '-n', namespace]);
  const well = await cli(['why', 'web', '-n', namespace, '--exit-code']);
  expect([well.code, well.stdout]).toEqual([0, expect.stringContaining('Nothing is wrong')]);
  await kube('DELETE', `/apis/apps/v1/namespaces/${namespace}/deployments/web`);
  const missing = (await cliJson(['why', 'web', '-n', namespace])) as Why;
  expect(missing).toMatchObject({ cause: 'MISSING', health: 'unhealthy' });
  expect(missing.fix?.commands).toEqual([`appstore upgrade web LOCATION -n ${namespace}`]);
  expect((await cli(['why', 'web', '-n', namespace, '--exit-code'])).code).toBe(6);
  expect((await cli(['why', 'web', '-n', namespace])).code).toBe(0);
});

test('why of what is not installed, and of a revision that is not there', async () => {
  const namespace = await freshNamespace();
  expect((await cliError(['why', 'none', '-n', namespace])).error.code).toBe('INSTALLATION_NOT_FOUND');
  await cliJson(['install', 'whoami', '-n', namespace]);
  const { exit, error } = await cliError(['why', 'whoami', '-n', namespace, '--revision', '7']);
  expect([exit, error.code]).toEqual([4, 'REVISION_NOT_FOUND']);
});

test('the evidence of a failed upgrade is stored: history has the code, why --revision tells it after it was mended (row 6)', async () => {
  const namespace = await freshNamespace();
  const at = ['-n', namespace];
  await cliJson(['install', await packageFolder(sickApp({})), 'web', ...at]);
  const broken = await packageFolder(sickApp({ behaviour: 'crash-loop' }).replace('1.0.0', '1.1.0'));
  const { exit, error } = await cliError(['upgrade', 'web', broken, ...at]);
  expect([exit, error.code]).toEqual([6, 'UNHEALTHY']);
  await cliJson(['upgrade', 'web', await packageFolder(sickApp({}).replace('1.0.0', '1.2.0')), ...at]);

  expect(await cliJson(['history', 'web', ...at])).toMatchObject({
    items: [
      { number: 3, result: 'deployed' },
      { number: 2, result: 'failed', cause: 'CRASH_LOOP' },
      { number: 1, result: 'superseded' },
    ],
  });
  expect((await cli(['history', 'web', ...at])).stdout).toContain('CRASH_LOOP');
  const then = (await cliJson(['why', 'web', ...at, '--revision', '2'])) as Why;
  expect(then).toMatchObject({ source: 'record', cause: 'CRASH_LOOP', problems: [] });
  const [root] = then.findings;
  expect(root?.ref.kind).toBe('Pod');
  expect(root?.affects).toMatchObject([{ kind: 'Deployment', name: 'web' }]);
  expect(root?.evidence.map(({ source }) => source)).toEqual(expect.arrayContaining(['event', 'log']));
  expect((await cli(['why', 'web', ...at])).stdout).toContain('Nothing is wrong');
  expect((await cli(['why', 'web', ...at, '--revision', '1'])).stdout).toContain('did not fail');
});

test('who may not read Secrets still gets cause and message of a failed revision, and is told what is left out (row 25)', async () => {
  const namespace = await freshNamespace();
  const folder = await packageFolder(sickApp({ behaviour: 'image-pull-not-found' }));
  await cliError(['install', folder, 'web', '-n', namespace]);
  const user = `reader-${namespace}`;
  await bindReader(namespace, user);
  const as = ['--kubeconfig', await userKubeconfig({ user, namespace })];
  const then = (await cliJson(['why', 'web', '--revision', '1', ...as])) as Why;
  expect(then).toMatchObject({ source: 'record', cause: 'IMAGE_PULL_NOT_FOUND', findings: [] });
  expect(then.problems[0]?.message).toContain('you may not read the Secrets of the record');
  const now = (await cliJson(['why', 'web', ...as])) as Why;
  expect(now.problems[0]?.message).toContain('secrets cannot be recognised');
  expect(now).toMatchObject({ cause: 'FORBIDDEN', failed: { number: 1, cause: 'IMAGE_PULL_NOT_FOUND' } });
});

test('why: an object that is being deleted, and what holds it', async () => {
  const namespace = await freshNamespace();
  await cliJson(['install', await packageFolder(sickApp({})), 'web', '-n', namespace]);
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/web`;
  await kube('PATCH', path, { metadata: { finalizers: ['example.com/held'] } });
  onTestFinished(async () => void (await kube('PATCH', path, { metadata: { finalizers: null } })));
  await kube('DELETE', path);
  const found = (await cliJson(['why', 'web', '-n', namespace])) as Why;
  expect(found).toMatchObject({ cause: 'TERMINATING', message: 'being deleted, held by example.com/held' });
});

test('why: a time that ran out is what failed where nothing says more (row 31)', async () => {
  const namespace = await freshNamespace();
  const folder = await packageFolder(sickApp({ behaviour: 'slow', delay: '10m' }));
  const { exit } = await cliError(['install', folder, 'web', '-n', namespace, '--timeout', '3s']);
  expect(exit).toBe(6);
  for (const of of [[], ['--revision', '1']])
    expect(await cliJson(['why', 'web', '-n', namespace, ...of])).toMatchObject({ cause: 'TIMEOUT' });
});

test('why: a pod that failed for good and says no more, and a definition whose names another one has', async () => {
  const namespace = await freshNamespace();
  const annotations = { 'sandbox.appstore.dev/behaviour': 'job-failed' };
  const spec = { restartPolicy: 'Never', containers: [{ name: 'once', image: 'example.com/once:1' }] };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'once', annotations }, spec };
  const once = await packageFolder(tinyApp([pod]));
  await cliJson(['install', once, 'once', '-n', namespace, '--no-wait']);
  await eventually(async () => ((await cliJson(['why', 'once', '-n', namespace])) as Why).cause === 'ERROR');

  const group = `${namespace}.example.com`;
  const made = await kube('POST', definitions, definition('taken', group));
  onTestFinished(async () => void (await kube('DELETE', `${definitions}/${made.metadata.name}`)));
  const folder = await packageFolder(tinyApp([definition('others', group)]));
  onTestFinished(async () => void (await kubeAnswer('DELETE', `${definitions}/others.${group}`)));
  const { exit } = await cliError(['install', folder, 'kinds', '-n', namespace]);
  expect(exit).toBe(6);
  const found = (await cliJson(['why', 'kinds', '-n', namespace])) as Why;
  expect(found).toMatchObject({
    cause: 'CONFLICT',
    findings: [{ ref: { kind: 'CustomResourceDefinition' } }],
  });
  expect(found.message).toContain('is already in use');
});

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Two of these in one group have the same kind. */
function definition(plural: string, group: string): JsonObject {
  const schema = { openAPIV3Schema: { type: 'object' } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, singular: plural, kind: 'Widget', listKind: 'WidgetList' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

/** Gives a user the right to read ConfigMaps of one namespace, and nothing else. */
async function bindReader(namespace: string, user: string): Promise<void> {
  const root = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }];
  await kube('POST', `${root}/roles`, { metadata: { name: user }, rules });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: user };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
  await kube('POST', `${root}/rolebindings`, { metadata: { name: user }, roleRef, subjects });
}
