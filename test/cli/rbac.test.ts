import { randomBytes } from 'node:crypto';
import { describe, expect, it, type TestContext } from 'vitest';
import type { PolicyRule } from '../../src/domain/least-rights.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import { cliError, cliJson } from '../support/cli.ts';
import { written } from '../support/contents.ts';
import { freshNamespace, kube, userKubeconfig } from '../support/sandbox.ts';

const plurals: Readonly<Record<string, string>> = {
  Role: 'roles',
  RoleBinding: 'rolebindings',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
};

/** Creates what `appstore rbac` printed; what belongs to no namespace goes when the test ends. */
async function grant(
  objects: readonly KubeObject[],
  onTestFinished: TestContext['onTestFinished'],
): Promise<void> {
  for (const object of objects) {
    const { namespace } = object.metadata;
    const root = `/apis/${object.apiVersion}`;
    const path = `${namespace === undefined ? root : `${root}/namespaces/${namespace}`}/${plurals[object.kind]}`;
    await kube('POST', path, object);
    if (namespace === undefined)
      onTestFinished(async () => void (await kube('DELETE', `${path}/${object.metadata.name}`)));
  }
}

/** What is in a namespace beside the rights that the test gave. */
async function ofTheApp(namespace: string): Promise<string[]> {
  return Object.keys(await written(namespace)).filter(
    (id) => !/^(roles|rolebindings)\..*\/appstore-my$/.test(id),
  );
}

type Change = (items: KubeObject[]) => KubeObject[];

async function userWithLeastRights(
  app: readonly string[],
  onTestFinished: TestContext['onTestFinished'],
  change: Change = (items) => items,
): Promise<{ as: string[]; namespace: string }> {
  const namespace = await freshNamespace();
  const user = `least-${randomBytes(4).toString('hex')}`;
  const { items } = (await cliJson(['rbac', ...app, '-n', namespace, '--user', user])) as {
    items: KubeObject[];
  };
  await grant(change(items), onTestFinished);
  return { namespace, as: ['-n', namespace, '--kubeconfig', await userKubeconfig({ user, namespace })] };
}

function withoutRight(item: KubeObject, resource: string, verb: string): KubeObject {
  const rules = item.rules as PolicyRule[] | undefined;
  if (rules === undefined) return item;
  const others = rules.flatMap((rule) => [
    { ...rule, resources: rule.resources.filter((one) => one !== resource) },
    ...(rule.resources.includes(resource)
      ? [{ ...rule, resources: [resource], verbs: rule.verbs.filter((one) => one !== verb) }]
      : []),
  ]);
  return { ...item, rules: others.filter((rule) => rule.resources.length > 0 && rule.verbs.length > 0) };
}

describe('the rights that `appstore rbac` prints, and nothing more', { concurrent: true }, () => {
  it.for<[app: string, sets: string[]]>([
    ['postgres', ['--set', 'networkPolicy.enabled=true']],
    ['nextcloud', ['--set', 'ingress.enabled=true', '--set', 'ingress.host=cloud.example.com']],
    ['whoami', ['--set', 'autoscaling.enabled=true']],
  ])('install, upgrade and remove %s (row 25)', async ([app, sets], { onTestFinished }) => {
    const { as, namespace } = await userWithLeastRights([app, 'my', ...sets], onTestFinished);
    expect(await cliJson(['install', app, 'my', ...sets, ...as])).toMatchObject({
      outcome: 'changed',
      waited: true,
    });
    expect(await cliJson(['status', 'my', ...as])).toMatchObject({ health: 'healthy' });
    expect(await cliJson(['upgrade', 'my', ...as])).toMatchObject({ outcome: 'unchanged' });
    expect(await cliJson(['remove', 'my', '--yes', '--purge-data', ...as])).toMatchObject({
      outcome: 'removed',
    });
    expect(await ofTheApp(namespace)).toEqual([]);
  });

  it('are all needed: without any one right to write nothing is written', async ({ onTestFinished }) => {
    const namespace = await freshNamespace();
    const { items } = (await cliJson(['rbac', 'whoami', 'my', '-n', namespace])) as { items: KubeObject[] };
    const rules = items.flatMap((item) => (item.rules as PolicyRule[] | undefined) ?? []);
    const writes = rules.flatMap((rule) =>
      rule.resources.flatMap((resource) =>
        rule.verbs.filter((verb) => ['create', 'patch'].includes(verb)).map((verb) => ({ resource, verb })),
      ),
    );
    // Of ConfigMaps, Secrets and Leases only `create` is needed at an install; of the app's kinds both are.
    const needed = writes.filter(
      ({ resource, verb }) => verb === 'create' || !/^(configmaps|secrets|leases)$/.test(resource),
    );
    expect(needed.length).toBeGreaterThan(4);
    for (const { resource, verb } of needed) {
      const without: Change = (all) => all.map((item) => withoutRight(item, resource, verb));
      const user = await userWithLeastRights(['whoami', 'my'], onTestFinished, without);
      const { exit, error } = await cliError(['install', 'whoami', 'my', ...user.as]);
      expect({ resource, verb, exit, code: error.code }).toEqual({
        resource,
        verb,
        exit: 7,
        code: 'FORBIDDEN',
      });
      expect(await ofTheApp(user.namespace)).toEqual([]);
    }
  });

  it('do not reach to what the app does not have', async ({ onTestFinished }) => {
    const { as, namespace } = await userWithLeastRights(['whoami', 'my'], onTestFinished);
    const { exit, error } = await cliError(['install', 'postgres', 'db', ...as]);
    expect([exit, error.code]).toEqual([7, 'FORBIDDEN']);
    expect(await ofTheApp(namespace)).toEqual([]);
  });

  it('print a service account with them unless somebody is named', async () => {
    const namespace = await freshNamespace();
    const { items } = (await cliJson(['rbac', 'whoami', 'my', '-n', namespace])) as { items: KubeObject[] };
    expect(items.map(({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`)).toEqual([
      `ServiceAccount/${namespace}/my-installer`,
      `Role/${namespace}/appstore-my`,
      `RoleBinding/${namespace}/appstore-my`,
    ]);
    const twice = await cliError(['rbac', 'whoami', '--user', 'a', '--group', 'b']);
    expect([twice.exit, twice.error.code]).toEqual([2, 'USAGE']);
  });
});
