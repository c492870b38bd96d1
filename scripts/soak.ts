/**
 * `npm run soak [-- --seeds N --minutes N]`: the whole of what `npm test` runs a bounded part of, in a sandbox of its own: lives
 * with faults by chance, `kill -9` at every write of the real process, API servers that restart. Each part ends after the minutes
 * given. Prints figures; docs/reliability.md says what they mean.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '20' }, minutes: { type: 'string', default: '20' } },
});
const { APPSTORE_TEST_CLUSTER: _, ...environment } = process.env;
const env = { ...environment, APPSTORE_SOAK_SEEDS: values.seeds, APPSTORE_SOAK_MINUTES: values.minutes };

/** Runs a step with this Node; ends with its exit code where it fails. */
function run(script: string, ...args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

run('scripts/build.ts');
run('node_modules/vitest/vitest.mjs', 'run', '--project', 'soak', '--no-file-parallelism');
