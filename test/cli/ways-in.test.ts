import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, type TestContext, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { built, errorIn, textFile } from '../support/cli.ts';
import { freshNamespace, kube, testKubeconfig } from '../support/sandbox.ts';

interface AdminConfig {
  readonly cluster: JsonObject;
  readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string };
}

async function adminConfig(): Promise<AdminConfig> {
  const config = JSON.parse(await readFile(testKubeconfig(), 'utf8'));
  return { cluster: config.clusters[0].cluster, user: config.users[0].user };
}

/** A kubeconfig of the sandbox with this user, and what is special about its cluster. */
async function kubeconfigWith(user: unknown, cluster: JsonObject = {}): Promise<string> {
  const admin = await adminConfig();
  return textFile(
    'config',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'it',
      clusters: [{ name: 'it', cluster: { ...admin.cluster, ...cluster } }],
      contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
      users: [{ name: 'it', user }],
    }),
  );
}

/** A kubeconfig whose user is a credential plugin: this Node, running a script. */
async function withPlugin(script: string): Promise<string> {
  const args = [await textFile('plugin.cjs', script)];
  const apiVersion = 'client.authentication.k8s.io/v1';
  return kubeconfigWith({ exec: { apiVersion, command: process.execPath, args, interactiveMode: 'Never' } });
}

/** A proxy that opens tunnels, and counts them. */
async function tunnels(
  onTestFinished: TestContext['onTestFinished'],
): Promise<{ url: string; opened: string[] }> {
  const opened: string[] = [];
  const server = createServer().on('connect', (request, socket) => {
    const target = new URL(`http://${request.url}`);
    opened.push(target.host);
    const onward = connect(Number(target.port), target.hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, opened };
}

/** Installs with the built file, into a namespace of its own. */
async function install(kubeconfig: string, namespace: string) {
  return built(['install', 'whoami', '-n', namespace, '--kubeconfig', kubeconfig, '-o', 'json']);
}

describe('the built file comes in', { concurrent: true }, () => {
  test('by a credential plugin', async ({ expect }) => {
    const { user } = await adminConfig();
    const status = {
      clientCertificateData: Buffer.from(user['client-certificate-data'], 'base64').toString(),
      clientKeyData: Buffer.from(user['client-key-data'], 'base64').toString(),
    };
    const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status };
    const kubeconfig = await withPlugin(
      `process.stdout.write(${JSON.stringify(JSON.stringify(credential))})`,
    );
    const { code, stderr } = await install(kubeconfig, await freshNamespace());
    expect(code, stderr).toBe(0);
  });

  test('by the token of a service account', async ({ expect }) => {
    const namespace = await freshNamespace();
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    await kube('POST', path, { metadata: { name: 'installer' } });
    await kube('POST', `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`, {
      metadata: { name: 'installer' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'installer', namespace }],
    });
    const { status } = await kube('POST', `${path}/installer/token`, { spec: { expirationSeconds: 600 } });
    const { code, stderr } = await install(await kubeconfigWith({ token: status.token }), namespace);
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain(status.token);
  });

  test('through the proxy of the kubeconfig, and no other way', async ({ expect, onTestFinished }) => {
    const proxy = await tunnels(onTestFinished);
    const { cluster, user } = await adminConfig();
    const kubeconfig = await kubeconfigWith(user, { 'proxy-url': proxy.url });
    const { code, stderr } = await install(kubeconfig, await freshNamespace());
    expect(code, stderr).toBe(0);
    expect(new Set(proxy.opened)).toEqual(new Set([new URL(String(cluster.server)).host]));
  });
});

test('a credential plugin that fails is told with its words', async () => {
  const kubeconfig = await withPlugin("console.error('log in first: acme login'); process.exit(1)");
  const { code, stdout, stderr } = await install(kubeconfig, await freshNamespace());
  const error = errorIn(stderr);
  expect([code, stdout, error.code]).toEqual([7, '', 'CREDENTIAL_PLUGIN_FAILED']);
  expect(JSON.stringify(error)).toContain('log in first: acme login');
});
