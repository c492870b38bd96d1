import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import { keepClaim, keepTemplates } from '../../src/domain/volume-differences.ts';

const claim = (spec: JsonObject): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec,
});
const size = (storage: string | number, more: JsonObject = {}): JsonObject => ({
  resources: { requests: { storage } },
  ...more,
});

describe('a claim keeps what it has (NEEDS row 30)', () => {
  const rows: readonly (readonly [string, JsonObject, JsonObject, JsonObject, number])[] = [
    ['the same', size('1Gi'), size('1Gi', { volumeName: 'pv-1' }), size('1Gi'), 0],
    ['the same size otherwise written', size('1024Mi'), size('1Gi'), size('1024Mi'), 0],
    ['a size as a number', size(1073741824), size('1Gi'), size(1073741824), 0],
    ['smaller', size('1Gi'), size('2Gi'), size('2Gi'), 1],
    ['larger: the server decides', size('4Gi'), size('2Gi'), size('4Gi'), 0],
    [
      'another class',
      size('1Gi', { storageClassName: 'a' }),
      size('1Gi', { storageClassName: 'b' }),
      size('1Gi', { storageClassName: 'b' }),
      1,
    ],
    ['a class that the server chose', size('1Gi'), size('1Gi', { storageClassName: 'b' }), size('1Gi'), 0],
    ['a field that the live one has not', size('1Gi', { volumeName: 'pv-1' }), size('1Gi'), size('1Gi'), 1],
    [
      'other modes and smaller',
      size('1Gi', { accessModes: ['ReadWriteMany'] }),
      size('2Gi', { accessModes: ['ReadWriteOnce'] }),
      size('2Gi', { accessModes: ['ReadWriteOnce'] }),
      2,
    ],
    ['no spec at all', {}, size('2Gi'), {}, 0],
  ];
  it.each(rows)('%s', (_what, desired, live, expected, differences) => {
    const given = claim(desired);
    const kept = keepClaim(given, claim(live));
    expect(kept.object.spec).toEqual(expected);
    expect(kept.differences).toHaveLength(differences);
    expect(given.spec).toEqual(desired);
  });
});

describe('a StatefulSet keeps its templates of claims', () => {
  const template = (storage: string, name = 'data'): JsonObject => ({
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
  });
  const live = (storage: string): JsonObject => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    ...template(storage),
    status: { phase: 'Pending' },
  });
  const set = (templates: JsonObject[] | undefined): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: { serviceName: 'db', ...(templates === undefined ? {} : { volumeClaimTemplates: templates }) },
  });
  const rows: readonly (readonly [
    string,
    JsonObject[] | undefined,
    JsonObject[] | undefined,
    JsonObject[] | undefined,
    string | undefined,
  ])[] = [
    [
      'the same, but for what the server adds',
      [template('1Gi')],
      [live('1Gi')],
      [template('1Gi')],
      undefined,
    ],
    ['none', undefined, undefined, undefined, undefined],
    [
      'smaller',
      [template('1Gi')],
      [live('2Gi')],
      [live('2Gi')],
      'stays data ["ReadWriteOnce"] {"storage":"2Gi"} (the revision has data',
    ],
    ['larger, which no template can become', [template('4Gi')], [live('2Gi')], [live('2Gi')], '"4Gi"'],
    ['one more', [template('1Gi'), template('1Gi', 'log')], [live('1Gi')], [live('1Gi')], 'log'],
    ['where the live one has none', [template('1Gi')], undefined, undefined, 'stays none'],
    ['where the revision has none', undefined, [live('1Gi')], [live('1Gi')], 'has none'],
  ];
  it.each(rows)('%s', (_what, desired, there, expected, told) => {
    const kept = keepTemplates(set(desired), set(there));
    expect(kept.object.spec?.volumeClaimTemplates).toEqual(expected);
    expect(kept.object.spec?.serviceName).toBe('db');
    expect(kept.differences.join()).toEqual(told === undefined ? '' : expect.stringContaining(told));
  });
});
