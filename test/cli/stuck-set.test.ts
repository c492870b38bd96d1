import { expect, test } from 'vitest';
import { cliError, cliJson, packageFolder } from '../support/cli.ts';
import { freshNamespace, kube } from '../support/sandbox.ts';
import { tinyApp } from '../support/tiny-app.ts';

/** A StatefulSet whose pods behave as told; in order, as they are where nothing is said. */
function setApp(behaviour?: string): Promise<string> {
  const labels = { app: 'tiny' };
  const annotations = behaviour === undefined ? {} : { 'sandbox.appstore.dev/behaviour': behaviour };
  const containers = [{ name: 'db', image: 'example.com/db:1' }];
  const template = { metadata: { labels, annotations }, spec: { containers } };
  const spec = { serviceName: 'tiny', replicas: 2, selector: { matchLabels: labels }, template };
  return packageFolder(
    tinyApp([{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'tiny' }, spec }]),
  );
}

const uids = async (namespace: string): Promise<Record<string, string>> => {
  const { items } = (await kube('GET', `/api/v1/namespaces/${namespace}/pods`)) as {
    items: readonly { metadata: { name: string; uid: string } }[];
  };
  return Object.fromEntries(items.map(({ metadata }) => [metadata.name, metadata.uid]));
};

test('going back ends although Kubernetes does not replace a pod of a StatefulSet that never gets ready (rows 6, 30)', {
  timeout: 240_000,
}, async () => {
  const namespace = await freshNamespace();
  await cliJson(['install', await setApp(), '-n', namespace]);
  const before = await uids(namespace);
  const argv = [
    'upgrade',
    'tiny',
    await setApp('image-pull-not-found'),
    '-n',
    namespace,
    '--undo-on-failure',
  ];
  const { exit, error } = await cliError([...argv, '--timeout', '1m']);
  expect(exit).toBe(6);
  expect(error.hint).toContain('It was undone: revision 3 is revision 1 again.');
  expect(await cliJson(['status', 'tiny', '-n', namespace])).toMatchObject({ health: 'healthy' });
  const after = await uids(namespace);
  // The pod that was well was not touched.
  expect([after['tiny-0'] === before['tiny-0'], after['tiny-1'] === before['tiny-1']]).toEqual([true, false]);
});
