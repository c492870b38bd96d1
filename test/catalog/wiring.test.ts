import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import type { Rendered } from '../../src/domain/rendered.ts';
import {
  apps,
  type Container,
  describeApp,
  type KeyRef,
  leaves,
  type PodSpec,
  render,
  workloads,
} from './packages.ts';

/** Everything on: what is optional must fit together, too. */
const everything: JsonObject = {
  ingress: { enabled: true, host: 'app.example.com', tls: { enabled: true } },
  autoscaling: { enabled: true },
  networkPolicy: { enabled: true },
};

async function variants(app: string): Promise<readonly Rendered[]> {
  const { schema } = await describeApp(app);
  const known = Object.entries(everything).filter(([name]) => schema.properties?.[name] !== undefined);
  return Promise.all([render(app), render(app, Object.fromEntries(known))]);
}

const of = (rendered: Rendered, kind: string): readonly KubeObject[] =>
  rendered.objects.map(({ object }) => object).filter((object) => object.kind === kind);
const spec = <T>(object: KubeObject): T => object.spec as T;
const containersOf = (pod: PodSpec): readonly Container[] => [
  ...(pod.initContainers ?? []),
  ...pod.containers,
];

/** `Kind/name` and `Kind/name:key` for everything in a Secret or ConfigMap. */
function keysIn(object: KubeObject): readonly string[] {
  if (object.kind !== 'Secret' && object.kind !== 'ConfigMap') return [];
  const id = `${object.kind}/${object.metadata.name}`;
  return [id, ...Object.keys((object.data ?? {}) as JsonObject).map((key) => `${id}:${key}`)];
}

/** What a pod cannot start without, written as `keysIn` does. */
function references(pod: PodSpec): readonly string[] {
  const keyOf = (kind: string, ref?: KeyRef) =>
    ref === undefined || ref.optional === true ? [] : [`${kind}/${ref.name}:${ref.key}`];
  const fromContainers = containersOf(pod).flatMap(({ env = [], envFrom = [] }) => [
    ...env.flatMap(({ valueFrom }) => keyOf('Secret', valueFrom?.secretKeyRef)),
    ...env.flatMap(({ valueFrom }) => keyOf('ConfigMap', valueFrom?.configMapKeyRef)),
    ...envFrom.flatMap(({ secretRef }) => (secretRef ? [`Secret/${secretRef.name}`] : [])),
    ...envFrom.flatMap(({ configMapRef }) => (configMapRef ? [`ConfigMap/${configMapRef.name}`] : [])),
  ]);
  const fromVolumes = (pod.volumes ?? []).flatMap(({ configMap, secret }) => {
    const id = configMap ? `ConfigMap/${configMap.name}` : secret ? `Secret/${secret.secretName}` : undefined;
    const items = configMap?.items ?? secret?.items ?? [];
    return id === undefined ? [] : [id, ...items.map((item) => `${id}:${item.key}`)];
  });
  return [...fromContainers, ...fromVolumes];
}

interface ServiceSpec {
  readonly clusterIP?: string;
  readonly selector: Record<string, string>;
  readonly ports: readonly { name: string; port: number; targetPort: string | number }[];
}

