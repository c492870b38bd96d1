import { describe, expect, test } from 'vitest';
import { fitsLock, parseChartLock } from '../../src/domain/chart-lock.ts';
import { parseChartYaml } from '../../src/domain/chart-yaml.ts';

/** Digests that `helm dependency update` 4.3.1 wrote for these very files; the last is Helm 2's own, over the dependencies alone. */
const app = `apiVersion: v2
name: app
version: 1.0.0
dependencies:
- name: db
  version: ">=1.0.0 <2"
  repository: file://../db
  condition: db.enabled
  alias: store
  tags: [a, b]
  import-values:
  - data
  - child: z.x
    parent: a&b
- name: db
  version: ^1
  repository: file://../db
`;
const lockOf = (count: number, digest: string) =>
  parseChartLock(
    `dependencies:\n${'- {name: db, repository: "file://../db", version: 1.4.0}\n'.repeat(count)}digest: sha256:${digest}\ngenerated: "2026-11-26T12:29:02Z"\n`,
    'Chart.lock',
  );
const appLock = lockOf(2, '27da646f89d9835d18a94da726c4be77a8890cc56cabcd0339231658053a11eb');
const old = parseChartYaml(
  'name: old\nversion: 1.0.0\n',
  'old',
  'dependencies:\n- {name: db, version: ^1.0.0, repository: "file://../db"}\n',
);

describe('the lock of a chart', () => {
  test('of Helm 4 fits the dependencies that it was made from', () => {
    expect(fitsLock(parseChartYaml(app, 'app').dependencies, appLock, 'v2')).toBe(true);
    expect(appLock.dependencies.map(({ name, version }) => [name, version])).toEqual([
      ['db', '1.4.0'],
      ['db', '1.4.0'],
    ]);
  });

  test.each([
    ['another range', ['<2', '<3']],
    ['another alias', ['alias: store', 'alias: stores']],
    ['no condition', ['  condition: db.enabled\n', '']],
    ['another value that is imported', ['a&b', 'a&c']],
    ['another repository', ['../db\n  condition', '../evil\n  condition']],
  ])('does not fit %s', (_what, [from = '', to = '']) => {
    expect(fitsLock(parseChartYaml(app.replace(from, to), 'app').dependencies, appLock, 'v2')).toBe(false);
  });

  test('of apiVersion v1 has either digest', () => {
    const helm4 = lockOf(1, '0e3ae731985928be9421d54e1220d4852f1a1466cc28fa3c14c12c686dbdae13');
    const helm2 = lockOf(1, '0c3d5d18729833865f475b1c4c7f06ee91eaafb914e3d6bce902da9f1598a733');
    expect([fitsLock(old.dependencies, helm4, 'v1'), fitsLock(old.dependencies, helm2, 'v1')]).toEqual([
      true,
      true,
    ]);
    expect(fitsLock(old.dependencies, helm2, 'v2')).toBe(false);
  });
});
