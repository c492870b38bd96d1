import { expect, test } from 'vitest';
import { problemOf } from '../../src/storefront/api/problem.ts';
import { agreedTo, consentsOf } from '../../src/storefront/plan/consents.ts';

const refused = (...problems: object[]) => problemOf(409, { code: 'FIELD_IMMUTABLE', problems });
const set = { message: 'StatefulSet/team/db: .spec', at: 'StatefulSet/team/db', consent: 'replace' };
const disk = { message: 'PersistentVolumeClaim/team/d: x', at: 'PersistentVolumeClaim/team/d' };

test('what can be agreed to is named by what is agreed to, data apart from the rest', () => {
  const adopted = { message: 'ConfigMap/team/c: exists', at: 'ConfigMap/team/c', consent: 'adopt' };
  expect(consentsOf(refused(set, adopted, { ...disk, consent: 'replaceData' }))).toEqual({
    adopt: ['ConfigMap/team/c'],
    replace: ['StatefulSet/team/db'],
    replaceData: ['PersistentVolumeClaim/team/d'],
  });
});

test('nothing can be agreed to where something else stands in the way', () => {
  const nothing = { adopt: [], replace: [], replaceData: [] };
  expect(consentsOf(refused(set, disk))).toEqual(nothing);
  expect(consentsOf(refused(set, { ...disk, consent: 'everything' }))).toEqual(nothing);
  expect(consentsOf(refused())).toEqual(nothing);
});

test('each consent comes to those before it, and data is lost by its own alone', () => {
  const first = agreedTo({}, 'replace', ['StatefulSet/team/db']);
  expect(first).toEqual({ replace: ['StatefulSet/team/db'] });
  expect(agreedTo(first, 'adopt', ['ConfigMap/team/c'])).toEqual({ ...first, adopt: ['ConfigMap/team/c'] });
  expect(agreedTo(first, 'replaceData', ['PersistentVolumeClaim/team/d'])).toEqual({
    replace: ['StatefulSet/team/db', 'PersistentVolumeClaim/team/d'],
    replaceData: true,
  });
});
