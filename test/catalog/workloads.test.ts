import { describe, expect, test } from 'vitest';
import type { Rendered } from '../../src/domain/rendered.ts';
import { apps, type Container, describeApp, type PodSpec, readme, render, workloads } from './packages.ts';

const containersOf = (pod: PodSpec): readonly Container[] => [
  ...(pod.initContainers ?? []),
  ...pod.containers,
];
const containers = (rendered: Rendered) => workloads(rendered).flatMap(({ pod }) => containersOf(pod));

/** Seconds, what Kubernetes gives where a pod asks for none. State wants no less. */
const usualGracePeriod = 30;

describe.each(apps)('%s', (app) => {
  test('images are named in full, by a tag that does not move', async () => {
    const { metadata } = await describeApp(app);
    const images = containers(await render(app)).map((container) => container.image);
    for (const image of images)
      expect(image).toMatch(/^[a-z0-9.-]+\.[a-z]+\/[a-z0-9/._-]+:(v|[a-z]+-)?\d+\.\d+[\w.-]*$/);
    expect(images.some((image) => image.includes(metadata.appVersion))).toBe(true);
  });

  test('what serves has startup, readiness and liveness probes', async () => {
    const serving = workloads(await render(app)).filter(
      ({ kind }) => kind === 'Deployment' || kind === 'StatefulSet',
    );
    expect(serving.length).toBeGreaterThan(0);
    for (const container of serving.flatMap(({ pod }) => pod.containers)) {
      if (container.ports === undefined) continue;
      expect(container).toMatchObject({
        startupProbe: expect.any(Object),
        readinessProbe: expect.any(Object),
        livenessProbe: expect.any(Object),
      });
    }
    for (const { pod } of serving)
      expect(pod.containers.some((container) => container.ports !== undefined)).toBe(true);
  });

  test('every container asks for CPU and memory and has a limit of memory', async () => {
    for (const container of containers(await render(app))) {
      expect(container.resources).toMatchObject({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      });
    }
  });

  /** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
  test('pods satisfy the restricted profile', async () => {
    const all = workloads(await render(app));
    for (const { pod, name } of all) {
      expect(pod, name).toMatchObject({
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect(pod.securityContext?.runAsUser, name).toBeGreaterThan(0);
      expect(pod, name).not.toMatchObject({ hostNetwork: true });
      for (const volume of pod.volumes ?? []) expect(volume, name).not.toHaveProperty('hostPath');
      for (const { securityContext } of containersOf(pod)) {
        expect(securityContext, name).toMatchObject({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        });
        expect(securityContext, name).not.toMatchObject({ privileged: true });
      }
    }
  });

  test('the root file system is read-only, or the README says why not', async () => {
    const writable = containers(await render(app)).filter(
      (container) => container.securityContext?.readOnlyRootFilesystem !== true,
    );
    if (writable.length > 0) expect(readme(app)).toMatch(/root file system is not read-only: \w+/);
    else expect(readme(app)).toMatch(/with (a )?read-only root file systems?/);
  });

  test('pods get no service account token, unless the app asks for rights', async () => {
    const rendered = await render(app);
    const asks = rendered.objects.some(({ object }) => /RoleBinding$/.test(object.kind));
    for (const { pod } of workloads(rendered))
      expect(pod.automountServiceAccountToken === false || asks).toBe(true);
  });

  test('state is kept by StatefulSets with claims of their own', async () => {
    const rendered = await render(app);
    for (const { kind, pod, spec, name } of workloads(rendered)) {
      expect(pod.volumes?.some((volume) => volume.persistentVolumeClaim !== undefined) ?? false, name).toBe(
        false,
      );
      if (kind !== 'StatefulSet') continue;
      expect(spec.volumeClaimTemplates, name).toEqual([
        expect.objectContaining({ metadata: expect.objectContaining({ name: 'data' }) }),
      ]);
      expect(pod.terminationGracePeriodSeconds ?? usualGracePeriod, name).toBeGreaterThanOrEqual(
        usualGracePeriod,
      );
    }
  });
});
