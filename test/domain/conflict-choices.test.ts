import { describe, expect, test } from 'vitest';
import {
  choiceFlag,
  choose,
  noConflictChoices,
  parseFieldChoice,
  withoutTaken,
  yieldedAfter,
  yieldedOf,
} from '../../src/domain/conflict-choices.ts';
import { withoutPath } from '../../src/domain/field-path.ts';
import { fitsPattern, fullName, parseObjectPattern, shortName } from '../../src/domain/object-pattern.ts';
import { plannedObject } from '../support/sample-plan.ts';

const web = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
const other = { ...web, namespace: 'else' };

describe('the object that a flag names', () => {
  test.each([
    ['Deployment/web', true],
    ['Deployment.apps/web', true],
    ['Deployment/shop/web', true],
    ['Deployment.apps/shop/web', true],
    ['Deployment.batch/web', false],
    ['Deployment/else/web', false],
    ['StatefulSet/web', false],
    ['Deployment/webs', false],
  ])('%s fits Deployment.apps/shop/web: %s', (text, fits) => {
    expect(fitsPattern(parseObjectPattern(text, '--take'), web)).toBe(fits);
  });

  test.each(['web', './web', 'deployment/web', 'Deployment/', 'Deployment/a/b/c', 'Deployment/a b', ''])(
    '%j names none',
    (text) => {
      expect(() => parseObjectPattern(text, '--take')).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );

  test('is shown as short as it is unambiguous', () => {
    expect(shortName(web, [web, { ...web, kind: 'Service' }])).toBe('Deployment/web');
    expect(shortName(web, [web, other])).toBe('Deployment.apps/shop/web');
    expect(fullName({ group: '', kind: 'Namespace', namespace: '', name: 'shop' })).toBe('Namespace/shop');
  });
});

describe('the field that a flag names (row 7)', () => {
  test.each([
    ['Deployment/web:.spec.replicas', 'web', '.spec.replicas'],
    ['Role/system:reader:.rules', 'system:reader', '.rules'],
    [
      'Deployment/web:.spec.template.spec.containers[name="web:.x"].image',
      'web',
      '.spec.template.spec.containers[name="web:.x"].image',
    ],
  ])('%s', (text, name, field) => {
    expect(parseFieldChoice(text, '--take')).toEqual({
      object: { kind: text.slice(0, text.indexOf('/')), name },
      field,
    });
  });

  test.each(['Deployment/web', 'Deployment/web:', 'Deployment/web:spec', 'Deployment/web:.', 'web:.spec'])(
    '%s names none',
    (text) => {
      expect(() => parseFieldChoice(text, '--yield')).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );

  test('can be pasted into a shell', () => {
    expect(choiceFlag('take', 'Deployment/web', '.spec.replicas')).toBe(
      '--take Deployment/web:.spec.replicas',
    );
    expect(choiceFlag('yield', 'Deployment/web', '.c[name="a\'b"]')).toBe(
      `--yield 'Deployment/web:.c[name="a'\\''b"]'`,
    );
  });
});

describe('what was chosen', () => {
  const conflicts = [
    { manager: 'a', field: '.spec.replicas' },
    { manager: 'b', field: '.spec.paused' },
    { manager: 'c', field: '.spec' },
  ];

  test('is exact: a field above or below is another one', () => {
    const choices = {
      take: [parseFieldChoice('Deployment/web:.spec.replicas', '--take')],
      yield: [parseFieldChoice('Deployment/shop/web:.spec.paused', '--yield')],
    };
    expect(choose(conflicts, web, choices).map(({ choice }) => choice)).toEqual(['take', 'yield', undefined]);
    expect(choose(conflicts, other, choices).map(({ choice }) => choice)).toEqual([
      'take',
      undefined,
      undefined,
    ]);
    expect(choose([{ manager: 'a', field: '.spec', choice: 'take' }], web, noConflictChoices)).toEqual([
      { manager: 'a', field: '.spec' },
    ]);
  });

  test('a yield is stored by the whole name, holds, and ends when it is taken', () => {
    const planned = plannedObject({
      ref: web,
      action: 'unchanged',
      conflicts: [
        { manager: 'b', field: '.spec.paused', choice: 'yield' },
        { manager: 'a', field: '.spec.replicas', choice: 'take' },
      ],
    });
    const stored = [{ object: 'ConfigMap/shop/c', field: '.data.a' }];
    const after = yieldedAfter(stored, [planned]);
    expect(after).toEqual([...stored, { object: 'Deployment.apps/shop/web', field: '.spec.paused' }]);
    expect(yieldedAfter(after, [planned])).toEqual(after);
    expect(yieldedOf(web, after)).toEqual(['.spec.paused']);
    expect(yieldedOf(other, after)).toEqual([]);
    expect(withoutTaken(after, [parseFieldChoice('Deployment/web:.spec.paused', '--take')])).toEqual(stored);
    expect(withoutTaken(after, [parseFieldChoice('Deployment/web:.spec', '--take')])).toEqual(after);
    expect(withoutTaken([{ object: 'nonsense', field: '.x' }], [])).toEqual([]);
  });
});

describe('an object without a field', () => {
  const object = {
    metadata: { labels: { 'app.kubernetes.io/name': 'x', app: 'y' } },
    spec: {
      containers: [
        { name: 'a', image: '1', args: ['p'] },
        { name: 'b', image: '2' },
      ],
      ports: [{ port: 80 }, { port: 80, protocol: 'UDP' }],
      set: ['one', 'two'],
    },
    data: { only: '1' },
  };

  test.each([
    [
      '.spec.containers[name="a"].image',
      {
        spec: {
          containers: [
            { name: 'a', args: ['p'] },
            { name: 'b', image: '2' },
          ],
        },
      },
    ],
    ['.metadata.labels.app.kubernetes.io/name', { metadata: { labels: { app: 'y' } } }],
    ['.spec.ports[port=80,protocol="TCP"]', { spec: { ports: [{ port: 80, protocol: 'UDP' }] } }],
    ['.spec.set[="one"]', { spec: { set: ['two'] } }],
  ])('%s', (path, expected) => {
    const before = structuredClone(object);
    expect(withoutPath(object, path)).toMatchObject(expected);
    expect(object).toEqual(before);
  });

  test('a map goes with its last field; what is not there changes nothing', () => {
    expect(withoutPath(object, '.data.only')).not.toHaveProperty('data');
    expect(withoutPath(object, '.data.other')).toBe(object);
    expect(withoutPath(object, '.spec.containers[name="z"].image')).toEqual(object);
    expect(withoutPath(object, '')).toBe(object);
  });
});
