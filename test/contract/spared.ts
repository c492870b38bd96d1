import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/domain/objects.ts';
import type { Plan } from '../../src/domain/plan.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap, deployment } from '../support/fixture-app.ts';
import { unique, until } from './setup.ts';

export interface SparedSetup {
  readonly cluster: Cluster;
  /** Somebody with every right in the namespace and none elsewhere. */
  readonly tenant: Cluster;
  readonly namespace: string;
  dispose(): Promise<void>;
}

const group = 'admissionregistration.k8s.io';
const rule = (resource: string) => ({
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE'],
  scope: 'Namespaced',
  resources: [resource],
});
/** No namespace is called so: what has this selector never really judges anything. */
const nowhere = { matchLabels: { 'kubernetes.io/metadata.name': 'no-such-namespace' } };
const webhook = (resource: string) => ({
  name: 'judge.example.com',
  clientConfig: { url: 'https://127.0.0.1:1/' },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  namespaceSelector: nowhere,
  rules: [rule(resource)],
});
const constraints = (resource: string) => ({
  namespaceSelector: nowhere,
  resourceRules: [rule(resource)],
});

/** What may judge ConfigMaps, of every kind that there is. */
const judges: readonly [kind: string, fields: (resource: string) => Record<string, unknown>][] = [
  ['ValidatingWebhookConfiguration', (resource) => ({ webhooks: [webhook(resource)] })],
  ['MutatingWebhookConfiguration', (resource) => ({ webhooks: [webhook(resource)] })],
  [
    'ValidatingAdmissionPolicy',
    (resource) => ({
      spec: { matchConstraints: constraints(resource), validations: [{ expression: 'true' }] },
    }),
  ],
  [
    'MutatingAdmissionPolicy',
    (resource) => ({
      spec: {
        matchConstraints: constraints(resource),
        reinvocationPolicy: 'Never',
        mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }],
      },
    }),
  ],
];

/** How many of the objects of a kind were asked for by a dry run. */
function dryRuns(plan: Plan, kind: string): number {
  return plan.objects.filter((object) => object.ref.kind === kind && object.checked === 'server').length;
}

/** Where a dry run is left out and where not (decision 0003), on any implementation of the Cluster port. */
export function sparedContract(name: string, setUp: () => Promise<SparedSetup>): void {
  describe(`dry runs that would say nothing on ${name}`, () => {
    let setup: SparedSetup;
    let harness: ChangeHarness;
    const account = (at: number): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: `one-${at}` },
    });
    const many = Array.from({ length: 20 }, (_, at) => at);
    const objects = () => [
      ...many.map((at) => configMap(`one-${at}`, { a: '1' })),
      ...many.map(account),
      deployment('one-web'),
    ];
    const harnessOf = (cluster: Cluster, of: () => KubeObject[] = objects) =>
      changeHarness({ ...setup, cluster, name: 'one', app: { version: '1.0.0', objects: of } });
    const planOf = async (of: ChangeHarness) => (await of.install({ dryRun: true })).plan;
    /** Other tests of the same server may have a policy of their own for a moment. */
    const spared = (kinds: readonly string[]) =>
      until(async () => {
        const plan = await planOf(harness);
        return kinds.every((kind) => dryRuns(plan, kind) === 1) && plan;
      });

    beforeEach(async () => {
      setup = await setUp();
      harness = harnessOf(setup.cluster);
    });
    afterEach(() => setup.dispose());

    it('one of each simple kind is asked for, and everything is written', async () => {
      const plan = await spared(['ConfigMap', 'ServiceAccount']);
      expect(dryRuns(plan, 'Deployment')).toBe(1);
      expect(plan.objects.filter((object) => object.checked === 'schema')).toHaveLength(38);
      const result = await harness.install({ wait: false });
      expect(result.plan.objects.map((object) => object.action)).not.toContain('unchanged');
      expect((await harness.get('v1', 'ConfigMap', 'one-19'))?.data).toEqual({ a: '1' });
      expect((await harness.upgrade()).outcome).toBe('unchanged');
    });

    it('what is not valid beyond doubt is asked for', async () => {
      await spared(['ConfigMap', 'ServiceAccount']);
      const odd = {
        ...configMap('one-odd', { a: '1' }),
        metadata: { name: 'one-odd', finalizers: ['example.com/a'] },
      };
      harness = harnessOf(setup.cluster, () => [...objects(), odd]);
      const plan = await until(async () => {
        const made = await planOf(harness);
        return dryRuns(made, 'ServiceAccount') === 1 && made;
      });
      expect(plan.objects.find((object) => object.ref.name === 'one-odd')?.checked).toBe('server');
    });

    it.for(judges)('a %s that may judge a kind: all of the kind are asked for', async ([kind, fields]) => {
      await spared(['ConfigMap', 'ServiceAccount']);
      const apiVersion = `${group}/v1`;
      for (const resource of ['configmaps', '*']) {
        const metadata = { name: unique('judge') };
        await setup.cluster.create({ apiVersion, kind, metadata, ...fields(resource) } as KubeObject);
        try {
          const plan = await planOf(harness);
          expect(dryRuns(plan, 'ConfigMap')).toBe(20);
          if (resource === '*') expect(dryRuns(plan, 'ServiceAccount')).toBe(20);
        } finally {
          await setup.cluster.delete({ group, version: 'v1', kind, namespace: '', ...metadata });
        }
      }
    });

    it('who may not read webhooks and policies has everything asked for', async () => {
      const plan = await planOf(harnessOf(setup.tenant));
      expect(plan.objects.map((object) => object.checked)).not.toContain('schema');
    });

    it('a few objects are all asked for', async () => {
      const few = () => many.slice(0, 10).map((at) => configMap(`one-${at}`));
      const plan = await planOf(harnessOf(setup.cluster, few));
      expect(dryRuns(plan, 'ConfigMap')).toBe(10);
    });
  });
}
