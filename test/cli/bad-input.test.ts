import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { type CliOptions, cli, cliError, packageFolder, textFile } from '../support/cli.ts';
import { written } from '../support/contents.ts';
import { kubeconfigFor } from '../support/kubeconfig.ts';
import { eventually, freshNamespace, kube, kubeAnswer, userKubeconfig } from '../support/sandbox.ts';
import { configMapResource, tinyApp, workloadResource } from '../support/tiny-app.ts';

/** Runs what has to be refused, and sees to it that it is told what to do, and that nothing in the namespace was written. */
async function refused(namespace: string, argv: readonly string[], options: CliOptions = {}) {
  const before = await written(namespace);
  const failure = await cliError([...argv, '-n', namespace], options);
  expect(failure.error.hint).not.toBe('');
  expect(await written(namespace)).toEqual(before);
  return failure;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('no way to the cluster', () => {
  test('no kubeconfig', async () => {
    const { exit, error } = await cliError(['install', 'whoami'], { env: { KUBECONFIG: undefined } });
    expect([exit, error.code]).toEqual([2, 'KUBECONFIG_MISSING']);
    expect(error.hint).toContain('appstore sandbox start');
  });

  test('a kubeconfig that is not there', async () => {
    const { exit, error } = await cliError(['install', 'whoami', '--kubeconfig', 'no-such-file']);
    expect([exit, error.code]).toEqual([2, 'KUBECONFIG_MISSING']);
    expect(error.message).toContain('no-such-file');
  });

  test('an unknown context: lists those that there are', async () => {
    const { exit, error } = await cliError(['install', 'whoami', '--context', 'nope']);
    expect([exit, error.code]).toEqual([2, 'CONTEXT_UNKNOWN']);
    expect(error.message).toMatch(/no context "nope"; there are: appstore-sandbox/);
    expect(error.hint).toContain('--context');
  });

  test('a server that refuses the connection', async () => {
    const server = `https://127.0.0.1:${await closedPort()}`;
    const kubeconfig = await kubeconfigFor(server);
    const { exit, error } = await cliError(['install', 'whoami', '--kubeconfig', kubeconfig]);
    expect([exit, error.code]).toEqual([1, 'CLUSTER_UNREACHABLE']);
    expect(error.message).toContain(server);
    expect(error.hint).not.toBe('');
    expect(JSON.stringify(error)).not.toContain('secret-token-1');
  });

  test('a server whose name is not known', async () => {
    const kubeconfig = await kubeconfigFor('https://cluster.invalid:6443');
    const { exit, error } = await cliError(['list', '--kubeconfig', kubeconfig]);
    expect([exit, error.code]).toEqual([1, 'CLUSTER_UNREACHABLE']);
    expect(error.message).toContain('cluster.invalid');
  });

  test('a server that hangs up', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const kubeconfig = await kubeconfigFor(`https://127.0.0.1:${port}`);
    const { exit, error } = await cliError(['list', '--kubeconfig', kubeconfig]);
    expect([exit, error.code]).toEqual([1, 'CLUSTER_UNREACHABLE']);
    expect(error.message).toBe(
      `https://127.0.0.1:${port}: the other side closed the connection (ECONNRESET)`,
    );
  });

  test('expired credentials', async () => {
    const namespace = await freshNamespace();
    const kubeconfig = await userKubeconfig({ user: 'late', notAfter: new Date('2020-01-01') });
    const { exit, error } = await refused(namespace, ['install', 'whoami', '--kubeconfig', kubeconfig]);
    expect([exit, error.code]).toEqual([7, 'UNAUTHENTICATED']);
    expect(error.hint).toContain('Log in again');
  });

  test('no permission', async () => {
    const namespace = await freshNamespace();
    const kubeconfig = await userKubeconfig({ user: 'nobody', namespace });
    const { exit, error } = await refused(namespace, ['install', 'whoami', '--kubeconfig', kubeconfig]);
    expect([exit, error.code]).toEqual([7, 'FORBIDDEN']);
    expect(JSON.stringify(error)).toContain(namespace);
    expect(error.hint).not.toBe('');
  });
});

