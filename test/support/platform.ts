import { expect } from 'vitest';
import type { KubeObject } from '../../src/domain/objects.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { inNamespace, kustomize, type OverlaySettings, overlay } from './kustomize.ts';
import { eventually, kube } from './sandbox.ts';

interface PlatformParts extends OverlaySettings {
  readonly base: string;
  readonly components: readonly string[];
  /** Secrets that its operator makes, by name. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const signal = new AbortController().signal;
/** Kinds whose definitions come with an operator. */
const absent = new Set(['HTTPRoute', 'ServiceMonitor']);
const usualSecrets = {
  'appstore-oidc': { 'client-secret': 's' },
  'appstore-session': { key: 'k' },
  'appstore-approval': { 'approve.pem': 'p' },
};

/** Applies everything of k8s/ to a namespace, and waits until there are as many ready pods as there have to be. */
export async function putPlatform(
  cluster: Cluster,
  namespace: string,
  { base, components, secrets = usualSecrets, ...more }: PlatformParts,
): Promise<void> {
  const objects = await kustomize(await overlay(namespace, base, components, more));
  const given = Object.entries(secrets).map(([name, stringData]) => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData };
    return secret as KubeObject;
  });
  for (const object of [...objects, ...given].filter(({ kind }) => !absent.has(kind)))
    await cluster.apply(inNamespace(object, namespace), { fieldManager: 'test', signal });
  const { metadata } = await kube('GET', `/api/v1/namespaces/${namespace}`);
  expect(metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  const least = objects.find(({ kind }) => kind === 'HorizontalPodAutoscaler')?.spec as {
    minReplicas: number;
  };
  await eventually(async () => {
    const { status } = await kube('GET', `/apis/apps/v1/namespaces/${namespace}/deployments/appstore`);
    return status.readyReplicas === least.minReplicas && status.updatedReplicas === least.minReplicas;
  });
}
