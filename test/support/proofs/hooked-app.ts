import { configMap, type FixtureApp, type FixtureHook, job } from '../fixture-app.ts';

/** Two objects of a version, and a hook at every event of its life: one Job before and one after, and settings for both. */
export function hookedApp(version: 1 | 2): FixtureApp {
  return {
    version: `${version}.0.0`,
    objects: () => [
      configMap('one-config', { version: String(version) }),
      configMap(`one-only-${version}`, { version: String(version) }),
    ],
    hooks,
  };
}

const changes = ['install', 'upgrade', 'rollback'];
const before = changes.map((change) => `pre-${change}`);
const after = changes.map((change) => `post-${change}`);

/** With the delete policies that make a difference: none, which lets it lie for the next run, and at its end. */
const hooks: readonly FixtureHook[] = [
  { object: configMap('one-settings'), events: before, weight: -5 },
  { object: job('one-before'), events: before },
  { object: job('one-after'), events: after, deletePolicies: ['hook-succeeded'] },
  { object: job('one-leaves'), events: ['pre-delete'] },
  { object: job('one-left'), events: ['post-delete'], deletePolicies: ['hook-succeeded'] },
];

/** The Jobs that an operation runs. */
export const hookJobs = {
  install: ['one-after', 'one-before'],
  upgrade: ['one-after', 'one-before'],
  rollback: ['one-after', 'one-before'],
  remove: ['one-leaves', 'one-left'],
} as const;
