import { defineConfig } from 'vitest/config';

/** A bound against hanging, far above what any test takes: a busy machine must not fail a test. */
const patience = { testTimeout: 180_000, hookTimeout: 240_000 };

/** Needs no cluster, no build and no set-up: runs on every supported Node. */
const pure = {
  name: 'pure',
  ...patience,
  include: [
    'test/*.test.ts',
    'test/{domain,services,adapters,scripts,catalog,charts,docs,completion,terminal,server,storefront}/**/*.test.ts',
  ],
};

/** Runs against one sandbox that is started for the whole run (test/cluster/global-setup.ts). */
const cluster = {
  name: 'cluster',
  include: ['test/{contract,cli,cluster,browser}/**/*.test.ts'],
  globalSetup: ['test/cluster/global-setup.ts'],
  setupFiles: ['test/cluster/environment.ts'],
  ...patience,
};

/** Long proofs on a sandbox of their own: `npm run soak`. */
const soak = { ...cluster, name: 'soak', include: ['test/soak/**/*.test.ts'] };

export default defineConfig({
  test: {
    // The first line of a failure is all that a run that nobody saw leaves behind: it has to hold what was found.
    chaiConfig: { truncateThreshold: 1_000 },
    projects: [
      { extends: true, test: pure },
      { extends: true, test: cluster },
      { extends: true, test: soak },
    ],
  },
});