describe('the command line', { concurrent: true }, () => {
  const rows: readonly [string, readonly string[], number, string, RegExp, RegExp][] = [
    ['an unknown app', ['whoamy'], 4, 'APP_NOT_FOUND', /whoamy/, /Did you mean `whoami`/],
    ['an unknown version', ['whoami@9.9.9'], 4, 'VERSION_NOT_FOUND', /9\.9\.9.*1\.0\.0/, /versions/],
    ['no app at all', ['Not/An/App!'], 2, 'USAGE', /Not\/An\/App/, /./],
    ['a name too long', ['whoami', 'a'.repeat(54)], 2, 'NAME_INVALID', /at most 53/, /a{53}/],
    ["Helm's order", ['my', './chart'], 2, 'NAME_INVALID', /app comes first/, /`\.\/chart my`/],
    ['a name of capitals', ['whoami', 'WhoAmI'], 2, 'NAME_INVALID', /WhoAmI/, /whoami/],
    ['a file that is not there', ['whoami', '-f', 'no.yaml'], 2, 'FILE_UNREADABLE', /no\.yaml/, /path/],
    ['an unknown flag', ['whoami', '--tiemout', '5s'], 2, 'USAGE', /--tiemout/, /--timeout|--help/],
    ['a bad duration', ['whoami', '--timeout', 'soon'], 2, 'USAGE', /soon/, /90s|--help/],
  ];
  test.for(rows)('%s', async ([, args, exit, code, message, hint], { expect }) => {
    const namespace = await freshNamespace();
    const failure = await cliError(['install', ...args, '-n', namespace]);
    expect([failure.exit, failure.error.code]).toEqual([exit, code]);
    expect(failure.error.message).toMatch(message);
    expect(failure.error.hint).toMatch(hint);
    expect(await written(namespace)).toEqual({});
  });
});

describe('values', () => {
  test('YAML errors with line and column', async () => {
    const namespace = await freshNamespace();
    const file = await textFile('values.yaml', 'title: x\nreplicas: [1\nverbose: true\n');
    const { exit, error } = await refused(namespace, ['install', 'whoami', '-f', file]);
    expect([exit, error.code]).toEqual([2, 'YAML_INVALID']);
    expect(error.place).toEqual({ file, line: 3, column: 1 });
    expect(error.hint).toContain('line and column');
  });

  test('of a wrong kind and unknown: all at once, with paths and near names', async () => {
    const namespace = await freshNamespace();
    const values = 'replica: 2\ningress: {enable: true}\ntitle: 1\nreplicas: -1\n';
    const { exit, error } = await refused(namespace, ['install', 'whoami', '-f', '-'], { stdin: values });
    expect([exit, error.code]).toEqual([2, 'VALUES_INVALID']);
    const problems = new Map(error.problems.map(({ at, ...problem }) => [at, problem]));
    expect([...problems.keys()].sort()).toEqual(['ingress.enable', 'replica', 'replicas', 'title']);
    expect(problems.get('replica')?.hint).toContain('`replicas`');
    expect(problems.get('ingress.enable')?.hint).toContain('`enabled`');
    expect(error.hint).toContain('`appstore values builtin/whoami`');
  });

  test('of a package in a folder: the hint names the folder', async () => {
    const namespace = await freshNamespace();
    const folder = await packageFolder(
      tinyApp([configMapResource('${name}')], { properties: { parts: { type: 'integer', default: 1 } } }),
    );
    const { exit, error } = await refused(namespace, ['install', folder, '--set', 'parts=x']);
    expect([exit, error.code]).toEqual([2, 'VALUES_INVALID']);
    expect(error.hint).toContain(`\`appstore values ${folder}\``);
    expect((await cli(['values', folder])).code).toBe(0);
  });
});

