import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { parse } from 'yaml';
import { readAdmin } from './admin.ts';
import { eventually, kube, testKubeconfig } from './sandbox.ts';

/** A token of a service account, as the kubelet asks for one. */
export async function accountToken(
  namespace: string,
  account: string,
  more: { readonly boundObjectRef?: object } = {},
): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3600, ...more },
  };
  return (await kube('POST', path, request)).status.token;
}

/** A token that ends when `end` is called, as others do with their time: the API server gives none for less than ten minutes. */
export async function endingToken(
  namespace: string,
  account: string,
): Promise<{ readonly token: string; end(): Promise<void> }> {
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  const { metadata } = await kube('POST', secrets, { metadata: { generateName: 'bound-' } });
  const { name, uid } = metadata;
  const token = await accountToken(namespace, account, {
    boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name, uid },
  });
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
  return {
    token,
    async end() {
      await kube('DELETE', `${secrets}/${name}`);
      // It is believed for some seconds more.
      await eventually(async () => {
        const { status } = await kube('POST', '/apis/authentication.k8s.io/v1/tokenreviews', review);
        return status.authenticated !== true;
      });
    },
  };
}

/** A kubeconfig with such a token; answers its path. */
export async function accountKubeconfig(namespace: string, account: string): Promise<string> {
  const { server, tls } = await readAdmin(testKubeconfig());
  const file = join(await mkdtemp(join(inject('sandbox').home, 'account-')), 'kubeconfig');
  const config = {
    'current-context': 'account',
    contexts: [{ name: 'account', context: { cluster: 'account', user: 'account', namespace } }],
    clusters: [
      { name: 'account', cluster: { server, 'certificate-authority-data': tls.ca.toString('base64') } },
    ],
    users: [{ name: 'account', user: { token: await accountToken(namespace, account) } }],
  };
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** What a pod finds where its service account is mounted; the token only where one is. */
export async function accountFolder(namespace: string, token?: string): Promise<string> {
  const folder = await mkdtemp(join(inject('sandbox').home, 'mounted-'));
  const { tls } = await readAdmin(testKubeconfig());
  await writeFile(join(folder, 'ca.crt'), tls.ca);
  await writeFile(join(folder, 'namespace'), namespace);
  if (token !== undefined) await writeFile(join(folder, 'token'), token, { mode: 0o600 });
  return folder;
}

/** Lets somebody install in a namespace, with the role of k8s/rbac. */
export async function bindInstaller(
  namespace: string,
  subject: { kind: 'User' | 'Group'; name: string },
): Promise<void> {
  const file = join(import.meta.dirname, '..', '..', 'k8s', 'rbac', 'installer.yaml');
  const { rules } = parse(await readFile(file, 'utf8')) as { rules: unknown };
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  await kube('POST', `${path}/roles`, { apiVersion, kind: 'Role', metadata: { name: 'installer' }, rules });
  await kube('POST', `${path}/rolebindings`, {
    apiVersion,
    kind: 'RoleBinding',
    metadata: { name: 'installer' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'installer' },
    subjects: [{ ...subject, apiGroup: 'rbac.authorization.k8s.io' }],
  });
}
