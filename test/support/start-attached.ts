/** Starts an attached sandbox, says so, and lives until it is killed: `node start-attached.ts SANDBOXES_FOLDER NAME`. */
import { startSandbox } from '../../src/adapters/sandbox/start.ts';
import { defaultCache, sandboxAssets, supervisorEntry } from './sandbox-parts.ts';

const [, , sandboxes = '', name = '', cache = defaultCache()] = process.argv;
await startSandbox({
  name,
  folders: { cache, sandboxes },
  assets: sandboxAssets,
  supervisor: supervisorEntry,
  environment: process.env,
  mode: 'attached',
  emit: () => undefined,
  signal: new AbortController().signal,
});
process.stdout.write('started\n');
setInterval(() => undefined, 1000);
