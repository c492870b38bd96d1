import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { cli, cliError, cliJson, packageFolder } from '../support/cli.ts';
import { freshNamespace, kube } from '../support/sandbox.ts';
import { tinyApp } from '../support/tiny-app.ts';

const app = (serviceName: string) => {
  const labels = { app: 'tiny' };
  const set: JsonObject = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: '${name}' },
    spec: {
      serviceName,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'db', image: 'example.com/db:1' }] },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  };
  return packageFolder(tinyApp([set]));
};

interface List {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly uid: string } }[];
}

test('--replace makes a StatefulSet anew with the pods and volumes that it had, and needs --yes (row 9)', async () => {
  const namespace = await freshNamespace();
  const root = `/api/v1/namespaces/${namespace}`;
  const kept = async () => {
    const lists = ['pods', 'persistentvolumeclaims'].map((kind) => kube('GET', `${root}/${kind}`));
    return (await Promise.all(lists)).map((list) =>
      (list as unknown as List).items.map(({ metadata }) => `${metadata.name} ${metadata.uid}`),
    );
  };
  await cliJson(['install', await app('before'), '-n', namespace]);
  const before = await kept();
  expect(before.map((list) => list.length)).toEqual([1, 1]);

  const argv = ['upgrade', 'tiny', await app('after'), '-n', namespace];
  const refused = await cliError(argv);
  expect([refused.exit, refused.error.code]).toEqual([5, 'FIELD_IMMUTABLE']);
  expect(refused.error.problems[0]?.message).toContain(
    '.spec.serviceName cannot be changed (live "before", the app sets "after")',
  );
  expect(refused.error.problems[0]?.hint).toContain(`--replace StatefulSet/${namespace}/tiny`);

  const choice = ['--replace', 'StatefulSet/tiny'];
  const unsure = await cliError([...argv, ...choice]);
  expect([unsure.exit, unsure.error.code]).toEqual([2, 'CONFIRMATION_NEEDED']);
  const plan = await cli([...argv, ...choice, '--dry-run']);
  expect(plan.stdout).toContain(`± StatefulSet/${namespace}/tiny`);
  expect(plan.stdout).toContain('1 to replace');
  await cliJson([...argv, ...choice, '--yes']);
  expect(await kube('GET', `/apis/apps/v1/namespaces/${namespace}/statefulsets/tiny`)).toMatchObject({
    spec: { serviceName: 'after' },
  });
  expect(await kept()).toEqual(before);
});
