import { expect, test } from 'vitest';
import { cli, cliError, cliJson, packageFolder } from '../support/cli.ts';
import { freshNamespace, kube } from '../support/sandbox.ts';
import { configMapResource, tinyApp } from '../support/tiny-app.ts';

interface Adopted {
  readonly data: unknown;
  readonly metadata: {
    readonly annotations?: unknown;
    readonly managedFields: readonly { readonly manager: string }[];
  };
}

const pathOf = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps`;

/** A namespace with a ConfigMap as `kubectl apply` leaves it, and an app that has it otherwise. */
async function withTheirs(): Promise<{ namespace: string; folder: string }> {
  const namespace = await freshNamespace();
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
  await kube('POST', `${pathOf(namespace)}?fieldManager=kubectl-client-side-apply`, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'tiny', annotations },
    data: { a: 'old', left: 'over' },
  });
  return { namespace, folder: await packageFolder(tinyApp([configMapResource('${name}')])) };
}

test.each([['--adopt'], ['--adopt=ConfigMap/tiny']])(
  'install %s makes an object of kubectl part of the app, and the next upgrade writes nothing (row 18)',
  async (flag) => {
    const { namespace, folder } = await withTheirs();
    const argv = ['install', folder, '-n', namespace];
    const refused = await cliError(argv);
    expect([refused.exit, refused.error.code]).toEqual([5, 'OBJECT_ADOPTABLE']);
    expect(refused.error.problems[0]?.hint).toContain(`--adopt ConfigMap/${namespace}/tiny`);

    const plan = await cli([...argv, flag, '--dry-run']);
    expect(plan.stdout).toContain(`~ ConfigMap/${namespace}/tiny  adopted from kubectl-client-side-apply`);
    expect(plan.stdout).toContain('.data.left: over -> (none)');
    await cliJson([...argv, flag]);
    const live = (await kube('GET', `${pathOf(namespace)}/tiny`)) as unknown as Adopted;
    expect(live.data).toEqual({ a: 'b' });
    expect(live.metadata.annotations).toBeUndefined();
    expect(live.metadata.managedFields.map(({ manager }) => manager)).toEqual(['appstore']);
    expect(await cliJson(['upgrade', 'tiny', folder, '-n', namespace])).toMatchObject({
      outcome: 'unchanged',
    });
  },
);

test('an object whose managedFields were stripped is adopted too', async () => {
  const { namespace, folder } = await withTheirs();
  await kube('PATCH', `${pathOf(namespace)}/tiny`, { metadata: { managedFields: [{}] } });
  await cliJson(['install', folder, '-n', namespace, '--adopt']);
  const live = (await kube('GET', `${pathOf(namespace)}/tiny`)) as unknown as Adopted;
  expect(live.data).toEqual({ a: 'b' });
  expect(live.metadata.managedFields.map(({ manager }) => manager)).toEqual(['appstore']);
});

test('--adopt does not swallow the app', async () => {
  const { exit, error } = await cliError(['install', '--adopt', 'postgres', 'db']);
  expect([exit, error.code]).toEqual([2, 'USAGE']);
  expect(error.hint).toContain('Put --adopt behind the app and the name');
});
