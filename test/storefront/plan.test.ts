import { describe, expect, test } from 'vitest';
import { planOutput } from '../../src/outputs/plan.ts';
import { en } from '../../src/storefront/i18n/en.ts';
import { nl } from '../../src/storefront/i18n/nl.ts';
import { conflictsOf, type Decisions, isUndecided } from '../../src/storefront/plan/decisions.ts';
import { tellPlan, writes } from '../../src/storefront/plan/story.ts';
import { plannedObject, ref, samplePlan } from '../support/sample-plan.ts';

const told = (plan: ReturnType<typeof samplePlan>, t = en) =>
  tellPlan(planOutput(plan), t).map(({ tone, text, more }) => [tone, text, ...more]);

describe('a plan in words', () => {
  test('of an install', () => {
    const { previous: _, ...first } = samplePlan({ operation: 'install', createNamespace: true });
    const objects = [
      ref('StatefulSet', 'db'),
      ref('Service', 'db'),
      ref('Service', 'db-headless'),
      ref('Secret', 'db-auth'),
      ref('ConfigMap', 'db-init'),
      ref('Widget', 'x'),
    ].map((one) => plannedObject({ ref: one, action: 'create' }));
    const plan = { ...first, objects, grants: [{ by: 'ClusterRole/db', rights: 'get nodes' }] };
    expect(told(plan)).toEqual([
      ['add', 'The space demo is made first.'],
      [
        'add',
        'Makes 1 program that runs, 2 addresses inside the cluster, 1 set of settings, 1 set of passwords or keys, and 1 other part.',
      ],
      ['warn', en.plan.rights, 'ClusterRole/db: get nodes'],
    ]);
    expect(told(plan, nl)[0]).toEqual(['add', 'Eerst wordt de ruimte demo gemaakt.']);
    expect(told(plan, nl)[1]?.[1]).toMatch(/^Maakt 1 programma dat draait, 2 adressen binnen het cluster/);
  });

  test('of a change that is recorded alone', () => {
    const objects = [plannedObject({ ref: ref('Service', 'db'), action: 'unchanged' })];
    const plan = samplePlan({ objects, records: 'package' });
    expect(writes(planOutput(plan))).toBe(true);
    expect(told(plan)).toEqual([
      ['change', 'From version 1.1.0 to 1.2.0.'],
      ['info', en.plan.recorded],
    ]);
    expect(writes(planOutput(samplePlan({ objects })))).toBe(false);
  });

  test('of an upgrade: what starts anew and what does not', () => {
    const image = '.spec.template.spec.containers[name="db"].image';
    const objects = [
      plannedObject({
        ref: ref('StatefulSet', 'db'),
        action: 'update',
        changes: [{ path: image, before: 'db:1', after: 'db:2' }],
      }),
      plannedObject({
        ref: ref('Deployment', 'web'),
        action: 'update',
        changes: [{ path: '.spec.replicas', before: 1, after: 3 }],
      }),
      plannedObject({
        ref: ref('ConfigMap', 'db'),
        action: 'update',
        changes: [{ path: '.data.a', after: 'b' }],
      }),
      plannedObject({ ref: ref('Job', 'old'), action: 'delete', reason: 'no longer part of the app' }),
      plannedObject({ ref: ref('Service', 'db'), action: 'unchanged' }),
    ];
    expect(told(samplePlan({ objects }))).toEqual([
      ['change', 'From version 1.1.0 to 1.2.0.'],
      ['change', 'db is changed and starts anew. It may be away for a moment.', 'Image: db:1 → db:2'],
      ['change', 'web is changed without a restart.', 'Copies: 1 → 3'],
      ['change', 'Changes 1 set of settings.'],
      [
        'take',
        'No longer part of it, so it goes: 1 task that runs once.',
        'Task old: no longer part of the app',
      ],
    ]);
  });

  test('of an install where another one was: what the server warns of is a sentence, in the language of the page', () => {
    const warnings = [
      {
        message:
          '2 generated credentials of an earlier installation of this name were found and are used again',
      },
    ];
    const plan = samplePlan({ operation: 'install', objects: [], warnings });
    expect(told(plan).at(-1)).toEqual(['warn', warnings[0]?.message]);
    expect(told(plan, nl).at(-1)?.[1]).toMatch(/^Van een eerdere app met deze naam .* \(2\) gevonden/);
    const cut = 'the upgrade to revision 3 was not finished; this takes its place';
    const again = samplePlan({ objects: [], warnings: [{ message: cut }] });
    expect(told(again).at(-1)?.[1]).toBe('The upgrade to revision 3 was not finished; this takes its place');
    expect(told(again, nl).at(-1)?.[1]).toMatch(/^Wat begonnen was \(upgrade, revisie 3\)/);
  });

  test('of a removal: what stays, and data apart from the rest', () => {
    const objects = [
      plannedObject({ ref: ref('StatefulSet', 'db'), action: 'delete', reason: 'the app is removed' }),
      plannedObject({
        ref: ref('PersistentVolumeClaim', 'data-db-0'),
        action: 'delete',
        reason: 'its data is purged',
      }),
    ];
    const kept = [{ ref: ref('Namespace', 'demo', ''), reason: 'others are in it' }];
    expect(told(samplePlan({ operation: 'remove', objects, kept }))).toEqual([
      ['take', 'Goes for good: 1 program that runs.'],
      [
        'take',
        'Its data is deleted for good, and cannot be had back: 1 disk.',
        'Disk data-db-0: its data is purged',
      ],
      ['keep', '1 thing stays as it is:', 'Space demo: others are in it'],
    ]);
  });

  test('with the reasons of the server in the language of the page', () => {
    const kept = [
      { ref: ref('PersistentVolumeClaim', 'data-db-0'), reason: 'it holds data' },
      { ref: ref('Namespace', 'demo', ''), reason: 'it was made by the install of db' },
      { ref: ref('Widget', 'x'), reason: 'nobody has translated this' },
    ];
    const plan = samplePlan({ operation: 'remove', objects: [], kept });
    expect(told(plan, nl)).toEqual([
      [
        'keep',
        '3 dingen blijven zoals ze zijn:',
        'Schijf data-db-0: er staan gegevens op',
        'Ruimte demo: gemaakt bij het installeren van db',
        'Widget/x: nobody has translated this',
      ],
    ]);
    expect(told(plan)[0]?.slice(2)).toContain('Space demo: it was made by the install of db');
  });

  test('of a rollback, with what somebody else holds', () => {
    const objects = [
      plannedObject({
        ref: ref('Deployment', 'web'),
        action: 'conflict',
        conflicts: [{ manager: 'hpa', field: '.spec.replicas', ours: 1, theirs: 3 }],
      }),
    ];
    const beyond = [{ ref: ref('ClusterRole', 'web', ''), reason: 'RBAC' }];
    expect(told(samplePlan({ operation: 'rollback', restores: 1, objects, beyond }))).toEqual([
      ['change', 'Goes back to how it was at revision 1 (version 1.2.0).'],
      ['warn', en.plan.beyond('demo'), 'ClusterRole/web: RBAC'],
      ['warn', '1 part was changed by somebody else. Decide below whose value counts.', 'Program web'],
    ]);
  });

  test('what somebody else holds can be chosen anew until the write; what was left to them long ago is no question', () => {
    const planOf = (choice?: 'take') => {
      const open = { manager: 'hpa', field: '.spec.replicas', ours: 1, theirs: 3 };
      const conflicts = [
        choice === undefined ? open : { ...open, choice },
        { manager: 'kubectl', field: '.spec.paused', ours: false, choice: 'yield' as const },
      ];
      return planOutput(
        samplePlan({
          objects: [plannedObject({ ref: ref('Deployment', 'web'), action: 'conflict', conflicts })],
        }),
      );
    };
    const asked = (plan: ReturnType<typeof planOf>, decisions: Decisions) =>
      conflictsOf(plan, decisions).map(({ key }) => key);
    const [key = ''] = asked(planOf(), {});
    expect(key).toBe('Deployment/web:.spec.replicas');
    expect(isUndecided(planOf(), {})).toBe(true);
    expect(asked(planOf('take'), { [key]: 'take' })).toEqual([key]);
    expect(isUndecided(planOf('take'), { [key]: 'take' })).toBe(false);
  });

  test('that changes nothing writes nothing', () => {
    const objects = [plannedObject({ ref: ref('Service', 'db'), action: 'unchanged' })];
    expect(writes(planOutput(samplePlan({ objects })))).toBe(false);
    expect(writes(planOutput(samplePlan({ createNamespace: true })))).toBe(true);
  });
});
