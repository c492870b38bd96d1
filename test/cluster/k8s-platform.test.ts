import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { KubeObject } from '../../src/domain/objects.ts';
import { testCluster } from '../support/connect.ts';
import { serveOperatorKinds } from '../support/definitions.ts';
import { kustomize, manifests, overlay } from '../support/kustomize.ts';
import { putPlatform } from '../support/platform.ts';
import { freshNamespace } from '../support/sandbox.ts';
import { accountKubeconfig } from '../support/service-account.ts';

const signal = new AbortController().signal;

describe('manifests of k8s/', () => {
  it.each(['base', 'overlays/kind', 'overlays/scaleway-kapsule'])(
    '%s is made by kustomize alone',
    async (folder) => {
      const objects = await kustomize(join(manifests, folder));
      const kinds = ['Namespace', 'ServiceAccount', 'Deployment', 'Service', 'HorizontalPodAutoscaler'];
      expect(objects.map(({ kind }) => kind)).toEqual(
        expect.arrayContaining([...kinds, 'PodDisruptionBudget', 'NetworkPolicy']),
      );
      // No right of its own is given to it.
      expect(objects.filter(({ kind }) => /Role/.test(kind))).toEqual([]);
      for (const { metadata } of objects)
        expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/name': 'appstore' });
    },
  );

  it('every one is taken by a real API server under the restricted profile, and pods become ready', async () => {
    const cluster = await testCluster();
    const all = ['oidc', 'impersonation', 'approvals', 'ingress', 'catalogs', 'gateway', 'service-monitor'];
    const combinations = [
      ['base', []],
      ['overlays/kind', []],
      ['overlays/scaleway-kapsule', []],
      ['base', all],
    ] as const;
    // At once: the autoscaler looks every 15 seconds.
    await Promise.all(
      combinations.map(async ([base, components]) =>
        putPlatform(cluster, await freshNamespace(), { base, components }),
      ),
    );
    await cluster.close();
  }, 120_000);

  it('what needs an operator is taken by the definitions of its project, and leads to the service', async () => {
    const forget = await serveOperatorKinds();
    onTestFinished(forget);
    const cluster = await testCluster();
    onTestFinished(() => cluster.close());
    const namespace = await freshNamespace();
    const objects = await kustomize(await overlay(namespace, 'base', ['gateway', 'service-monitor']));
    const find = (kind: string) => objects.find((one) => one.kind === kind) as KubeObject;
    const [route, monitor, service] = [find('HTTPRoute'), find('ServiceMonitor'), find('Service')];
    for (const object of [route, monitor, service]) {
      // Fields that the definition does not know are refused, and so are values that it does not allow.
      const live = await cluster.apply(object, { fieldManager: 'test', signal });
      expect(live.spec).toMatchObject(object.spec as object);
    }
    for (const [object, rules] of [
      [route, { hostnames: ['no_host'] }],
      [route, { rules: [{ backendRefs: [{ name: 'appstore', port: 0 }] }] }],
      [monitor, { endpoints: [{ port: 'metrics', interval: 'often' }] }],
      [monitor, { endpoints: [{ gate: 'metrics' }] }],
    ] as const) {
      const wrong = { ...object, spec: { ...(object.spec as object), ...rules } };
      await expect(cluster.apply(wrong, { fieldManager: 'test', signal })).rejects.toMatchObject({
        code: 'API_INVALID',
      });
    }
    expect(service.spec).toMatchObject({
      ports: [
        { name: 'http', port: 80 },
        { name: 'metrics', port: 9090 },
      ],
    });
    expect(route.spec).toMatchObject({ rules: [{ backendRefs: [{ name: 'appstore', port: 80 }] }] });
    expect(monitor.spec).toMatchObject({ endpoints: [{ port: 'metrics' }] });
    const labels = (monitor.spec as { selector: { matchLabels: object } }).selector.matchLabels;
    expect(service.metadata.labels).toMatchObject(labels);
  });

  it('has the pods that issue 7 asks for', async () => {
    const objects = await kustomize(join(manifests, 'base'));
    const [deployment] = objects.filter(
      ({ kind }) => kind === 'Deployment',
    ) as unknown as readonly Deployment[];
    if (deployment === undefined) throw new Error('there is none');
    const pod = deployment.spec.template.spec;
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      topologySpreadConstraints: [
        { topologyKey: 'kubernetes.io/hostname' },
        { topologyKey: 'topology.kubernetes.io/zone' },
      ],
    });
    const [container] = pod.containers;
    expect(container).toMatchObject({
      securityContext: {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      },
      readinessProbe: { httpGet: { path: '/readyz' } },
      livenessProbe: { httpGet: { path: '/healthz' } },
      resources: { requests: { memory: expect.any(String) }, limits: { memory: expect.any(String) } },
    });
    const grace = Number(/--grace=(\d+)s/.exec(container?.args.join(' ') ?? '')?.[1]);
    const pause = container?.lifecycle.preStop.sleep.seconds ?? 0;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(grace + pause);
    expect(JSON.stringify(pod.volumes)).not.toContain('serviceAccountToken');
  });
});

interface Deployment {
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly volumes: readonly unknown[];
  readonly containers: readonly {
    readonly args: readonly string[];
    readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  }[];
}

describe('the rights of the service account', () => {
  let kubeconfig = '';
  let namespace = '';

  beforeAll(async () => {
    namespace = await freshNamespace();
    const cluster = await testCluster();
    for (const object of await kustomize(await overlay(namespace, 'base', [])))
      await cluster.apply(object, { fieldManager: 'test', signal });
    await cluster.close();
    kubeconfig = await accountKubeconfig(namespace, 'appstore');
  });

  it('are those that everybody has, and nothing else', async () => {
    const cluster = await testCluster(kubeconfig);
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      metadata: { name: '' },
    };
    const answer = await cluster.create({ ...review, spec: { namespace } } as KubeObject, { signal });
    const { status } = answer as unknown as {
      status: { incomplete: boolean; resourceRules: readonly Rule[] };
    };
    expect(status.incomplete).toBe(false);
    const may = status.resourceRules.flatMap(({ resources, verbs }) =>
      resources.map((one) => `${verbs.join(',')} ${one}`),
    );
    expect(may.sort()).toEqual([
      'create selfsubjectaccessreviews',
      'create selfsubjectreviews',
      'create selfsubjectrulesreviews',
    ]);
    await cluster.close();
  });

  it('do not let it read a Secret, write a Deployment, or ask in the name of anybody', async () => {
    const cluster = await testCluster(kubeconfig);
    const asked = [
      { verb: 'get', group: '', resource: 'secrets', namespace },
      { verb: 'create', group: 'apps', resource: 'deployments', namespace },
      { verb: 'list', group: '', resource: 'namespaces' },
      { verb: 'impersonate', group: '', resource: 'users' },
    ];
    expect((await cluster.access(asked as never, signal)).map(({ allowed }) => allowed)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    await cluster.close();
  });
});

interface Rule {
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
}
