/** Takes a lock, says so, and holds it until it is killed: `node lock-holder.ts FOLDER NAME`. */
import { withLock } from '../../src/adapters/sandbox/lock.ts';

const [, , folder = '', name = ''] = process.argv;
const options = { signal: new AbortController().signal, onWait: () => undefined };
await withLock(folder, name, options, () => {
  process.stdout.write('held\n');
  return new Promise(() => setInterval(() => undefined, 1000));
});
