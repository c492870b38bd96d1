import { readFile } from 'node:fs/promises';
import { expect, inject, test } from 'vitest';
import { sandboxContext } from '../../src/domain/sandbox.ts';
import { adminRequest, readAdmin } from '../support/admin.ts';
import { freshNamespace, kube, kubeAnswer, testKubeconfig, userKubeconfig } from '../support/sandbox.ts';

test('the ambient configuration is a trap, the kubeconfig of the tests is the sandbox', async () => {
  const config = JSON.parse(await readFile(testKubeconfig(), 'utf8'));
  expect(config['current-context']).toBe(sandboxContext(inject('sandbox').name));
  expect(process.env.KUBECONFIG).toBe(inject('sandbox').trap);
  expect(await readFile(inject('sandbox').trap, 'utf8')).not.toContain(config.clusters[0].cluster.server);
});

test('a fresh namespace takes objects at once, another user has no rights in it', async () => {
  const namespace = await freshNamespace();
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  await kube('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } });
  const user = await readAdmin(await userKubeconfig({ user: 'ada', groups: ['staff'], namespace }));
  const refused = await adminRequest(user, 'GET', path);
  expect(refused.status).toBe(403);
  expect(refused.body.message).toContain('User "ada" cannot list');
  expect((await kubeAnswer('GET', `${path}/x`)).status).toBe(200);
});
