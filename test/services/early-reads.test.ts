import { expect, test } from 'vitest';
import type { AccessQuestion } from '../../src/services/ports.ts';
import type { Asker } from '../../src/services/requests.ts';
import { changeHarness } from '../support/change-harness.ts';
import { configMap, deployment } from '../support/fixture-app.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';

const schema = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] } as const;

async function installed() {
  const memory = createMemoryCluster({ simulate: true });
  /** The questions about rights, and whether a write had been asked for by then, if only as a dry run. */
  const asked: { readonly questions: readonly AccessQuestion[]; readonly late: boolean }[] = [];
  const cluster: MemoryCluster = {
    ...memory,
    access(questions, signal) {
      asked.push({ questions, late: memory.requests.some(({ verb }) => verb === 'patch') });
      return memory.access(questions, signal);
    },
  };
  const namespace = 'shop';
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const objects = () => [configMap('one-config', { a: '1' }), deployment('one-web')];
  const harness = changeHarness({
    cluster,
    namespace,
    name: 'one',
    app: { version: '1.0.0', objects, schema },
  });
  await harness.install({ given: { values: { title: 'A' }, secretRefs: [] } });
  cluster.requests.splice(0);
  asked.splice(0);
  const requests = () =>
    cluster.requests
      .splice(0)
      .map(({ verb, kind, name }) => `${verb} ${kind}${name === '' ? '' : ` ${name}`}`);
  return { harness, requests, asked };
}

test('an upgrade without a change asks nothing twice and sends nothing', async () => {
  const { harness, requests } = await installed();
  expect((await harness.upgrade()).outcome).toBe('unchanged');
  expect(requests().sort()).toEqual([
    'get ConfigMap appstore.one',
    'get Lease appstore.one',
    'get Namespace kube-system',
    'get Namespace shop',
    // What the revision rendered to, which a renderer that is not pure is compared with
    expect.stringMatching(/^get Secret appstore\.one\.b\./),
    'get Secret appstore.one.generated',
    expect.stringMatching(/^get Secret appstore\.one\.r1\./),
    'list ConfigMap',
    'list Deployment',
    'list HorizontalPodAutoscaler',
    'list IngressClass',
    'list StorageClass',
  ]);
});

test('where the user is asked, the objects are read after the answer', async () => {
  const { harness, requests } = await installed();
  let before: string[] = [];
  const ask: Asker = {
    values: async () => {
      before = requests();
      return { title: 'B' };
    },
    confirm: async () => true,
    conflict: async () => 'abort',
    adopt: async () => false,
    goOn: async () => true,
  };
  await harness.upgrade({ resetValues: true }, { ask });
  expect(before).toContain('get ConfigMap appstore.one');
  expect(before.filter((one) => /^list (ConfigMap|Deployment|Horiz)|Namespace/.test(one))).toEqual([]);
  expect(requests()).toEqual(expect.arrayContaining(['get Namespace shop', 'list Deployment']));
});

test('what rights an upgrade takes is asked once, beside the dry runs, with those for what it deletes', async () => {
  const { harness, asked } = await installed();
  harness.app = { version: '2.0.0', schema, objects: () => [configMap('one-config', { a: '2' })] };
  const { plan } = await harness.upgrade();
  expect(plan.objects.map(({ action, ref }) => `${action} ${ref.name}`)).toEqual([
    'update one-config',
    'delete one-web',
  ]);
  expect(asked.map(({ late }) => late)).toEqual([false]);
  expect(asked[0]?.questions).toEqual(
    expect.arrayContaining([
      { verb: 'delete', group: 'apps', resource: 'deployments', namespace: 'shop' },
      { verb: 'update', group: '', resource: 'configmaps', namespace: 'shop' },
    ]),
  );
});
