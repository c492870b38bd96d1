import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import { stuckPods } from '../../src/domain/stuck-pods.ts';

const waiting = (reason: string, message = '') => ({
  phase: 'Pending',
  containerStatuses: [{ name: 'db', ready: false, state: { waiting: { reason, message } } }],
});

const set = (spec: JsonObject = {}, status: JsonObject = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', namespace: 'shop', uid: 'set', generation: 3 } as KubeObject['metadata'],
  spec: { ...spec },
  status: { observedGeneration: 3, updateRevision: 'db-new', ...status },
});

const pod = (status: JsonObject, metadata: JsonObject = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...{ name: 'db-1', namespace: 'shop', labels: { 'controller-revision-hash': 'db-old' } },
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'set', controller: true },
    ],
    ...metadata,
  } as KubeObject['metadata'],
  status,
});

const noImage = waiting('ImagePullBackOff', 'manifest unknown: not found');
const running = {
  phase: 'Running',
  containerStatuses: [{ name: 'db', ready: false, state: { running: {} } }],
};

/** What is deleted so that a StatefulSet goes on (kubernetes#67250): the less, the better. */
describe('pods that keep a StatefulSet from going on', () => {
  it.each<[string, KubeObject, KubeObject, number]>([
    ['an image that is not there', set(), pod(noImage), 1],
    ['a crash loop', set(), pod(waiting('CrashLoopBackOff')), 1],
    ['a container that cannot be made', set(), pod(waiting('CreateContainerConfigError')), 1],
    [
      'a registry that does not answer: it may come back',
      set(),
      pod(waiting('ErrImagePull', 'i/o timeout')),
      0,
    ],
    ['one that is slow to get ready', set(), pod(running), 0],
    [
      'one of the newest template',
      set(),
      pod(noImage, { labels: { 'controller-revision-hash': 'db-new' } }),
      0,
    ],
    ['one that goes already', set(), pod(noImage, { deletionTimestamp: '2026-01-01T00:00:00Z' }), 0],
    ['one of another set of that name', set(), pod(noImage, { ownerReferences: [] }), 0],
    ['pods that are replaced all at once', set({ podManagementPolicy: 'Parallel' }), pod(noImage), 0],
    ['a set whose pods a person replaces', set({ updateStrategy: { type: 'OnDelete' } }), pod(noImage), 0],
    [
      'a pod below the partition',
      set({ updateStrategy: { rollingUpdate: { partition: 2 } } }),
      pod(noImage),
      0,
    ],
    ['a pod in the partition', set({ updateStrategy: { rollingUpdate: { partition: 1 } } }), pod(noImage), 1],
    ['a template that was not seen yet', set({}, { observedGeneration: 2 }), pod(noImage), 0],
  ])('%s', (_title, owner, one, count) => {
    expect(stuckPods(owner, [one])).toHaveLength(count);
  });
});
