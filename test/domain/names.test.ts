import { describe, expect, it } from 'vitest';
import {
  checkInstallationName,
  checkNamespaceName,
  checkObject,
  suggestInstallationName,
} from '../../src/domain/names.ts';
import type { KubeObject } from '../../src/domain/objects.ts';

function named(kind: string, name: string, more: object = {}): KubeObject {
  const parts = kind.split('/');
  const last = parts.pop() ?? '';
  return { apiVersion: parts.join('/'), kind: last, metadata: { name, namespace: 'ns', ...more } };
}

const long = (length: number) => 'a'.repeat(length);

// Limits: kubernetes pkg/apis validation, and what controllers make of the name (label values end at 63 characters).
const limits: readonly [string, number][] = [
  ['v1/ConfigMap', 253],
  ['v1/Service', 63],
  ['v1/Namespace', 63],
  ['apps/v1/StatefulSet', 52],
  ['apps/v1/Deployment', 242],
  ['batch/v1/CronJob', 52],
  ['batch/v1/Job', 63],
];

describe('names of objects', () => {
  it.each(limits)('%s may have %i characters', (kind, limit) => {
    expect(checkObject(named(kind, long(limit)))).toEqual([]);
    expect(checkObject(named(kind, long(limit + 1)))[0]?.message).toContain(`${limit} are allowed`);
  });

  it.each([
    ['v1/ConfigMap', 'a.b-c', true],
    ['v1/Service', 'a.b', false],
    ['v1/ConfigMap', 'A', false],
    ['v1/ConfigMap', '-a', false],
    ['v1/ConfigMap', '', false],
    ['rbac.authorization.k8s.io/v1/Role', 'system:Node', true],
    ['rbac.authorization.k8s.io/v1/ClusterRole', 'a/b', false],
    ['rbac.authorization.k8s.io/v1/ClusterRole', '..', false],
  ])('%s %s: %s', (kind, name, good) => {
    expect(checkObject(named(kind, name)).length === 0).toBe(good);
  });

  it('tells every problem of labels and annotations at once, wherever labels stand', () => {
    const object = named('apps/v1/Deployment', 'web', {
      labels: { 'app.kubernetes.io/name': long(64), 'bad key': 'x', 'a//b': 'x' },
      annotations: { 'not ok': 'x', big: 'x'.repeat(256 * 1024) },
    });
    object.spec = { template: { metadata: { labels: { app: '-x' } } }, selector: { matchLabels: { n: 1 } } };
    const problems = checkObject(object);
    expect(problems).toHaveLength(7);
    expect(problems.every((problem) => problem.at === 'Deployment/ns/web')).toBe(true);
    expect(problems.map((problem) => problem.message).join('\n')).toContain('.spec.template.metadata.labels');
  });
});

describe('names of installations', () => {
  it.each([
    ['blog', true],
    ['my-blog-2', true],
    ['2048', true],
    [long(53), true],
    [long(54), false],
    ['Blog', false],
    ['a.b', false],
    ['a-', false],
    ['', false],
  ])('%s: %s', (name, good) => {
    expect(checkInstallationName(name) === undefined).toBe(good);
  });

  it.each([
    ['Uptime Kuma', 'uptime-kuma'],
    ['--x--', 'x'],
    ['ü', 'app'],
    [`${long(52)}-b`, long(52)],
  ])('suggests for %s: %s', (text, name) => {
    expect(suggestInstallationName(text)).toBe(name);
    expect(checkInstallationName(name)).toBeUndefined();
  });

  it('knows names of namespaces', () => {
    expect(checkNamespaceName('apps')).toBeUndefined();
    expect(checkNamespaceName('Apps')?.message).toContain('"Apps"');
  });
});
