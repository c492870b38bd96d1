import { readFile } from 'node:fs/promises';
import type { Kubeconfig } from './kubeconfig.ts';

/** Where the kubelet puts a service account's files (kubernetes.io/docs/tasks/run-application/access-api-from-pod). */
const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Name of the context that stands for the service account of the pod that the program runs in. */
const IN_CLUSTER_CONTEXT = 'in-cluster';

/**
 * The configuration of a program that runs in a pod: undefined outside of one. The token is named by its file, which the
 * kubelet rewrites before it expires.
 */
export async function inClusterConfig(
  env: Readonly<Record<string, string | undefined>>,
  folder: string = SERVICE_ACCOUNT_FOLDER,
): Promise<Kubeconfig | undefined> {
  const host = env.KUBERNETES_SERVICE_HOST;
  const port = env.KUBERNETES_SERVICE_PORT;
  if (!host || !port) return undefined;
  const tokenFile = `${folder}/token`;
  if ((await readOptional(tokenFile)) === undefined) return undefined;
  const namespace = (await readOptional(`${folder}/namespace`))?.trim() || 'default';
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const name = IN_CLUSTER_CONTEXT;
  return {
    files: [],
    currentContext: name,
    contexts: new Map([[name, { cluster: name, user: name, namespace }]]),
    clusters: new Map([[name, { server, 'certificate-authority': `${folder}/ca.crt` }]]),
    users: new Map([[name, { tokenFile }]]),
  };
}

async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
