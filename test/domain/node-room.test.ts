import { describe, expect, it } from 'vitest';
import { requestOf, roomOf, roomText, takesPods } from '../../src/domain/node-room.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import { formatQuantity, parseQuantity } from '../../src/domain/quantity.ts';

const container = (cpu?: string, more: object = {}) => ({
  resources: { requests: cpu === undefined ? {} : { cpu } },
  ...more,
});
const pod = (spec: object, phase = 'Running'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec,
  status: { phase },
});
const node = (name: string, cpu: string, memory = '4Gi', spec: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  spec,
  status: { allocatable: { cpu, memory } },
});

// k8s.io/component-helpers/resource PodRequests
const requests: readonly (readonly [string, object, string])[] = [
  ['the sum of containers', { containers: [container('100m'), container('2')] }, '2100m'],
  ['nothing', { containers: [container()] }, '0'],
  ['a limit where there is no request', { containers: [{ resources: { limits: { cpu: '3' } } }] }, '3'],
  [
    'the largest init container where that is more',
    { initContainers: [container('1'), container('4')], containers: [container('2')] },
    '4',
  ],
  [
    'an init container that keeps running beside the others',
    { initContainers: [container('1', { restartPolicy: 'Always' })], containers: [container('2')] },
    '3',
  ],
  ['the overhead of its runtime', { overhead: { cpu: '250m' }, containers: [container('1')] }, '1250m'],
  ['no quantity at all', { containers: [container('lots')] }, '0'],
];

describe('what a pod asks for', () => {
  it.each(requests)('%s', (_name, spec, expected) => {
    expect(formatQuantity(requestOf(pod(spec), 'cpu'))).toBe(expected);
  });
});

describe('what nodes have left', () => {
  const running = pod({ containers: [container('1500m')] });
  const over = pod({ containers: [container('8')] }, 'Succeeded');

  it('counts pods that run or will, and not those that are through', () => {
    expect(formatQuantity(roomOf(node('a', '4'), [running, over], 'cpu').free)).toBe('2500m');
  });

  it('leaves out nodes that take no pods', () => {
    expect(takesPods(node('a', '4', '4Gi', { unschedulable: true }))).toBe(false);
    expect(takesPods(node('a', '4'))).toBe(true);
  });

  const ask = (text: string) => parseQuantity(text) ?? { nano: 0n, format: 'decimal' as const };
  it('is told in numbers', () => {
    const rooms = [roomOf(node('a', '4'), [running], 'cpu'), roomOf(node('b', '3'), [], 'cpu')];
    expect(roomText(ask('10'), rooms, 'cpu')).toBe('asks for 10 CPU; of 2 nodes b has most left: 3 of 3 CPU');
    expect(roomText(ask('10'), rooms.slice(0, 1), 'cpu')).toBe(
      'asks for 10 CPU; the one node has left: 2500m of 4 CPU',
    );
    expect(roomText(ask('10'), [], 'cpu')).toBe('asks for 10 CPU; there is no node that takes pods');
    const memory = roomOf(node('a', '4', '4194305Ki'), [], 'memory');
    expect(roomText(ask('8Gi'), [memory], 'memory')).toBe(
      'asks for 8Gi memory; the one node has left: 4Gi of 4Gi memory',
    );
  });
});