describe('packages', () => {
  test('YAML errors of app.yaml with line and column', async () => {
    const namespace = await freshNamespace();
    const folder = await packageFolder('apiVersion: appstore.dev/v1\nkind: App\nmetadata: {name: [tiny}\n');
    const { exit, error } = await refused(namespace, ['install', folder]);
    expect([exit, error.code]).toEqual([2, 'YAML_INVALID']);
    expect(error.place).toMatchObject({ line: 3, column: expect.any(Number) });
    expect(error.place?.file).toContain(join(folder, 'app.yaml'));
  });

  test('expression errors name file, line, resource and field', async () => {
    const namespace = await freshNamespace();
    const folder = await packageFolder(
      tinyApp([configMapResource('${name}', { total: '${string(1 / values.parts)}' })], {
        properties: { parts: { type: 'integer', default: 0 } },
      }),
    );
    const { exit, error } = await refused(namespace, ['install', folder]);
    expect([exit, error.code]).toEqual([2, 'EXPRESSION_FAILED']);
    expect(error.place).toMatchObject({ line: expect.any(Number) });
    expect(error.place?.file).toContain('app.yaml');
    const text = JSON.stringify(error);
    for (const part of ['ConfigMap', 'data.total']) expect(text).toContain(part);
  });

  test('two objects of one name', async () => {
    const namespace = await freshNamespace();
    const folder = await packageFolder(tinyApp([configMapResource('one'), configMapResource('one')]));
    const { exit, error } = await refused(namespace, ['install', folder]);
    expect([exit, error.code]).toEqual([2, 'OBJECT_INVALID']);
    expect(JSON.stringify(error)).toMatch(/ConfigMap.*one/);
    expect(JSON.stringify(error)).toContain('app.yaml');
  });

  test('a name of an object that Kubernetes does not take', async () => {
    const namespace = await freshNamespace();
    const folder = await packageFolder(tinyApp([configMapResource('Not_A_Name')]));
    const { exit, error } = await refused(namespace, ['install', folder]);
    expect([exit, error.code]).toEqual([2, 'OBJECT_INVALID']);
    expect(JSON.stringify(error)).toContain('Not_A_Name');
  });

  const object = (apiVersion: string, kind: string, name: string, spec: JsonObject = {}) => ({
    apiVersion,
    kind,
    metadata: { name },
    spec,
  });
  const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'a', image: 'b' }] } };
  const set = { serviceName: 'x', selector: { matchLabels: { app: 'x' } }, template };
  const job = { schedule: '@daily', jobTemplate: { spec: { template } } };
  const labelled = {
    ...configMapResource('x'),
    metadata: { name: 'x', labels: { of: '${name}'.repeat(3) } },
  };
  test.each([
    ['any object', 253, 'ConfigMap', configMapResource(`\${name}-${'a'.repeat(250)}`)],
    [
      'a Service',
      63,
      'Service',
      object('v1', 'Service', `\${name}-${'a'.repeat(60)}`, { ports: [{ port: 80 }] }),
    ],
    ['a StatefulSet', 52, 'StatefulSet', object('apps/v1', 'StatefulSet', `\${name}-${'a'.repeat(48)}`, set)],
    ['a CronJob', 52, 'CronJob', object('batch/v1', 'CronJob', `\${name}-${'a'.repeat(48)}`, job)],
    ['a label value', 63, 'ConfigMap', labelled],
  ])('a name too long: %s, at most %i', async (_what, limit, kind, resource) => {
    const namespace = await freshNamespace();
    const folder = await packageFolder(tinyApp([resource]));
    const name = 'n'.repeat(22);
    const { exit, error } = await refused(namespace, ['install', folder, name]);
    expect([exit, error.code]).toEqual([2, 'OBJECT_INVALID']);
    expect(error.message).toContain(`${kind}/`);
    expect(error.message).toContain(`${limit} are allowed`);
    expect(error.place).toMatchObject({ file: join(folder, 'app.yaml'), line: expect.any(Number) });
    expect(error.hint).not.toBe('');
  });

  test('an object that the server finds invalid, found before the first write', async () => {
    const namespace = await freshNamespace();
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: '${name}' },
      spec: { ports: [{ port: 99999 }] },
    };
    const folder = await packageFolder(tinyApp([configMapResource('first'), service]));
    const { exit, error } = await refused(namespace, ['install', folder]);
    expect([exit, error.code]).toEqual([1, 'API_INVALID']);
    const text = JSON.stringify(error);
    for (const part of [`Service/${namespace}/tiny`, 'spec.ports[0].port', '99999'])
      expect(text).toContain(part);
  });
});