describe.each(apps)('%s', (app) => {
  test('selectors select the pods of one workload, and ports exist there', async () => {
    for (const rendered of await variants(app)) {
      for (const service of of(rendered, 'Service')) {
        const { selector, ports } = spec<ServiceSpec>(service);
        const selected = workloads(rendered).filter(({ labels }) =>
          Object.entries(selector).every(([key, value]) => labels[key] === value),
        );
        expect(selected, service.metadata.name ?? '').toHaveLength(1);
        const open = selected.flatMap(({ pod }) =>
          pod.containers.flatMap((container) => container.ports ?? []),
        );
        for (const { targetPort } of ports) {
          expect(open.flatMap((port) => [port.name, port.containerPort])).toContain(targetPort);
        }
      }
    }
  });

  test('workloads select their own pods, StatefulSets have their headless Service', async () => {
    for (const rendered of await variants(app)) {
      for (const { kind, spec: own, labels, name } of workloads(rendered)) {
        if (kind === 'Deployment' || kind === 'StatefulSet') {
          expect(labels, name).toMatchObject((own.selector as { matchLabels: JsonObject }).matchLabels);
        }
        if (kind !== 'StatefulSet') continue;
        const service = of(rendered, 'Service').find((object) => object.metadata.name === own.serviceName);
        expect(service && spec<ServiceSpec>(service).clusterIP, name).toBe('None');
      }
    }
  });

  test('Secrets and ConfigMaps that pods refer to are there, with their keys', async () => {
    for (const rendered of await variants(app)) {
      const have = rendered.objects.flatMap(({ object }) => keysIn(object));
      const wanted = workloads(rendered).flatMap(({ pod }) => references(pod));
      expect(have).toEqual(expect.arrayContaining(wanted));
    }
  });

  test('volumes that containers mount are there', async () => {
    for (const { pod, spec: own, name } of (await variants(app)).flatMap(workloads)) {
      const claims = (own.volumeClaimTemplates ?? []) as unknown as { metadata: { name: string } }[];
      const volumes = [
        ...(pod.volumes ?? []).map((volume) => volume.name),
        ...claims.map((claim) => claim.metadata.name),
      ];
      const mounted = containersOf(pod).flatMap(({ volumeMounts = [] }) =>
        volumeMounts.map((mount) => mount.name),
      );
      expect(volumes, name).toEqual(expect.arrayContaining(mounted));
    }
  });

  test('configuration that pods read at start restarts them when it changes', async () => {
    for (const { pod, annotations, name } of workloads(await render(app))) {
      const reads =
        (pod.volumes ?? []).some((volume) => volume.configMap !== undefined) ||
        containersOf(pod).some((container) =>
          (container.envFrom ?? []).some((source) => source.configMapRef),
        );
      if (reads) expect(Object.keys(annotations).join(' '), name).toMatch(/checksum\//);
    }
  });

  test('the Ingress leads to a Service that is there, and is there only when asked for', async () => {
    const { schema } = await describeApp(app);
    const [plain, full] = await variants(app);
    if (plain === undefined || full === undefined) throw new Error('no variants');
    expect(of(plain, 'Ingress')).toEqual([]);
    if (schema.properties?.ingress === undefined) return expect(of(full, 'Ingress')).toEqual([]);
    expect(of(full, 'Ingress')).toHaveLength(1);
    const text = JSON.stringify(of(full, 'Ingress'));
    expect(text).toContain('"host":"app.example.com"');
    expect(text).toMatch(/"tls":\[\{"hosts":\["app\.example\.com"\],"secretName":"my-tls"\}\]/);
    for (const [, name, port] of text.matchAll(
      /"service":\{"name":"([^"]+)","port":\{"name":"([^"]+)"\}\}/g,
    )) {
      const service = of(full, 'Service').find((object) => object.metadata.name === name);
      expect(service && spec<ServiceSpec>(service).ports.map((entry) => entry.name)).toContain(port);
    }
    expect(full.open[0]?.url).toBe('https://app.example.com');
  });

  test('autoscaling takes the replicas over', async () => {
    const [plain, full] = await variants(app);
    if (plain === undefined || full === undefined) throw new Error('no variants');
    expect(of(plain, 'HorizontalPodAutoscaler')).toEqual([]);
    for (const scaler of of(full, 'HorizontalPodAutoscaler')) {
      const { scaleTargetRef } = spec<{ scaleTargetRef: { kind: string; name: string } }>(scaler);
      const target = workloads(full).find(
        ({ kind, name }) => kind === scaleTargetRef.kind && name === scaleTargetRef.name,
      );
      expect(target?.spec).toBeDefined();
      expect(target?.spec).not.toHaveProperty('replicas');
    }
  });

  test('what `open` forwards to is there', async () => {
    for (const rendered of await variants(app)) {
      for (const { service } of rendered.open) {
        if (service === undefined) continue;
        const found = of(rendered, 'Service').find((object) => object.metadata.name === service.name);
        const ports = found === undefined ? [] : spec<ServiceSpec>(found).ports;
        expect(ports.flatMap((port) => [port.name, port.port])).toContain(service.port);
      }
    }
  });

  test('the credentials that notes and README name exist', async () => {
    const { schema, readme } = await describeApp(app);
    const generated = leaves(schema)
      .filter(({ schema: leaf }) => leaf['x-generate'] !== undefined)
      .map(({ path }) => path.join('.'));
    const { notes } = await render(app);
    const named = [...`${notes}\n${readme}`.matchAll(/appstore credentials [\w<>-]+ ([a-z][A-Za-z0-9.]*)/g)];
    for (const [, key] of named) expect(generated).toContain(key);
    if (generated.length > 0) expect(named.length).toBeGreaterThan(0);
  });
});
