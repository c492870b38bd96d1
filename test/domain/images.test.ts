import { describe, expect, test } from 'vitest';
import {
  addPullSecrets,
  listImages,
  mirroredImage,
  parseImage,
  rewriteImages,
} from '../../src/domain/images.ts';
import type { KubeObject } from '../../src/domain/objects.ts';

describe('names of images', () => {
  test.each([
    ['nginx', 'docker.io', 'library/nginx'],
    ['nginx:1.27', 'docker.io', 'library/nginx:1.27'],
    ['grafana/grafana:12', 'docker.io', 'grafana/grafana:12'],
    ['docker.io/nginx', 'docker.io', 'library/nginx'],
    ['index.docker.io/library/nginx', 'docker.io', 'library/nginx'],
    ['ghcr.io/a/b/c:1', 'ghcr.io', 'a/b/c:1'],
    ['localhost/x', 'localhost', 'x'],
    ['localhost:5000/x:1', 'localhost:5000', 'x:1'],
    ['nginx@sha256:abc', 'docker.io', 'library/nginx@sha256:abc'],
    ['registry:5000/x', 'registry:5000', 'x'],
  ])('%s', (image, registry, rest) => {
    expect(parseImage(image)).toEqual({ registry, rest });
  });

  test.each([
    ['nginx:1', 'mirror.example.com', 'mirror.example.com/library/nginx:1'],
    ['ghcr.io/a/b', 'mirror.example.com/cache/', 'mirror.example.com/cache/a/b'],
    ['mirror.example.com/a/b', 'mirror.example.com', 'mirror.example.com/a/b'],
    ['', 'mirror.example.com', ''],
  ])('%s from %s', (image, mirror, expected) => {
    expect(mirroredImage(image, mirror)).toBe(expected);
  });
});

function workload(kind: string, wrap: (spec: object) => object, spec: object): KubeObject {
  return { apiVersion: 'apps/v1', kind, metadata: { name: 'web' }, ...wrap(spec) };
}

const template = (spec: object) => ({ spec: { template: { spec } } });
const wraps: readonly [string, (spec: object) => object][] = [
  ['Pod', (spec) => ({ spec })],
  ['Deployment', template],
  ['StatefulSet', template],
  ['DaemonSet', template],
  ['ReplicaSet', template],
  ['Job', template],
  ['CronJob', (spec) => ({ spec: { jobTemplate: template(spec) } })],
];

describe.each(wraps)('%s', (kind, wrap) => {
  const spec = {
    initContainers: [{ name: 'init', image: 'busybox' }],
    containers: [{ name: 'main', image: 'ghcr.io/a/b:1', env: [{ name: 'image', value: 'nginx' }] }],
    ephemeralContainers: [{ name: 'debug', image: 'x/y' }],
    imagePullSecrets: [{ name: 'own' }],
  };

  test('every container is taken from the mirror', () => {
    const object = workload(kind, wrap, spec);
    const expected = {
      ...spec,
      initContainers: [{ name: 'init', image: 'm.example/library/busybox' }],
      containers: [{ ...spec.containers[0], image: 'm.example/a/b:1' }],
      ephemeralContainers: [{ name: 'debug', image: 'm.example/x/y' }],
    };
    expect(rewriteImages(object, 'm.example')).toEqual(workload(kind, wrap, expected));
    expect(object).toEqual(workload(kind, wrap, spec));
    expect(rewriteImages(object, '')).toBe(object);
  });

  test('pull secrets are added once', () => {
    const expected = { ...spec, imagePullSecrets: [{ name: 'own' }, { name: 'new' }] };
    expect(addPullSecrets(workload(kind, wrap, spec), ['own', 'new'])).toEqual(
      workload(kind, wrap, expected),
    );
  });

  test('images are listed with what uses them', () => {
    expect(
      listImages([
        workload(kind, wrap, spec),
        workload(kind, wrap, { containers: [{ name: 'm', image: 'busybox' }] }),
      ]),
    ).toEqual([
      { image: 'busybox', used: [`${kind}/web init`, `${kind}/web m`] },
      { image: 'ghcr.io/a/b:1', used: [`${kind}/web main`] },
      { image: 'x/y', used: [`${kind}/web debug`] },
    ]);
  });
});

test('image volumes come from the mirror, other kinds stay as they are', () => {
  const pod = workload('Pod', (spec) => ({ spec }), {
    containers: [],
    volumes: [
      { name: 'v', image: { reference: 'a/b' } },
      { name: 'e', emptyDir: {} },
    ],
  });
  expect(rewriteImages(pod, 'm.example').spec.volumes).toEqual([
    { name: 'v', image: { reference: 'm.example/a/b' } },
    { name: 'e', emptyDir: {} },
  ]);
  const custom: KubeObject = {
    apiVersion: 'x/v1',
    kind: 'Cluster',
    metadata: { name: 'a' },
    spec: { image: 'x' },
  };
  expect(rewriteImages(custom, 'm.example')).toBe(custom);
  expect(listImages([custom])).toEqual([]);
});