describe('the namespace', () => {
  test('is not there', async () => {
    const { exit, error } = await cliError(['install', 'whoami', '-n', 'no-such-namespace']);
    expect([exit, error.code]).toEqual([4, 'NAMESPACE_MISSING']);
    expect(error.hint).toContain('--create-namespace');
    expect((await kubeAnswer('GET', '/api/v1/namespaces/no-such-namespace')).status).toBe(404);
  });

  test('is terminating', async () => {
    const namespace = await freshNamespace();
    const path = `/api/v1/namespaces/${namespace}`;
    const holder = `${path}/configmaps/holder`;
    await kube('POST', `${path}/configmaps`, {
      ...configMapResource('holder'),
      metadata: { name: 'holder', finalizers: ['example.com/hold'] },
    });
    onTestFinished(async () => void (await kube('PATCH', holder, { metadata: { finalizers: null } })));
    await kube('DELETE', path);
    await eventually(async () => {
      const { metadata } = (await kube('GET', holder)) as { metadata: { deletionTimestamp?: string } };
      return metadata.deletionTimestamp !== undefined;
    });
    const { exit, error } = await refused(namespace, ['install', 'whoami', '--create-namespace']);
    expect([exit, error.code]).toEqual([5, 'NAMESPACE_TERMINATING']);
    expect(error.message).toContain(namespace);
    expect(error.hint).toMatch(/[Ww]ait/);
  });

  test.each([
    ['the sum of objects', { services: '0' }, 'services'],
    ['the sum of the pods of all objects', { 'requests.cpu': '150m', pods: '10' }, 'requests.cpu'],
    ['the number of pods', { pods: '1' }, 'pods'],
  ])('has a quota that the app does not fit into: %s', async (_what, hard, named) => {
    const namespace = await freshNamespace();
    const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`;
    await kube('POST', quotas, { metadata: { name: 'tight' }, spec: { hard } });
    await eventually(async () => {
      const { status } = (await kube('GET', `${quotas}/tight`)) as { status?: { used?: unknown } };
      return status?.used !== undefined;
    });
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: '${name}' },
      spec: { ports: [{ port: 80 }] },
    };
    const folder = await packageFolder(tinyApp([service, workloadResource({ replicas: 2, cpu: '100m' })]));
    const { exit, error } = await refused(namespace, ['install', folder]);
    expect([exit, error.code]).toEqual([1, 'QUOTA_EXCEEDED']);
    expect(JSON.stringify(error)).toContain('tight');
    expect(JSON.stringify(error)).toContain(named);
    expect(error.hint).toContain('quota');
  });

  test('has an admission policy that refuses', async () => {
    const namespace = await freshNamespace();
    const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
    const bindings = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings';
    const policy = {
      failurePolicy: 'Fail',
      matchConstraints: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        resourceRules: [
          { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] },
        ],
      },
      validations: [{ expression: 'object.spec.replicas > 3', message: 'four replicas or more, please' }],
    };
    await kube('POST', policies, { metadata: { name: namespace }, spec: policy });
    onTestFinished(async () => void (await kube('DELETE', `${policies}/${namespace}`)));
    const binding = { policyName: namespace, validationActions: ['Deny'] };
    await kube('POST', bindings, { metadata: { name: namespace }, spec: binding });
    onTestFinished(async () => void (await kube('DELETE', `${bindings}/${namespace}`)));
    // the API server takes a policy into use a moment after it was created
    await eventually(async () => (await cli(['install', 'whoami', '--dry-run', '-n', namespace])).code !== 0);
    const { exit, error } = await refused(namespace, ['install', 'whoami']);
    expect([exit, error.code]).toEqual([1, 'ADMISSION_DENIED']);
    const text = JSON.stringify(error);
    for (const part of [`Deployment/${namespace}/whoami`, 'four replicas or more, please'])
      expect(text).toContain(part);
    expect(error.hint).toContain('policy');
  });
});
