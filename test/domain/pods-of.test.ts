import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/domain/objects.ts';
import { newestPods } from '../../src/domain/pods-of.ts';

const set = { group: 'apps', kind: 'StatefulSet', namespace: 'shop', name: 'db' };

/** A pod of the set, of a template, made at a second. */
function pod(name: string, revision: string, second: number, more: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...{ name, namespace: 'shop', uid: `uid-${name}` },
      labels: { 'controller-revision-hash': revision },
      creationTimestamp: `2026-01-01T00:00:0${second}Z`,
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'set', controller: true },
      ],
      ...more,
    },
  } as KubeObject;
}

const names = (pods: readonly KubeObject[]) => newestPods(pods, set).map(({ metadata }) => metadata.name);

describe('the pods that tell how a rollout goes', () => {
  it('are those of the newest template alone', () => {
    const pods = [pod('db-0', 'old', 1), pod('db-1', 'new', 3), pod('db-2', 'new', 2)];
    expect(names(pods)).toEqual(['db-1', 'db-2']);
    expect(names(pods.toReversed())).toEqual(['db-1', 'db-2']);
  });

  it('are among those made in the same second, in whatever order they are listed (row 5)', () => {
    const pods = [pod('db-0', 'old', 1), pod('db-1', 'new', 1)];
    expect(names(pods).sort()).toEqual(['db-0', 'db-1']);
    expect(names(pods.toReversed()).sort()).toEqual(['db-0', 'db-1']);
  });

  it('are not those on their way out, nor those of others', () => {
    const leaving = pod('db-1', 'new', 3, { deletionTimestamp: '2026-01-01T00:00:04Z' });
    const foreign = pod('db-2', 'new', 4, { ownerReferences: [] });
    expect(names([pod('db-0', 'old', 1), leaving, foreign])).toEqual(['db-0']);
    expect(newestPods([], set)).toEqual([]);
  });
});
