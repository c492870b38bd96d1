import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseYamlDocument } from '../../src/domain/yaml-source.ts';
import { history, listInstallations } from '../../src/services/inspect.ts';
import { installationEvents } from '../../src/services/installation-events.ts';
import { outdated } from '../../src/services/outdated.ts';
import { status } from '../../src/services/status.ts';
import { why } from '../../src/services/why.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { testCluster } from '../support/connect.ts';
import { configMap, deployment } from '../support/fixture-app.ts';
import { freshNamespace, kubeAnswer, userKubeconfig } from '../support/sandbox.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const signal = new AbortController().signal;

/** Another run may have made the role already, with what it had then. */
async function applyRole(name: string): Promise<void> {
  const file = join(import.meta.dirname, '..', '..', 'k8s', 'rbac', `${name}.yaml`);
  const role = parseYamlDocument(await readFile(file, 'utf8'), file).value;
  const answer = await kubeAnswer('POST', `${rbac}/clusterroles`, role);
  if (answer.status === 409)
    expect((await kubeAnswer('PUT', `${rbac}/clusterroles/appstore-${name}`, role)).status).toBe(200);
  else expect(answer.status).toBe(201);
}

async function bind(namespace: string, role: string): Promise<void> {
  const subject = { kind: 'User', name: role, apiGroup: 'rbac.authorization.k8s.io' };
  const answer = await kubeAnswer('POST', `${rbac}/namespaces/${namespace}/rolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: role },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [subject],
  });
  expect(answer.status).toBe(201);
}

/** The spine as a user who has one of our roles in one namespace, and nothing else. */
async function harnessAs(role: string, namespace: string): Promise<ChangeHarness> {
  const cluster = await testCluster(await userKubeconfig({ user: role, namespace }));
  const app = {
    version: '1.0.0',
    requires: { capabilities: ['storage'] },
    objects: () => [configMap('one-config', { a: '1' }), deployment('one-web')],
  };
  return changeHarness({ cluster, namespace, name: 'one', app });
}

describe('the roles of k8s/rbac, and nothing more', () => {
  beforeAll(async () => {
    await Promise.all(['viewer', 'installer'].map(applyRole));
  });

  it('an installer installs, upgrades and removes', async () => {
    const namespace = await freshNamespace();
    await bind(namespace, 'appstore-installer');
    const harness = await harnessAs('appstore-installer', namespace);
    expect((await harness.install()).record).toMatchObject({ state: 'deployed', revision: 1 });
    harness.app = { version: '1.1.0', objects: () => [deployment('one-web', { replicas: 2 })] };
    expect((await harness.upgrade()).record).toMatchObject({ revision: 2 });
    expect((await harness.remove()).outcome).toBe('removed');
    await harness.deps.cluster.close();
  });

  it('a viewer sees the installation without reading a Secret, and may not change it (row 25)', async () => {
    const namespace = await freshNamespace();
    await bind(namespace, 'appstore-installer');
    await bind(namespace, 'appstore-viewer');
    const installer = await harnessAs('appstore-installer', namespace);
    await installer.install();
    const viewer = await harnessAs('appstore-viewer', namespace);
    const name = { namespace, name: 'one' };
    expect((await listInstallations(viewer.deps, { namespace })).items).toMatchObject([{ name: 'one' }]);
    expect((await history(viewer.deps, name)).revisions).toHaveLength(1);
    viewer.app = { ...viewer.app, version: '1.1.0' };
    expect(await outdated(viewer.deps, { namespace }, signal)).toMatchObject({
      items: [{ installation: { name: 'one' }, latest: { version: '1.1.0' } }],
    });
    const report = await status(viewer.deps, name, signal);
    expect(report.health).toBe('healthy');
    expect(report.problems).toMatchObject([{ message: expect.stringContaining('may not read the Secrets') }]);
    const unmasked = [{ message: expect.stringContaining('secrets cannot be recognised') }];
    expect(await why(viewer.deps, name, signal)).toMatchObject({ health: 'healthy', problems: unmasked });
    const { events, problems } = await installationEvents(viewer.deps, name, signal);
    expect(events.map(({ about }) => about.kind)).toContain('ReplicaSet');
    expect(problems).toMatchObject(unmasked);
    await expect(viewer.remove()).rejects.toMatchObject({ category: 'forbidden' });
    await Promise.all([installer.deps.cluster.close(), viewer.deps.cluster.close()]);
  });
});
