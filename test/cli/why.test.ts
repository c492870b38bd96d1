import { expect, test } from 'vitest';
import { cli, cliError, cliJson, packageFolder } from '../support/cli.ts';
import { eventually, freshNamespace, kube, userKubeconfig } from '../support/sandbox.ts';
import { type Sick, sickApp } from '../support/sick-app.ts';

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
  expect(missing.fix?.commands).toEqual([`appstore upgrade web -n ${namespace}`]);
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
  expect(now.failed).toMatchObject({ number: 1, cause: 'IMAGE_PULL_NOT_FOUND' });
});

/** Gives a user the right to read ConfigMaps of one namespace, and nothing else. */
async function bindReader(namespace: string, user: string): Promise<void> {
  const root = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }];
  await kube('POST', `${root}/roles`, { metadata: { name: user }, rules });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: user };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
  await kube('POST', `${root}/rolebindings`, { metadata: { name: user }, roleRef, subjects });
}
