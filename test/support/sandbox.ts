import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { issueUserKubeconfig, type UserRequest } from '../../src/adapters/sandbox/users.ts';
import { type AdminAnswer, adminRequest, readAdmin } from './admin.ts';

/** Path of the kubeconfig of the sandbox that this run has, as its administrator. */
export const testKubeconfig = (): string => inject('sandbox').kubeconfig;

/** A request to the API server past all code under test: to prepare and to look. Throws on a status of 400 or more. */
export async function kube(method: string, path: string, body?: unknown): Promise<AdminAnswer['body']> {
  const answer = await kubeAnswer(method, path, body);
  if (answer.status >= 400)
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** The same, answering the status too and never throwing for one. */
export async function kubeAnswer(method: string, path: string, body?: unknown): Promise<AdminAnswer> {
  return adminRequest(await readAdmin(testKubeconfig()), method, path, body);
}

/** Creates a namespace that no other test has, and answers its name once its service account is there. */
export async function freshNamespace(labels: Readonly<Record<string, string>> = {}): Promise<string> {
  const name = `test-${randomBytes(5).toString('hex')}`;
  const metadata = { name, labels: { 'appstore-test': inject('sandbox').run, ...labels } };
  await kube('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
  await eventually(
    async () =>
      (await kubeAnswer('GET', `/api/v1/namespaces/${name}/serviceaccounts/default`)).status === 200,
  );
  return name;
}

/** Writes a kubeconfig for another user and answers its path. The user has no rights but those that a test binds. */
export async function userKubeconfig(user: Omit<UserRequest, 'sandboxes' | 'name'>): Promise<string> {
  const { sandboxes, name, home } = inject('sandbox');
  const file = join(home, `user-${randomBytes(5).toString('hex')}.kubeconfig`);
  await writeFile(file, await issueUserKubeconfig({ sandboxes, name, ...user }), { mode: 0o600 });
  return file;
}

/** Waits until something is true; throws after a minute. */
export async function eventually(reached: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await reached())) {
    if (performance.now() > deadline) throw new Error(`not reached within a minute: ${reached}`);
    await sleep(50);
  }
}
