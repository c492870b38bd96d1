import type { FlagSpec } from './flag.ts';

const deciding = 'What others hold:';
const saved = 'Saved plans:';

/** Flags that decide what a plan leaves open, for everything that applies objects. */
export const choiceFlags: readonly FlagSpec[] = [
  {
    flags: '--take <field>',
    description: 'set a field that another manager holds: Kind/name:.path.to.field (repeatable)',
    group: deciding,
    repeat: true,
  },
  {
    flags: '--yield <field>',
    description:
      'leave a field to the manager that holds it, for good: Kind/name:.path.to.field (repeatable)',
    group: deciding,
    repeat: true,
  },
  {
    flags: '--adopt [object]',
    description:
      'make an object that exists already part of the app: Kind/name; all that have no owner where none is named (repeatable)',
    group: deciding,
    repeat: true,
    unnamed: '*',
  },
  {
    flags: '--replace <object>',
    description: 'delete an object and make it anew where it cannot be changed: Kind/name (repeatable)',
    group: deciding,
    repeat: true,
  },
  {
    flags: '--replace-data',
    description: 'let --replace delete volume claims too, with the data on them',
    group: deciding,
  },
];

/** Flags that carry out a plan that was saved. */
export const savedPlanFlags: readonly FlagSpec[] = [
  {
    flags: '--plan <file>',
    description: 'carry out a saved plan, as it was planned; of values only its secrets are given again',
    group: saved,
    complete: 'files',
  },
  {
    flags: '--approved-by <file>',
    description: 'with --plan: public key of which one has to have approved it (repeatable)',
    group: saved,
    repeat: true,
    complete: 'files',
  },
];

/** Flags that save a plan or show a saved one. */
export const planFileFlags: readonly FlagSpec[] = [
  {
    flags: '--out <file>',
    description: 'save the plan, without secrets',
    group: saved,
    complete: 'files',
  },
  {
    flags: '--require-approval',
    description: 'with --out: it may only be carried out when somebody has approved it',
    group: saved,
  },
  { flags: '--show <file>', description: 'show a saved plan', group: saved, complete: 'files' },
];
