import { describe, expect, test } from 'vitest';
import { plain } from '../../src/cli/views/color.ts';
import { hasChanges, planText } from '../../src/cli/views/plan.ts';
import { textWidth } from '../../src/cli/views/width.ts';
import { planOutput } from '../../src/outputs/plan.ts';
import { plannedObject, ref, samplePlan } from '../support/sample-plan.ts';

const style = { palette: plain, width: Number.POSITIVE_INFINITY, verbose: false };

const changes = ['image', 'replicas', 'port', 'args'].map((name) => ({
  path: `.spec.${name}`,
  before: 1,
  after: 2,
}));

const plan = samplePlan({
  objects: [
    plannedObject({ ref: ref('Secret', 'db'), action: 'create' }),
    plannedObject({ ref: ref('Deployment', 'web'), action: 'update', reason: 'the app changed', changes }),
    plannedObject({ ref: ref('ConfigMap', 'old'), action: 'delete', reason: 'left the app' }),
    plannedObject({ ref: ref('Service', 'db'), action: 'unchanged' }),
  ],
  grants: [{ by: 'ClusterRoleBinding/db', rights: 'get, list pods to ServiceAccount/demo/db' }],
  kept: [{ ref: ref('PersistentVolumeClaim', 'data-db-0'), reason: 'holds data' }],
  warnings: [{ message: 'the tag can move' }],
});

describe('a plan for people', () => {
  test('names what, where, and every change', () => {
    const text = planText(plan, style);
    expect(text).toContain('Upgrade db (postgres 1.1.0 -> 1.2.0)');
    expect(text).toContain('namespace demo of cluster prod (https://10.0.0.1)');
    expect(text).toContain('+ Secret/demo/db');
    expect(text).toContain('~ Deployment/demo/web  the app changed');
    expect(text).toContain('- ConfigMap/demo/old  left the app');
    expect(text).toContain('PersistentVolumeClaim/demo/data-db-0 stays  holds data');
    expect(text).toContain('ClusterRoleBinding/db: get, list pods');
    expect(text).toContain('the tag can move');
    expect(text).toContain('1 to create, 1 to change, 1 to delete, 1 unchanged.');
    expect(text).not.toContain('Service/demo/db');
    // No object is changed where hands change.
    expect(planText({ ...plan, operation: 'adopt' }, style)).toContain('1 to take over, 1 to delete');
    expect(planText({ ...plan, operation: 'return' }, style)).toContain('1 to give back, 1 to delete');
  });

  test('shows some fields, and all of them with -v', () => {
    expect(planText(plan, style)).toContain('and 1 more (-v shows all)');
    const verbose = planText(plan, { ...style, verbose: true });
    expect(verbose).toContain('.spec.args: 1 -> 2');
    expect(verbose).toContain('= Service/demo/db');
  });

  test('shows every field of what is made with -v, and no value of a Secret', () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db', labels: { app: 'db' } },
      data: { password: 'aHVudGVyMg==' },
    };
    const pods = { spec: { containers: [{ name: 'web', image: 'nginx:1', args: ['-p', '80'] }] } };
    const workload = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'demo' },
      spec: { replicas: 7, template: pods },
    };
    const made = samplePlan({
      objects: [
        plannedObject({ ref: ref('Secret', 'db'), action: 'create', desired: secret }),
        plannedObject({ ref: ref('Deployment', 'web'), action: 'create', desired: workload }),
      ],
    });
    const text = planText(made, { ...style, verbose: true });
    for (const line of [
      '.metadata.labels.app: db',
      '.data.password: ********',
      '.spec.replicas: 7',
      '.spec.template.spec.containers[name="web"].image: nginx:1',
      '.spec.template.spec.containers[name="web"].args: ["-p","80"]',
    ])
      expect(text).toContain(`      ${line}\n`);
    expect(text).not.toContain('aHVudGVyMg');
    expect(planText(made, style)).not.toContain('.spec.replicas');
  });

  test('conflicts name field, manager and both values', () => {
    const conflicts = [{ manager: 'kubectl-edit', field: '.spec.replicas', ours: 1, theirs: 5 }];
    const text = planText(
      samplePlan({
        objects: [plannedObject({ ref: ref('Deployment', 'web'), action: 'conflict', conflicts })],
      }),
      style,
    );
    expect(text).toContain('.spec.replicas is held by kubectl-edit: ours 1, theirs 5');
  });

  test('many objects of a kind are one line that fits the terminal', () => {
    const objects = Array.from({ length: 100 }, (_, index) =>
      plannedObject({ ref: ref('ConfigMap', `settings-${index}`), action: 'create' }),
    );
    const text = planText(samplePlan({ objects }), { ...style, width: 60 });
    expect(text).toContain('+ ConfigMap/demo: 100 objects');
    expect(text.split('\n').length).toBeLessThan(12);
    const line = text.split('\n').find((each) => each.includes('100 objects')) ?? '';
    expect(textWidth(line)).toBeLessThanOrEqual(60);
    expect(line).toMatch(/settings-0, .*…$/);
  });

  test('what is agreed to is never cut: the cluster, the fields, the values', () => {
    const server = `https://${'a'.repeat(60)}.example.com:6443`;
    const path = `.spec.template.metadata.annotations.${'b'.repeat(60)}`;
    const changes = [{ path, before: 'c'.repeat(60), after: 'd'.repeat(60) }];
    const objects = [plannedObject({ ref: ref('Deployment', 'web'), action: 'update', changes })];
    const plan = samplePlan({ objects });
    const text = planText({ ...plan, target: { ...plan.target, server } }, { ...style, width: 40 });
    for (const whole of [server, `${path}: ${'c'.repeat(60)} -> ${'d'.repeat(60)}`])
      expect(text).toContain(whole);
  });

  test('text from the cluster cannot move the cursor', () => {
    const objects = [
      plannedObject({ ref: ref('Deployment', 'web'), action: 'update', reason: '\u001b[2K\u001b[1Ahidden' }),
    ];
    expect(planText(samplePlan({ objects }), style)).not.toMatch(/\u001b/);
  });
});

test('as data it holds no object, which would hold secrets', () => {
  const desired = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'db' },
    data: { password: 'aHVudGVyMg==' },
  };
  const objects = [plannedObject({ ref: ref('Secret', 'db'), action: 'create', desired })];
  expect(JSON.stringify(planOutput(samplePlan({ objects })))).not.toContain('aHVudGVyMg');
});

test.each([
  ['create', true],
  ['update', true],
  ['replace', true],
  ['delete', true],
  ['conflict', true],
  ['unchanged', false],
  ['keep', false],
] as const)('%s is a change: %s', (action, expected) => {
  expect(hasChanges(samplePlan({ objects: [plannedObject({ ref: ref('Secret', 'db'), action })] }))).toBe(
    expected,
  );
});
